"""The candidate's BI file: a copy of the published one that dbt changes, or a new one."""

from __future__ import annotations

from pathlib import Path

from warehouse.build.connection import open_database, remove_database
from warehouse.errors import WarehouseError
from warehouse.files import copy_file
from warehouse.versions.contents import list_marts
from warehouse.versions.raw_views import quote

SNAPSHOTS = "snapshots"
"""Schema of the tables that cannot be built anew from raw rows."""


def start_marts_file(target: Path, base: Path | None, *, from_scratch: bool) -> None:
    """Make a candidate's BI file: a copy of the base's, or, from scratch, a new file with its snapshots alone.

    On a file system with reflinks the copy shares its blocks with the base.
    """
    remove_database(target)
    if base is None:
        return
    if not from_scratch:
        copy_file(base, target)
        return
    with open_database(target) as connection:
        connection.execute(f"ATTACH {quote(base)} AS base (READ_ONLY)")
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'base' AND schema_name = ?", [SNAPSHOTS]
        ).fetchall()
        connection.execute(f"CREATE SCHEMA {SNAPSHOTS}")
        for (table,) in tables:
            connection.execute(f'CREATE TABLE {SNAPSHOTS}."{table}" AS FROM base.{SNAPSHOTS}."{table}"')


def count_mart_rows(file: Path) -> dict[str, int]:
    """Return the rows of each mart of a closed BI file, by name.

    Raises `WarehouseError` if it has no marts, or if a process has it open for writing.
    """
    if file.with_name(f"{file.name}.wal").exists():
        raise WarehouseError(
            f"{file}: unfinished write-ahead log of another process. Close the file there and clear `transform`, which "
            "builds it again."
        )
    with open_database(file, read_only=True) as connection:
        rows = {}
        for mart in list_marts(connection, file.stem):
            counted = connection.execute(f'SELECT count(*) FROM "{mart}"').fetchone()  # noqa: S608 - a table's own name
            rows[mart] = int(counted[0]) if counted else 0
    if not rows:
        raise WarehouseError(f"{file}: no marts. Clear `transform`, which builds them.")
    return rows
