"""Run files into the raw tables of a candidate warehouse, with the ledger, in one transaction."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.build.connection import writing
from warehouse.runs.run import Run
from warehouse.runs.run_files import parts
from warehouse.runs.schema import (
    FILES_WAITING,
    KEYS,
    LETTER_TABLES,
    OF_FILE,
    SCHEMAS,
    raw_columns,
    raw_types,
    waiting_columns,
)
from warehouse.versions.base import Version


def make_candidate(run: Run, base: Version | None) -> Path:
    """Copy the current warehouse to the run's candidate, or begin an empty one; return its path.

    Always starts from a fresh copy, so that a load can be retried after any failure.
    """
    shutil.rmtree(run.candidate.parent, ignore_errors=True)
    run.candidate.parent.mkdir(parents=True)
    if base is not None:
        shutil.copyfile(base.full, run.candidate)
    return run.candidate


def load_run(run: Run) -> dict[str, int]:
    """Load a run's files into its candidate and return the rows written a table.

    A letter that was read before is replaced, with all that hangs on it. Where the run is a reparse, letters that
    its comparison withdraws go, and those it keeps get no ledger row. What another load has brought since this one's
    scan is a duplicate. Everything, the ledger included, is one transaction: a killed load leaves the candidate as
    it was.
    """
    counts = {}
    with writing(run.candidate) as connection:
        connection.execute("BEGIN")
        _create_raw(connection)
        meanwhile = _loaded_meanwhile(connection, run)
        connection.execute("CREATE TEMP TABLE arriving (letter_id VARCHAR)")
        if letters := parts(run, "letters"):
            connection.execute("INSERT INTO arriving SELECT letter_id FROM read_parquet(?)", [_names(letters)])
        connection.execute("INSERT INTO arriving SELECT unnest(?::VARCHAR[])", [run.withdrawn()])
        connection.execute("DELETE FROM arriving WHERE letter_id IN (SELECT unnest(?::VARCHAR[]))", [meanwhile])
        for table in LETTER_TABLES:
            connection.execute(f"DELETE FROM raw.{table} WHERE letter_id IN (SELECT letter_id FROM arriving)")  # noqa: S608 - a closed list of names
        loaded_at = datetime.now(UTC).replace(tzinfo=None)
        for table in SCHEMAS:
            left_out = [*meanwhile, *(run.kept() if table == "files" else [])]
            counts[table] = _insert(connection, run, table, loaded_at, left_out)
        counts["files"] += _insert_duplicates(connection, run, loaded_at, meanwhile)
        _replace_waiting(connection, run)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT")
    return counts


def _replace_waiting(connection: duckdb.DuckDBPyConnection, run: Run) -> None:
    """Tell what this load's scan left in the drop folder, instead of what the one before did."""
    connection.execute(f"CREATE TABLE IF NOT EXISTS raw.files_waiting ({waiting_columns()})")
    if run.waiting.exists():  # a run that reads stored letters again has looked at no drop folder
        connection.execute("DELETE FROM raw.files_waiting")
        names = ", ".join(FILES_WAITING.names)
        connection.execute(
            f"INSERT INTO raw.files_waiting ({names}) SELECT {names} FROM read_parquet(?)",  # noqa: S608 - names come from the schema
            [str(run.waiting)],
        )


def _names(files: list[Path]) -> list[str]:
    return [str(file) for file in files]


def _create_raw(connection: duckdb.DuckDBPyConnection) -> None:
    """Create raw's tables, and add the columns that a newer schema has over an older file."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
    for table in SCHEMAS:
        connection.execute(f"CREATE TABLE IF NOT EXISTS raw.{table} ({raw_columns(table)})")
        existing = {row[0] for row in connection.execute(f"DESCRIBE raw.{table}").fetchall()}
        for column, kind in raw_types(table).items():
            if column not in existing:
                connection.execute(f"ALTER TABLE raw.{table} ADD COLUMN {column} {kind}")


def _loaded_meanwhile(connection: duckdb.DuckDBPyConnection, run: Run) -> list[str]:
    """Return the files that this run has read and another has loaded since its scan; none where it reads again."""
    files = parts(run, "files")
    if run.comparison.exists() or not files:
        return []
    rows = connection.execute(
        "SELECT DISTINCT sha256 FROM read_parquet(?) AS read SEMI JOIN raw.files AS loaded "
        "ON read.sha256 = loaded.sha256 AND read.parser_version = loaded.parser_version "
        "AND loaded.status <> 'duplicate' WHERE read.status <> 'duplicate'",
        [_names(files)],
    ).fetchall()
    return [sha256 for (sha256,) in rows]


def _insert(
    connection: duckdb.DuckDBPyConnection, run: Run, table: str, loaded_at: datetime, left_out: Sequence[str]
) -> int:
    """Insert a table's rows but those of the files `left_out`; a review is never left out. Return how many."""
    files = parts(run, table)
    if not files:
        return 0
    names = ", ".join(SCHEMAS[table].names)
    replace = " OR REPLACE" if KEYS[table] else ""
    rows = connection.execute(
        f"INSERT{replace} INTO raw.{table} ({names}, loaded_at) SELECT {names}, ? FROM read_parquet(?)"  # noqa: S608 - names come from the schema
        + (f" WHERE {OF_FILE[table]} NOT IN (SELECT unnest(?))" if left_out and table in OF_FILE else ""),
        [loaded_at, _names(files), *([list(left_out)] if left_out and table in OF_FILE else [])],
    ).fetchone()
    return int(rows[0]) if rows else 0


def _insert_duplicates(
    connection: duckdb.DuckDBPyConnection, run: Run, loaded_at: datetime, meanwhile: Sequence[str]
) -> int:
    """Give files that are loaded under another name by now the ledger row of a duplicate; return how many."""
    if not meanwhile:
        return 0
    told = {"status": "'duplicate'"} | dict.fromkeys(("reason", "field", "detail", "page"), "NULL")
    names = SCHEMAS["files"].names
    rows = connection.execute(
        f"INSERT OR IGNORE INTO raw.files ({', '.join(names)}, loaded_at) "  # noqa: S608 - names come from the schema
        f"SELECT {', '.join(told.get(name, name) for name in names)}, ? FROM read_parquet(?) "
        "WHERE sha256 IN (SELECT unnest(?)) AND status <> 'duplicate'",
        [loaded_at, _names(parts(run, "files")), list(meanwhile)],
    ).fetchone()
    return int(rows[0]) if rows else 0
