"""Writes the BI file: the marts of a candidate as tables, and nothing else."""

from __future__ import annotations

from pathlib import Path

from warehouse.build.connection import open_for_writing
from warehouse.errors import WarehouseError

SCHEMA = "marts"


def write_marts_file(candidate: Path, target: Path) -> dict[str, int]:
    """Copy every mart of a candidate into a new file; return the rows of each mart.

    The tables are in the file's default schema. DuckDB names a file's catalog by its stem, so `fct_decisions` and
    `marts.fct_decisions` both work in `marts.duckdb`; a schema `marts` in it would make the second name ambiguous.
    Both files are left closed, without a write-ahead log. Raises `WarehouseError` for a candidate without marts.
    """
    target.unlink(missing_ok=True)
    with open_for_writing(candidate) as connection:
        connection.execute("CHECKPOINT")
        marts = [
            str(row[0])
            for row in connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name",
                [SCHEMA],
            ).fetchall()
        ]
        if not marts:
            raise WarehouseError(f"{candidate} has no marts, as dbt has not built them. Run the step transform first.")
        connection.execute(f"ATTACH '{str(target).replace(chr(39), chr(39) * 2)}' AS bi")
        rows = {}
        for mart in marts:
            connection.execute(f'CREATE TABLE bi."{mart}" AS FROM {SCHEMA}."{mart}"')
            counted = connection.execute(f'SELECT count(*) FROM bi."{mart}"').fetchone()  # noqa: S608 - names of tables
            rows[mart] = int(counted[0]) if counted else 0
        connection.execute("DETACH bi")
    for file in (candidate, target):
        if file.with_name(f"{file.name}.wal").exists():
            raise WarehouseError(f"{file} has an unfinished write-ahead log: another process has it open")
    return rows
