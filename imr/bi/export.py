"""Exports a mart of the published version to a CSV or Parquet file."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError

COPY_OPTIONS = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet, COMPRESSION zstd"}
"""Options of DuckDB's COPY by suffix of the file."""

BYTE_ORDER_MARK = "\ufeff"

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run a text that begins with one of these as a formula."""


def escape_formula(value: object) -> object:
    """Return a cell for a spreadsheet: a text that begins like a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def export(marts_file: Path, mart: str, out: Path) -> int:
    """Write a mart to a file in the format of its suffix; return the number of rows.

    CSV escapes texts that a spreadsheet would run as a formula; Parquet keeps them. CSV with text beyond ASCII begins
    with a byte order mark, without which Excel takes it for another encoding. A failed export leaves an
    existing file as it was. Raises `WarehouseError` for another suffix, an unknown mart, or a file that cannot be
    written.
    """
    options = COPY_OPTIONS.get(out.suffix.lower())
    if options is None:
        raise WarehouseError(f"{out}: the suffix must be one of {', '.join(COPY_OPTIONS)}")
    if not out.parent.is_dir():
        raise WarehouseError(f"{out}: there is no folder {out.parent}")
    with duckdb.connect(str(marts_file), read_only=True) as connection:
        tables = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        marts = [str(name) for (name,) in tables]
        if mart not in marts:
            raise WarehouseError(f"no mart {mart!r}; there are {', '.join(marts)}")
        unfinished = out.with_name(f".{out.name}.{os.getpid()}")
        target = str(unfinished).replace("'", "''")
        columns = _select_for_spreadsheet(connection, mart) if "csv" in options else "*"
        rows = f'SELECT {columns} FROM (FROM "{mart}" ORDER BY ALL)'  # noqa: S608 - an existing mart
        try:
            written = connection.execute(f"COPY ({rows}) TO '{target}' ({options})").fetchone()
            unfinished.replace(out)
        except (duckdb.Error, OSError) as error:
            raise WarehouseError(f"{out}: {error}") from error
        finally:
            unfinished.unlink(missing_ok=True)
    return int(written[0]) if written else 0


def _select_for_spreadsheet(connection: duckdb.DuckDBPyConnection, mart: str) -> str:
    """Return the columns of a mart, formulas in texts escaped; a byte order mark before the first name if needed."""
    columns = connection.execute(
        "SELECT column_name, data_type = 'VARCHAR' FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
        [mart],
    ).fetchall()
    starts = ", ".join(f"chr({ord(start)})" for start in FORMULA_STARTS)
    selected = [
        f'CASE WHEN left("{name}", 1) IN ({starts}) THEN chr(39) ELSE \'\' END || "{name}"' if is_text else f'"{name}"'
        for name, is_text in columns
    ]
    beyond_ascii = " OR ".join([f'strlen("{name}") > length("{name}")' for name, is_text in columns if is_text])
    found = beyond_ascii and connection.execute(f'FROM "{mart}" WHERE {beyond_ascii} LIMIT 1').fetchone()
    names = [f'"{BYTE_ORDER_MARK if found and n == 0 else ""}{name}"' for n, (name, _) in enumerate(columns)]
    return ", ".join(f"{value} AS {name}" for value, name in zip(selected, names, strict=True))
