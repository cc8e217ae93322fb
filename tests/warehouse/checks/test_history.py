"""Statistics of past loads: which loads and rows count."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from warehouse.checks.history import PastLoad, past_categories, past_loads
from warehouse.runs.run import BACKFILL_RUNS
from warehouse.versions.raw_views import quote

TABLES = """
CREATE SCHEMA raw;
CREATE SCHEMA marts;
CREATE TABLE marts.fct_intake (run_id VARCHAR, load_number BIGINT, loaded_at TIMESTAMP, file_status VARCHAR);
CREATE TABLE marts.dim_letters (letter_id VARCHAR, load_number BIGINT, decision_date DATE);
CREATE TABLE marts.fct_decisions (letter_id VARCHAR, load_number BIGINT, treatment_category VARCHAR);
CREATE TABLE raw.decisions (letter_id VARCHAR, load_number BIGINT, decision_number INT, outcome VARCHAR);
CREATE TABLE raw.flags (letter_id VARCHAR, load_number BIGINT, decision_number INT, code VARCHAR);
"""


class History:
    """A published warehouse with a few loads."""

    def __init__(self, file: Path) -> None:
        self.file = file
        with duckdb.connect(str(file)) as connection:
            connection.execute(TABLES)

    def insert(self, table: str, *rows: tuple[object, ...]) -> None:
        with duckdb.connect(str(self.file)) as connection:
            marks = ", ".join("?" for _ in rows[0])
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def add_load(self, number: int, *letters: str, run_id: str = "", files: tuple[str, ...] = ()) -> None:
        """Add a load of letters with one upheld decision each, and the ledger's rows of other `files`."""
        loaded_at, decided = datetime(2017, 3, number, 6), date(2017, 2, number)
        run_id = run_id or f"run-{number}"
        statuses = [*("loaded" for _ in letters), *files]
        self.insert("marts.fct_intake", *((run_id, number, loaded_at, status) for status in statuses))
        for letter in letters:
            self.insert("marts.dim_letters", (letter, number, decided))
            self.insert("raw.decisions", (letter, number, 1, "upheld"))

    def connect(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        connection.execute(f"ATTACH {quote(self.file)} AS published (READ_ONLY)")
        return connection

    def past_loads(self, last: int = 30) -> list[PastLoad]:
        with self.connect() as connection:
            return past_loads(connection, last, ["finding_unclear"])


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "published's.duckdb")


def test_a_load_counts_files_but_duplicates_and_the_first_five_decisions_of_a_letter(history: History) -> None:
    history.add_load(1, "a", "b", files=("quarantined", "duplicate", "duplicate"))
    history.insert("raw.decisions", *(("a", 1, number, "overturned") for number in range(2, 9)))
    flags = [
        ("a", 1, 2, "finding_unclear"),
        ("a", 1, 2, "finding_unclear"),
        ("a", 1, 3, "another"),
        ("b", 1, None, "x"),
    ]
    history.insert("raw.flags", *flags, ("a", 1, 7, "finding_unclear"))
    assert history.past_loads() == [
        PastLoad(
            load_number=1,
            loaded_on=date(2017, 3, 1),
            files=3,
            quarantined=1,
            letters=2,
            decisions=6,
            upheld=2,
            flagged=1,
            newest_decision=date(2017, 2, 1),
        )
    ]


def test_the_last_loads_are_those_with_the_highest_numbers_without_backfills(history: History) -> None:
    for number in (1, 2, 4):
        history.add_load(number, f"letter {number}")
    history.add_load(3, "old", run_id=f"{BACKFILL_RUNS}1")
    history.add_load(5, files=("quarantined",))
    assert [(p.load_number, p.letters, p.newest_decision) for p in history.past_loads(3)] == [
        (2, 1, date(2017, 2, 2)),
        (4, 1, date(2017, 2, 4)),
        (5, 0, None),
    ]


def test_a_superseded_letter_counts_in_rates_but_not_in_the_mix_of_categories(history: History) -> None:
    history.add_load(1, "superseded", "current")
    history.insert("marts.fct_decisions", ("current", 1, "Imaging"))
    assert [(p.letters, p.decisions) for p in history.past_loads()] == [(2, 2)]
    with history.connect() as connection:
        assert past_categories(connection, 30) == {1: {"Imaging": 1}}
