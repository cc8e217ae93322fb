"""A series of daily loads gives the marts that a full refresh over the same raw rows gives, row by row."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from .conftest import Warehouse
from .made_up_rows import Load

OF_A_BUILD = {"case_refreshed_at", "first_loaded_at"}
"""Columns of intermediate models that say when a row was built and not what the letters say."""


def daily_loads() -> list[Load]:
    """Six days in which everything happens to a case that can."""
    days = [Load(datetime(2017, 3, day, 12)) for day in range(1, 7)]

    first = days[0]
    for number in range(12):
        first.letter(f"plain{number}", f"CM17-{number:07}", date(2017, 1, 1 + number))
    first.letter("reissued v1", "CM17-0000100", date(2017, 1, 10), decisions=4)
    first.letter("late v2", "CM17-0000101", date(2017, 1, 20))
    first.letter("undated", "CM17-0000102", None)
    first.letter("unnumbered", None, date(2017, 1, 5), decisions=3)
    first.letter("misread", "CM17-0000999", date(2017, 1, 6), decisions=4)
    first.letter("falls back v1", "CM17-0000103", date(2017, 1, 7))
    first.letter("upgraded", "CM17-0000104", date(2017, 1, 8), decisions=4)
    first.letter("tie a", "CM17-0000105", date(2017, 1, 9))
    first.quarantine("scanned")

    reissue = days[1]
    reissue.letter("reissued v2", "CM17-0000100", date(2017, 2, 10), decisions=1)
    reissue.letter("falls back v2", "CM17-0000103", date(2017, 2, 7))
    reissue.letter("plain20", "CM17-0000020", date(2017, 2, 1))

    late = days[2]
    late.letter("late v1", "CM17-0000101", date(2016, 12, 20))
    late.letter("dated late", "CM17-0000102", date(2016, 12, 1))
    late.letter("plain21", "CM17-0000021", date(2017, 2, 2))

    reread = days[3]
    reread.letter("plain0", "CM17-0000000", date(2017, 1, 1), decisions=1, reading=1)
    reread.letter("plain1", "CM17-0000001", date(2017, 2, 28), reading=1)
    reread.letter("reissued v1", "CM17-0000100", date(2017, 1, 10), reading=1)
    reread.letter("tie b", "CM17-0000105", date(2017, 1, 9))

    upgrade = days[4]
    upgrade.letter("upgraded", "CM17-0000104", date(2017, 1, 8), decisions=2, version="2", reading=1)
    # Its case number is read now, and an older letter of that case is superseded by it.
    upgrade.letter("unnumbered", "CM17-0000005", date(2017, 2, 20), decisions=1, version="2", reading=1)
    # It was filed under a case that does not exist, and in truth is an older letter of another one.
    upgrade.letter("misread", "CM17-0000006", date(2016, 11, 6), decisions=2, version="2", reading=1)
    # The current letter has no date any more: the one before it is current again.
    upgrade.letter("falls back v2", "CM17-0000103", None, version="2", reading=1)

    days[5].letter("reissued v3", "CM17-0000100", date(2017, 3, 1), decisions=2)
    days[5].letter("tie a", "CM17-0000105", date(2017, 1, 9), version="2", reading=1)
    # The current letter of a case leaves it for another one.
    days[5].letter("reissued v2", "CM17-0000007", date(2017, 2, 10), version="2", reading=1)

    days[5].quarantine("scanned too")
    return days


def load(warehouse: Warehouse, day: Load) -> None:
    """Write a load's rows as `warehouse.build.load` does: a letter read again replaces itself."""
    letters = ", ".join(f"'{letter_id}'" for letter_id in day.letter_ids) or "''"
    for table in ("letters", "decisions", "citations", "flags"):
        warehouse.execute(f"DELETE FROM raw.{table} WHERE letter_id IN ({letters})")  # noqa: S608
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
    """The same raw rows, with everything that was built from them built anew."""
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
    """Return the rows with how often each stands there, whatever their order and that of the columns."""
    columns = warehouse.query(f"SELECT name FROM pragma_table_info('{table}') ORDER BY name")  # noqa: S608
    names = ", ".join(name for (name,) in columns if name not in OF_A_BUILD)
    return Counter(tuple(map(str, row)) for row in warehouse.query(f"SELECT {names} FROM {table}"))  # noqa: S608


def test_increments_give_what_a_full_refresh_gives(incremental: Warehouse, refreshed: Warehouse) -> None:
    compared = tables(incremental)
    assert compared == tables(refreshed)
    assert "marts.fct_decisions" in compared
    empty = []
    for table in compared:
        after_loads, anew = content(incremental, table), content(refreshed, table)
        assert after_loads - anew == Counter(), f"{table}: only after the loads"
        assert anew - after_loads == Counter(), f"{table}: only after a full refresh"
        if not anew:
            empty.append(table)
    assert empty == []


def test_the_loads_hold_what_they_are_said_to_hold(incremental: Warehouse) -> None:
    rows = dict(incremental.query("SELECT source_name, case_key FROM marts.fct_determinations"))
    assert rows["reissued v3.pdf"] == "CM17-0000100"
    assert rows["unnumbered.pdf"] == "CM17-0000005"
    assert rows["falls back v1.pdf"] == "CM17-0000103"
    assert rows["dated late.pdf"] == "CM17-0000102"
    assert rows["tie a.pdf"] == "CM17-0000105"
    assert rows["reissued v2.pdf"] == "CM17-0000007"
    gone = {"reissued v1.pdf", "late v1.pdf", "undated.pdf", "misread.pdf", "falls back v2.pdf", "tie b.pdf"}
    assert gone & rows.keys() == set()
    assert "CM17-0000999" not in rows.values()


def test_an_increment_writes_the_letters_of_its_load_and_no_others(incremental: Warehouse, tmp_path: Path) -> None:
    """A row of another letter that was tampered with stays so: nobody wrote it again."""
    warehouse = Warehouse(tmp_path)
    shutil.copy(incremental.path, warehouse.path)
    warehouse.execute("UPDATE marts.fct_decisions SET treatment_requested = 'tampered'")
    day = Load(datetime(2017, 3, 8, 12))
    day.letter("plain40", "CM17-0000040", date(2017, 2, 3), decisions=2)
    load(warehouse, day)
    assert warehouse.dbt("run") is None
    written = warehouse.query(
        "SELECT DISTINCT source_name FROM marts.fct_decisions WHERE treatment_requested <> 'tampered'"
    )
    assert written == [("plain40.pdf",)]
