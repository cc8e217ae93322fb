"""A mart of the published version as a file, for a spreadsheet or another program."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError

COPY_OPTIONS = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet, COMPRESSION zstd"}
"""How DuckDB writes a file of each suffix."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula and runs it when the file is opened."""


def harmless(value: object) -> object:
    """Return a cell for a spreadsheet: a text that begins as a formula does with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def export(marts_file: Path, mart: str, out: Path) -> int:
    """Write a mart to a file in the format that its suffix names; return the rows.

    In a CSV, a text that a spreadsheet would run as a formula gets an apostrophe before it: letters word these texts.
    Parquet holds them as they are. The file is written beside its place and then moved there, so that a failed export
    leaves what was there.
    Raises `WarehouseError` for another suffix, an unknown mart, or a place that cannot be written.
    """
    options = COPY_OPTIONS.get(out.suffix.lower())
    if options is None:
        raise WarehouseError(f"{out}: a mart is exported as one of {', '.join(COPY_OPTIONS)}")
    if not out.parent.is_dir():
        raise WarehouseError(f"{out}: there is no folder {out.parent}")
    with duckdb.connect(str(marts_file), read_only=True) as connection:
        marts = [
            str(name)
            for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        ]
        if mart not in marts:
            raise WarehouseError(f"no mart {mart!r}; there are {', '.join(marts)}")
        unfinished = out.with_name(f".{out.name}.{os.getpid()}")
        try:
            target = str(unfinished).replace("'", "''")
            columns = f"* {_harmless(connection, mart)}" if "csv" in options else "*"
            written = connection.execute(
                f"COPY (SELECT {columns} FROM \"{mart}\" ORDER BY ALL) TO '{target}' ({options})"  # noqa: S608 - a mart that is there
            ).fetchone()
            unfinished.replace(out)
        except (duckdb.Error, OSError) as error:
            raise WarehouseError(f"{out}: {error}") from error
        finally:
            unfinished.unlink(missing_ok=True)
    return int(written[0]) if written else 0


def _harmless(connection: duckdb.DuckDBPyConnection, mart: str) -> str:
    """Return the clause that writes an apostrophe before texts that begin as formulas do."""
    texts = connection.execute(
        f"SELECT column_name FROM duckdb_columns() WHERE table_name = '{mart}' AND data_type = 'VARCHAR'"  # noqa: S608 - a mart that is there
    ).fetchall()
    starts = ", ".join(f"chr({ord(start)})" for start in FORMULA_STARTS)
    changed = [
        f'CASE WHEN left("{n}", 1) IN ({starts}) THEN chr(39) || "{n}" ELSE "{n}" END AS "{n}"' for (n,) in texts
    ]
    return f"REPLACE ({', '.join(changed)})" if changed else ""
