"""Daily loads and a full refresh over the same raw rows give the same marts, row by row."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from .conftest import Warehouse
from .synthetic_rows import Load

BUILD_COLUMNS = {"case_refreshed_at", "first_loaded_at"}
"""Columns that depend on when a row was built."""


def daily_loads() -> list[Load]:
    """Return four loads that change cases in every possible way."""
    days = [Load(datetime(2017, 3, day, 12)) for day in range(1, 5)]

    first = days[0]
    for number in range(12):
        first.add_letter(f"plain{number}", f"CM17-{number:07}", date(2017, 1, 1 + number))
    first.add_letter("reissued v1", "CM17-0000100", date(2017, 1, 10), decisions=4)
    first.add_letter("late v2", "CM17-0000101", date(2017, 1, 20))
    first.add_letter("undated", "CM17-0000102", None)
    first.add_letter("unnumbered", None, date(2017, 1, 5), decisions=3)
    first.add_letter("misread", "CM17-0000999", date(2017, 1, 6), decisions=4)
    first.add_letter("restored v1", "CM17-0000103", date(2017, 1, 7))
    first.add_letter("upgraded", "CM17-0000104", date(2017, 1, 8), decisions=4)
    first.add_letter("tie a", "CM17-0000105", date(2017, 1, 9))
    first.add_quarantined("scanned")

    reissues = days[1]
    reissues.add_letter("reissued v2", "CM17-0000100", date(2017, 2, 10), decisions=1)
    reissues.add_letter("restored v2", "CM17-0000103", date(2017, 2, 7))
    reissues.add_letter("late v1", "CM17-0000101", date(2016, 12, 20))
    reissues.add_letter("dated late", "CM17-0000102", date(2016, 12, 1))
    reissues.add_letter("plain20", "CM17-0000020", date(2017, 2, 1))

    readings = days[2]
    readings.add_letter("plain0", "CM17-0000000", date(2017, 1, 1), decisions=1, reading=1)
    readings.add_letter("plain1", "CM17-0000001", date(2017, 2, 28), reading=1)
    readings.add_letter("reissued v1", "CM17-0000100", date(2017, 1, 10), reading=1)
    readings.add_letter("tie b", "CM17-0000105", date(2017, 1, 9))
    readings.add_letter("upgraded", "CM17-0000104", date(2017, 1, 8), decisions=2, version="2", reading=1)
    # The case number is read now, and the letter supersedes an older one of that case.
    readings.add_letter("unnumbered", "CM17-0000005", date(2017, 2, 20), decisions=1, version="2", reading=1)
    # The case number was misread; the letter is an older one of another case.
    readings.add_letter("misread", "CM17-0000006", date(2016, 11, 6), decisions=2, version="2", reading=1)
    # The current letter has no date any more, so the previous one is current again.
    readings.add_letter("restored v2", "CM17-0000103", None, version="2", reading=1)

    last = days[3]
    last.add_letter("reissued v3", "CM17-0000100", date(2017, 3, 1), decisions=2)
    last.add_letter("tie a", "CM17-0000105", date(2017, 1, 9), version="2", reading=1)
    # The current letter of a case moves to another one.
    last.add_letter("reissued v2", "CM17-0000007", date(2017, 2, 10), version="2", reading=1)
    last.add_quarantined("scanned too")
    return days


def load(warehouse: Warehouse, day: Load) -> None:
    """Write the rows of a load as `warehouse.build.load` does, replacing letters that are read again."""
    letters = ", ".join(f"'{letter_id}'" for letter_id in day.letter_ids) or "''"
    for table in ("letters", "decisions", "citations", "flags"):
        warehouse.execute(f"DELETE FROM raw.{table} WHERE letter_id IN ({letters})")
    warehouse.insert(day.rows)


@pytest.fixture(scope="module")
def incremental(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("incremental"))
    warehouse.create_raw()
    assert warehouse.dbt("seed") is None
    for day in daily_loads():
        load(warehouse, day)
        assert warehouse.dbt("run") is None
    return warehouse


@pytest.fixture(scope="module")
def refreshed(incremental: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The same raw rows after a full refresh."""
    warehouse = Warehouse(tmp_path_factory.mktemp("refreshed"))
    shutil.copy(incremental.path, warehouse.path)
    assert warehouse.dbt("run", "--full-refresh") is None
    return warehouse


def tables(warehouse: Warehouse) -> list[str]:
    found = warehouse.query(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_schema IN ('intermediate', 'marts') ORDER BY ALL"
    )
    return [name for (name,) in found]


def content(warehouse: Warehouse, table: str) -> Counter[tuple[Any, ...]]:
    """Return the rows of a table and how often each occurs, regardless of the order of rows and columns."""
    columns = warehouse.query(f"SELECT name FROM pragma_table_info('{table}') ORDER BY name")
    names = ", ".join(name for (name,) in columns if name not in BUILD_COLUMNS)
    return Counter(tuple(map(str, row)) for row in warehouse.query(f"SELECT {names} FROM {table}"))


def test_increments_give_what_a_full_refresh_gives(incremental: Warehouse, refreshed: Warehouse) -> None:
    compared = tables(incremental)
    assert compared == tables(refreshed)
    assert "marts.fct_decisions" in compared
    empty = []
    for table in compared:
        after_loads, anew = content(incremental, table), content(refreshed, table)
        assert after_loads - anew == Counter(), f"{table}: rows only after the loads"
        assert anew - after_loads == Counter(), f"{table}: rows only after a full refresh"
        if not anew:
            empty.append(table)
    assert empty == []


def test_the_loads_change_the_current_letter_of_each_case(incremental: Warehouse) -> None:
    rows = dict(incremental.query("SELECT source_name, case_key FROM marts.fct_determinations"))
    assert rows["reissued v3.pdf"] == "CM17-0000100"
    assert rows["unnumbered.pdf"] == "CM17-0000005"
    assert rows["restored v1.pdf"] == "CM17-0000103"
    assert rows["dated late.pdf"] == "CM17-0000102"
    assert rows["tie a.pdf"] == "CM17-0000105"
    assert rows["reissued v2.pdf"] == "CM17-0000007"
    superseded = {"reissued v1.pdf", "late v1.pdf", "undated.pdf", "misread.pdf", "restored v2.pdf", "tie b.pdf"}
    assert superseded & rows.keys() == set()
    assert "CM17-0000999" not in rows.values()


def test_an_increment_writes_only_the_letters_of_its_load(incremental: Warehouse, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    shutil.copy(incremental.path, warehouse.path)
    warehouse.execute("UPDATE marts.fct_decisions SET treatment_requested = 'tampered'")
    day = Load(datetime(2017, 3, 8, 12))
    day.add_letter("plain40", "CM17-0000040", date(2017, 2, 3), decisions=2)
    load(warehouse, day)
    assert warehouse.dbt("run") is None
    written = warehouse.query(
        "SELECT DISTINCT source_name FROM marts.fct_decisions WHERE treatment_requested <> 'tampered'"
    )
    assert written == [("plain40.pdf",)]
