"""Changes published raw rows, as no load does."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.versions.base import Version


def find_part_file(version: Version, table: str) -> Path:
    """Return the file of a table in the version's first part; it can be written now."""
    file = version.contents.parts[0] / f"{table}.parquet"
    file.chmod(0o600)
    return file


def change_raw_rows(version: Version, table: str, query: str) -> None:
    """Replace a table of the version's first part by the rows of a query on `rows`, those that it has now."""
    file = find_part_file(version, table)
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE rows AS FROM '{file}'")
        connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")
