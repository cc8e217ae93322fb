"""Contents of the marts for the synthetic letters, counted by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from .conftest import FIRST, REISSUED, UNDATED, UPHELD, Warehouse

pytestmark = pytest.mark.slow


def test_an_empty_warehouse_builds_and_has_empty_facts(empty_build: Warehouse) -> None:
    marts = [
        name
        for (name,) in empty_build.query(
            "FROM duckdb_tables() SELECT table_name WHERE database_name = 'marts' AND schema_name = 'main'"
        )
    ]
    facts = [name for name in marts if name.startswith(("agg_", "bdg_", "fct_"))]  # others may be built from seeds
    assert "fct_decisions" in facts
    for mart in facts:
        assert empty_build.query(f"SELECT count(*) FROM marts.{mart}") == [(0,)], mart


def test_each_layer_has_its_schema(built: Warehouse) -> None:
    for database, expected in {
        "imr": {"raw", "seeds", "staging", "intermediate"},
        "marts": {"main", "snapshots"},
    }.items():
        schemas = built.query(
            f"SELECT DISTINCT schema_name FROM duckdb_columns() WHERE NOT internal AND database_name = '{database}'"
        )
        assert {name for (name,) in schemas} == expected


def test_decisions_are_those_of_current_letters(built: Warehouse) -> None:
    rows = built.query(
        "SELECT decision_key, outcome, is_overturned, is_modified, is_retrospective "
        "FROM marts.fct_decisions ORDER BY decision_key"
    )
    assert rows == [
        (f"{REISSUED}-1", "overturned", True, False, False),
        (f"{REISSUED}-2", "upheld", False, True, True),
        (f"{UNDATED}-1", "overturned", True, False, False),
        (f"{UPHELD}-1", "upheld", False, False, False),
        (f"{UPHELD}-2", "upheld", False, True, False),
        (f"{UPHELD}-3", "upheld", False, False, False),
    ]


def test_the_reissued_determination_replaces_the_first(built: Warehouse) -> None:
    rows = built.query(
        "SELECT letter_id, outcome, version_count, decision_count, overturned_count, flag_count, "
        "first_specialty, mtus_era FROM marts.fct_determinations WHERE case_key = 'CM16-0000001'"
    )
    assert rows == [(REISSUED, "partially_overturned", 2, 2, 1, 2, "Pain Management", "2016-07-28 to 2017-11-30")]


def test_intervals_are_days_between_the_letters_dates(built: Warehouse) -> None:
    rows = built.query(
        "SELECT case_key, days_ur_to_application, filed_within_30_days, filed_within_35_days, "
        "days_application_to_assigned, days_assigned_to_decision, decided_within_45_days_of_assignment, "
        "days_application_to_decision, days_injury_to_decision, is_expedited "
        "FROM marts.fct_determinations ORDER BY case_key"
    )
    assert rows == [
        ("CM16-0000001", 30, True, True, 8, 13, True, 21, 366, False),
        ("CM17-0000002", 36, False, False, 3, 22, True, 25, None, True),
        (f"letter:{UNDATED}", *[None] * 9),
    ]


def test_months_add_up_and_letters_without_a_date_have_a_row(built: Warehouse) -> None:
    rows = built.query("SELECT * FROM marts.agg_outcomes_by_month ORDER BY month_key")
    # Bounds from a table of Wilson's interval for 1 of 5 and 1 of 1.
    assert rows == [
        ("2017-01", date(2017, 1, 1), 2, 5, 4, 1, 0, 2, 0, *_about(0.2, 0.0362, 0.6245)),
        ("unknown", None, 1, 1, 0, 1, 0, 0, 0, *_about(1.0, 0.2065, 1.0)),
    ]


def test_a_letter_with_two_specialties_counts_in_both(built: Warehouse) -> None:
    rows = built.query(
        "SELECT specialty, determination_count, decision_count, overturned_count, overturn_rate "
        "FROM marts.agg_outcomes_by_specialty ORDER BY specialty"
    )
    assert rows == [
        ("Anesthesiology", 1, 2, 1, 0.5),
        ("Not stated", 1, 1, 1, 1.0),
        ("Pain Management", 2, 5, 1, pytest.approx(0.2)),
    ]


def test_intake_counts_files_by_their_latest_status(built: Warehouse) -> None:
    rows = built.query(
        "SELECT seen_on, latest_status, letter_format, quarantine_reason, file_count "
        "FROM marts.agg_intake_daily ORDER BY seen_on, latest_status, letter_format"
    )
    first, second = date(2017, 3, 1), date(2017, 3, 2)
    assert rows == [
        (first, "duplicate", "table", None, 1),
        (first, "loaded", "seed", None, 1),
        (first, "loaded", "table", None, 1),
        (first, "quarantined", None, "encrypted", 1),
        (first, "superseded", "table", None, 1),
        (second, "loaded", "table", None, 1),
    ]


def test_dates_cover_whole_years(built: Warehouse) -> None:
    rows = built.query(
        "SELECT date_day, iso_year, iso_week, weekday_number, weekday_name, is_weekend, quarter_number, "
        "month_start FROM marts.dim_dates ORDER BY date_day"
    )
    assert [row[0] for row in rows] == [date.fromordinal(date(2017, 1, 1).toordinal() + n) for n in range(365)]
    for day, *attributes in rows:
        year, week, weekday = day.isocalendar()
        quarter = (day.month + 2) // 3
        expected = [year, week, weekday, f"{day:%A}", weekday > 5, quarter, day.replace(day=1)]
        assert attributes == expected, day


def test_the_snapshot_keeps_the_first_version_of_the_case(built: Warehouse) -> None:
    rows = built.query(
        "SELECT letter_id, dbt_valid_to IS NULL FROM marts.snapshots.case_versions "
        "WHERE case_key = 'CM16-0000001' ORDER BY dbt_valid_from"
    )
    assert rows == [(FIRST, False), (REISSUED, True)]


def test_a_letter_without_a_decision_fails_the_build_and_is_listed(built: Warehouse, tmp_path: Path) -> None:
    corrupted = built.copy_to(tmp_path)
    corrupted.execute(f"DELETE FROM raw.decisions WHERE letter_id = '{FIRST}'")
    failed = corrupted.dbt(
        *("build", "--vars", "test_everything: true"),  # the letter is not of the newest load
        *("--select", "stg_imr__decisions", "stg_imr__letters", "fct_decisions"),
    )
    assert failed is not None
    assert "assert_every_letter_has_a_decision" in failed
    results = {result["unique_id"].split(".")[2]: result for result in corrupted.artifact("run_results")["results"]}
    assert results["assert_every_letter_has_a_decision"]["status"] == "fail"
    assert results["fct_decisions"]["status"] == "skipped"
    rows = corrupted.query(results["assert_every_letter_has_a_decision"]["compiled_code"])
    assert rows == [("CM16-0000001", FIRST, "first.pdf")]


def _about(*values: float) -> list[object]:
    return [pytest.approx(value, abs=0.0001) for value in values]
