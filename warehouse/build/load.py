"""Loads run files into the raw tables of a candidate warehouse, with the ledger, in one transaction."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.build.connection import open_for_writing
from warehouse.runs.run import Run
from warehouse.runs.run_files import open_dataset
from warehouse.runs.schema import (
    FILE_COLUMNS,
    FILES_WAITING,
    KEYS,
    LETTER_TABLES,
    LOAD_NUMBER,
    SCHEMAS,
    raw_columns,
    raw_types,
    waiting_columns,
)
from warehouse.versions.base import Version

Stamp = tuple[int, datetime]
"""Number and time of a load."""


def make_candidate(run: Run, base: Version | None) -> Path:
    """Copy the current warehouse to the run's candidate, or start an empty one; return its path.

    Always starts from a fresh copy, so that a load can be retried after any failure.
    """
    shutil.rmtree(run.candidate.parent, ignore_errors=True)
    run.candidate.parent.mkdir(parents=True)
    if base is not None:
        shutil.copyfile(base.full, run.candidate)
    return run.candidate


def load_run(run: Run) -> dict[str, int]:
    """Load a run's files into its candidate; return the rows written to each table.

    A letter that was read before is replaced, with all its rows. Of a reparse, withdrawn letters are removed and kept
    ones get no ledger row. Files that another load has brought since this run's scan are duplicates. Everything, the
    ledger included, is one transaction: a killed load leaves the candidate as it was.
    """
    counts = {}
    with open_for_writing(run.candidate) as connection:
        connection.execute("BEGIN")
        _create_raw_tables(connection)
        for table in SCHEMAS:
            connection.register(f"run_{table}", open_dataset(run, table))
        loaded_meanwhile = _find_loaded_meanwhile(connection, run)
        _delete_replaced_letters(connection, run, loaded_meanwhile)
        stamp = (_find_next_number(connection), datetime.now(UTC).replace(tzinfo=None))
        for table in SCHEMAS:
            excluded = [*loaded_meanwhile, *(run.kept() if table == "files" else [])]
            counts[table] = _insert(connection, table, stamp, excluded)
        counts["files"] += _insert_duplicates(connection, stamp, loaded_meanwhile)
        _replace_waiting(connection, run)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    return counts


def _create_raw_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the raw tables, and add columns of the schema that an existing table does not have."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
    connection.execute(f"CREATE TABLE IF NOT EXISTS raw.files_waiting ({waiting_columns()})")
    for table in SCHEMAS:
        connection.execute(f"CREATE TABLE IF NOT EXISTS raw.{table} ({raw_columns(table)})")
        for column, kind in (raw_types(table) | {LOAD_NUMBER: "BIGINT"}).items():
            connection.execute(f"ALTER TABLE raw.{table} ADD COLUMN IF NOT EXISTS {column} {kind}")


def _find_next_number(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of this load: one more than that of any row, whatever the clock says."""
    numbers = " UNION ALL ".join(f"SELECT max({LOAD_NUMBER}) AS n FROM raw.{table}" for table in SCHEMAS)  # noqa: S608 - a closed list of names
    found = connection.execute(f"SELECT coalesce(max(n), 0) + 1 FROM ({numbers})").fetchone()  # noqa: S608 - as above
    return int(found[0]) if found else 1


def _find_loaded_meanwhile(connection: duckdb.DuckDBPyConnection, run: Run) -> list[str]:
    """Return the files of this run that another run has loaded since its scan; none for a reparse."""
    if run.comparison.exists():
        return []
    rows = connection.execute(
        "SELECT DISTINCT sha256 FROM run_files AS read SEMI JOIN raw.files AS loaded "
        "ON read.sha256 = loaded.sha256 AND read.parser_version = loaded.parser_version "
        "AND loaded.status <> 'duplicate' WHERE read.status <> 'duplicate'"
    ).fetchall()
    return [sha256 for (sha256,) in rows]


def _delete_replaced_letters(connection: duckdb.DuckDBPyConnection, run: Run, excluded: Sequence[str]) -> None:
    connection.execute(
        "CREATE TEMP TABLE replaced AS SELECT letter_id FROM run_letters UNION SELECT unnest(?::VARCHAR[])",
        [run.withdrawn()],
    )
    connection.execute("DELETE FROM replaced WHERE letter_id IN (SELECT unnest(?::VARCHAR[]))", [list(excluded)])
    for table in LETTER_TABLES:
        connection.execute(f"DELETE FROM raw.{table} WHERE letter_id IN (SELECT letter_id FROM replaced)")  # noqa: S608 - a closed list of names


def _insert(connection: duckdb.DuckDBPyConnection, table: str, stamp: Stamp, excluded: Sequence[str]) -> int:
    """Insert a table's rows, except those of the files `excluded`; return how many. Reviews are never excluded."""
    names = ", ".join(SCHEMAS[table].names)
    replace = " OR REPLACE" if KEYS[table] else ""
    column = FILE_COLUMNS.get(table)
    condition = f"WHERE {column} NOT IN (SELECT unnest(?::VARCHAR[]))" if column else ""
    rows = connection.execute(
        f"INSERT{replace} INTO raw.{table} ({names}, {LOAD_NUMBER}, loaded_at) "  # noqa: S608 - names come from the schema
        f"SELECT {names}, ?, ? FROM run_{table} {condition}",
        [*stamp, *([list(excluded)] if column else [])],
    ).fetchone()
    return int(rows[0]) if rows else 0


def _insert_duplicates(connection: duckdb.DuckDBPyConnection, stamp: Stamp, files: Sequence[str]) -> int:
    """Add ledger rows, as duplicates, for files that another run has loaded under another name; return how many."""
    changed = {"status": "'duplicate'"} | dict.fromkeys(("reason", "field", "detail", "page"), "NULL")
    names = SCHEMAS["files"].names
    rows = connection.execute(
        f"INSERT OR IGNORE INTO raw.files ({', '.join(names)}, {LOAD_NUMBER}, loaded_at) "  # noqa: S608 - names come from the schema
        f"SELECT {', '.join(changed.get(name, name) for name in names)}, ?, ? FROM run_files "
        "WHERE sha256 IN (SELECT unnest(?::VARCHAR[])) AND status <> 'duplicate'",
        [*stamp, list(files)],
    ).fetchone()
    return int(rows[0]) if rows else 0


def _replace_waiting(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Replace the waiting files of the load before by those of this run's scan; a reparse has scanned no inbox."""
    if run.waiting.exists():
        connection.execute("DELETE FROM raw.files_waiting")
        names = ", ".join(FILES_WAITING.names)
        connection.execute(
            f"INSERT INTO raw.files_waiting ({names}) SELECT {names} FROM read_parquet(?)",  # noqa: S608 - names come from the schema
            [str(run.waiting)],
        )
