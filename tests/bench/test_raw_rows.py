from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from bench import raw_rows
from warehouse.build.load import load_run
from warehouse.runs.run import Run
from warehouse.runs.run_files import read_table
from warehouse.versions.contents import Contents

LETTERS = 200
SEEN_AT = datetime(2024, 12, 1, 6)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The raw tables of 200 synthetic letters, loaded from run files."""
    run = Run(tmp_path_factory.mktemp("runs") / "first")
    raw_rows.write_run(run, 0, LETTERS, SEEN_AT, LETTERS)
    loaded = load_run(run, Contents(), 1)
    assert loaded["letters"] == LETTERS
    assert all(loaded.values()), "every table has rows"
    with Contents((run.part,)).open() as connection:
        yield connection


def test_one_letter_in_fifty_is_another_letter_of_a_case(warehouse: duckdb.DuckDBPyConnection) -> None:
    cases = warehouse.execute("SELECT count(DISTINCT case_number) FROM raw.letters").fetchone()
    assert cases == (LETTERS - LETTERS // 50,)


def test_every_letter_has_decisions_and_its_outcome_follows_from_them(warehouse: duckdb.DuckDBPyConnection) -> None:
    wrong = warehouse.execute(
        "SELECT letter_id FROM raw.letters LEFT JOIN (SELECT letter_id, count(*) AS n, "
        "count(DISTINCT outcome) AS kinds FROM raw.decisions GROUP BY letter_id) AS d USING (letter_id) "
        "WHERE d.n IS NULL OR (case_outcome = 'partially_overturned') <> (d.kinds > 1)"
    ).fetchall()
    assert wrong == []


def test_two_runs_write_the_rows_of_one(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    decisions = []
    for first, count in ((0, 150), (150, 50)):
        run = Run(tmp_path / f"{first}")
        raw_rows.write_run(run, first, count, SEEN_AT, LETTERS)
        decisions.append(read_table(run, "decisions").drop_columns(["run_id"]))
    columns = ", ".join(decisions[0].column_names)
    expected = warehouse.execute(f"SELECT {columns} FROM raw.decisions ORDER BY ALL").fetchall()
    both = duckdb.from_arrow(pa.concat_tables(decisions)).order("ALL").fetchall()
    assert both == expected
