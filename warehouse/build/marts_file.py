"""Writes the BI file: the marts of a candidate as plain tables, and nothing else."""

from __future__ import annotations

from pathlib import Path

from warehouse.build.connection import open_for_writing
from warehouse.errors import WarehouseError

SCHEMA = "marts"


def write_marts_file(candidate: Path, target: Path) -> dict[str, int]:
    """Copy every mart of a candidate into a new file; return the rows of each, by name.

    The tables are in the default schema. DuckDB names a file's catalog by its stem, so both `fct_decisions` and
    `marts.fct_decisions` work, the latter also in the whole warehouse. (A schema `marts` in a file `marts` would make
    the name ambiguous.) Both files are closed afterwards, without a write-ahead log. Raises `WarehouseError` if the
    candidate has no marts.
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
            raise WarehouseError(f"{candidate}: no marts. Clear `transform`, which builds them.")
        connection.execute(f"ATTACH '{str(target).replace(chr(39), chr(39) * 2)}' AS bi")
        rows = {}
        for mart in marts:
            connection.execute(f'CREATE TABLE bi."{mart}" AS FROM {SCHEMA}."{mart}"')
            counted = connection.execute(f'SELECT count(*) FROM bi."{mart}"').fetchone()  # noqa: S608 - a table's own name
            rows[mart] = int(counted[0]) if counted else 0
        connection.execute("DETACH bi")
    for file in (candidate, target):
        if file.with_name(f"{file.name}.wal").exists():
            raise WarehouseError(
                f"{file}: unfinished write-ahead log. Another process has it open; close it there and clear this task."
            )
    return rows
