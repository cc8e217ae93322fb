"""A mart of the published version as a file, for a spreadsheet or another program."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError

COPY_OPTIONS = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet, COMPRESSION zstd"}
"""How DuckDB writes a file of each suffix."""


def export(marts_file: Path, mart: str, out: Path) -> int:
    """Write a mart to a file in the format that its suffix names; return the rows.

    The file is written beside its place and then moved there, so that a failed export leaves what was there.
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
            written = connection.execute(f"COPY (FROM \"{mart}\" ORDER BY ALL) TO '{target}' ({options})").fetchone()
            unfinished.replace(out)
        except (duckdb.Error, OSError) as error:
            raise WarehouseError(f"{out}: {error}") from error
        finally:
            unfinished.unlink(missing_ok=True)
    return int(written[0]) if written else 0
