"""Daily loads and a full refresh over the same raw rows give the same marts, row by row."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.synthetic_rows import Load, make_daily_loads

from .conftest import Warehouse

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def incremental(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("incremental"))
    for day in make_daily_loads():
        warehouse.insert(day.rows)
        assert warehouse.dbt("build", "--exclude-resource-type", "test", "unit_test") is None
    return warehouse


@pytest.fixture(scope="module")
def refreshed(incremental: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The same raw rows after a full refresh."""
    warehouse = incremental.copy_to(tmp_path_factory.mktemp("refreshed"))
    warehouse.find_everything()
    assert warehouse.dbt("build", "--full-refresh", "--exclude-resource-type", "test", "unit_test", "snapshot") is None
    return warehouse


def tables(warehouse: Warehouse) -> list[str]:
    found = warehouse.query(
        "SELECT 'marts.' || table_name FROM duckdb_tables() "
        "WHERE database_name = 'marts' AND schema_name = 'main' ORDER BY ALL"
    )
    return [name for (name,) in found]


def content(warehouse: Warehouse, table: str) -> Counter[tuple[Any, ...]]:
    """Return the rows of a table and how often each occurs, regardless of the order of rows and columns."""
    columns = warehouse.query(f"SELECT name FROM pragma_table_info('{table}') ORDER BY name")
    names = ", ".join(name for (name,) in columns)
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
    warehouse = incremental.copy_to(tmp_path)
    warehouse.execute("UPDATE marts.fct_decisions SET treatment_requested = 'tampered'")
    day = Load(5, datetime(2016, 3, 8, 12))
    day.add_letter("plain40", "CM17-0000040", date(2017, 2, 3), decisions=2)
    warehouse.insert(day.rows)
    assert warehouse.dbt("build", "--exclude-resource-type", "test", "unit_test") is None
    written = warehouse.query(
        "SELECT DISTINCT source_name FROM marts.fct_decisions WHERE treatment_requested <> 'tampered'"
    )
    assert written == [("plain40.pdf",)]
