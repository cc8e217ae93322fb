"""Exports a mart of the published version to a CSV or Parquet file."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError

COPY_OPTIONS = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet, COMPRESSION zstd"}
"""Options of DuckDB's COPY by suffix of the file."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run a text that begins with one of these as a formula."""


def escape_formula(value: object) -> object:
    """Return a cell for a spreadsheet: a text that begins like a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def export(marts_file: Path, mart: str, out: Path) -> int:
    """Write a mart to a file in the format of its suffix; return the number of rows.

    CSV escapes texts that a spreadsheet would run as a formula; Parquet keeps them. A failed export leaves an
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
        columns = f"* {_escape_columns(connection, mart)}" if "csv" in options else "*"
        try:
            written = connection.execute(
                f"COPY (SELECT {columns} FROM \"{mart}\" ORDER BY ALL) TO '{target}' ({options})"  # noqa: S608 - an existing mart
            ).fetchone()
            unfinished.replace(out)
        except (duckdb.Error, OSError) as error:
            raise WarehouseError(f"{out}: {error}") from error
        finally:
            unfinished.unlink(missing_ok=True)
    return int(written[0]) if written else 0


def _escape_columns(connection: duckdb.DuckDBPyConnection, mart: str) -> str:
    """Return the REPLACE clause that escapes formulas in text columns."""
    texts = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = ? AND data_type = 'VARCHAR'", [mart]
    ).fetchall()
    starts = ", ".join(f"chr({ord(start)})" for start in FORMULA_STARTS)
    replaced = [
        f'CASE WHEN left("{n}", 1) IN ({starts}) THEN chr(39) || "{n}" ELSE "{n}" END AS "{n}"' for (n,) in texts
    ]
    return f"REPLACE ({', '.join(replaced)})" if replaced else ""
