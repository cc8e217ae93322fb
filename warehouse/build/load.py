"""Writes the rows of a load, with the ledger, as the raw part of a candidate."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import duckdb

from warehouse.runs.run import Run
from warehouse.runs.run_files import open_dataset
from warehouse.runs.schema import LETTER_TABLES, LOAD_NUMBER, SCHEMAS, WAITING, WITHDRAWN
from warehouse.versions.contents import Contents
from warehouse.versions.raw_views import quote, scan_parts

ROW_GROUP = 16_384
"""Rows that are compressed together, so that the texts of a few letters are read without those of a whole load."""

_LOADED_MEANWHILE = """
CREATE TEMP TABLE loaded_meanwhile AS
SELECT DISTINCT sha256
FROM run_files AS read
SEMI JOIN loaded_files AS loaded
    ON read.sha256 = loaded.sha256 AND read.parser_version = loaded.parser_version AND loaded.status <> 'duplicate'
WHERE read.status <> 'duplicate' AND NOT ?
"""
_FILES = """
SELECT * FROM run_files
WHERE sha256 NOT IN (FROM loaded_meanwhile) AND sha256 NOT IN (SELECT unnest(?::VARCHAR[]))
UNION ALL
SELECT * REPLACE ('duplicate' AS status, NULL AS reason, NULL AS field, NULL AS detail, NULL AS page)
FROM run_files
ANTI JOIN loaded_files USING (sha256, parser_version, source_path)
WHERE sha256 IN (FROM loaded_meanwhile)
"""


def load_run(run: Run, base: Contents, load_number: int) -> dict[str, int]:
    """Write a run's files as the raw part of its candidate; return the rows of each table.

    The part holds the load's own rows. Its letters replace their earlier readings, the letters that a reparse withdraws
    have no rows any more, and those that it keeps get no ledger row. Files that another load has brought since this
    run's scan are duplicates. Starts anew on each call, so that a load can be retried after any failure.
    """
    shutil.rmtree(run.candidate, ignore_errors=True)
    run.part.mkdir(parents=True)
    number, now = f"{load_number}::BIGINT AS {LOAD_NUMBER}", f"TIMESTAMP '{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}'"
    counts = {}
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TEMP VIEW loaded_files AS FROM {scan_parts('files', base.parts)}")
        for table in SCHEMAS:
            connection.register(f"run_{table}", open_dataset(run, table))
        is_reparse = run.comparison.exists()
        connection.execute(_LOADED_MEANWHILE, [is_reparse])
        connection.execute(f"CREATE TEMP VIEW new_files AS {_FILES}".replace("?", _quote_all(run.kept())))
        for table in SCHEMAS:
            rows = f"run_{table}"
            if table == "files":
                rows = "new_files"
            elif table in LETTER_TABLES:
                rows = f"(FROM run_{table} WHERE letter_id NOT IN (FROM loaded_meanwhile))"
            rows = f"SELECT *, {number}, {now} AS loaded_at FROM {rows}"  # noqa: S608 - names of the schema
            counts[table] = write_part_table(connection, run, table, rows)
        withdrawn = f"SELECT unnest({_quote_all(run.withdrawn())}::VARCHAR[]) AS letter_id, {number}"
        write_part_table(connection, run, WITHDRAWN, withdrawn)
        if run.waiting.exists():
            write_part_table(connection, run, WAITING, f"FROM read_parquet({quote(run.waiting)})")
    return counts


def _quote_all(hashes: list[str]) -> str:
    return "[" + ", ".join(f"'{sha256}'" for sha256 in hashes) + "]"


def write_part_table(connection: duckdb.DuckDBPyConnection, run: Run, table: str, query: str) -> int:
    """Write the rows of a query as a table of the run's raw part; return how many."""
    target = quote(run.part / f"{table}.parquet")
    rows = connection.execute(
        f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
    )
    found = rows.fetchone()
    return int(found[0]) if found else 0
