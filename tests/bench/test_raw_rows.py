"""The bench's raw rows are what the loader would have written, and the same ones every time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from bench import raw_rows
from warehouse.build.load import load_run
from warehouse.runs.run import Run
from warehouse.runs.schema import SCHEMAS

LETTERS = 200
LOADED_AT = datetime(2024, 12, 1, 6)


@pytest.fixture(scope="module")
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    raw_rows.create(connection)
    raw_rows.insert(connection, 0, LETTERS, LOADED_AT, LETTERS)
    return connection


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[object, ...]:
    found = connection.execute(query).fetchone()
    assert found is not None
    return tuple(found)


def test_every_table_has_rows_within_the_schema(warehouse: duckdb.DuckDBPyConnection) -> None:
    counts = raw_rows.counts(warehouse)
    assert counts["letters"] == LETTERS
    assert set(counts) == set(SCHEMAS)
    assert all(counts.values())


def test_one_letter_in_fifty_is_another_letter_of_a_case(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert one(warehouse, "SELECT count(DISTINCT case_number) FROM raw.letters") == (LETTERS - LETTERS // 50,)


def test_every_letter_has_decisions_and_its_outcome_follows_from_them(warehouse: duckdb.DuckDBPyConnection) -> None:
    wrong = one(
        warehouse,
        "SELECT count(*) FROM raw.letters LEFT JOIN (SELECT letter_id, count(*) AS n, "
        "count(DISTINCT outcome) AS kinds FROM raw.decisions GROUP BY letter_id) AS d USING (letter_id) "
        "WHERE d.n IS NULL OR (case_outcome = 'partially_overturned') <> (d.kinds > 1)",
    )
    assert wrong == (0,)


def test_a_later_load_goes_on_where_the_first_one_ended(warehouse: duckdb.DuckDBPyConnection) -> None:
    again = duckdb.connect()
    raw_rows.create(again)
    raw_rows.insert(again, 0, 150, LOADED_AT, LETTERS)
    raw_rows.insert(again, 150, 50, LOADED_AT, LETTERS)
    query = (
        "SELECT md5(string_agg(letter_id || decision_number || treatment_requested || outcome, ',' "
        "ORDER BY letter_id, decision_number)) FROM raw.decisions"
    )
    assert one(warehouse, query) == one(again, query)


def test_written_as_run_files_they_load_as_a_run_of_that_name(tmp_path: Path) -> None:
    run = Run(tmp_path / "a-day")
    raw_rows.write_run(run, 0, LETTERS, LOADED_AT, LETTERS)
    run.candidate.parent.mkdir()
    loaded = load_run(run)
    assert loaded["letters"] == LETTERS
    assert all(loaded.values())
    with duckdb.connect(str(run.candidate), read_only=True) as connection:
        assert one(connection, "SELECT list(DISTINCT run_id) FROM raw.decisions") == (["a-day"],)
