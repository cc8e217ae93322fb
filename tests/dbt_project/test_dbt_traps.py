"""dbt's tests fail when a mart is corrupted, each in its own way."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import FIRST, REISSUED, UPHELD, Warehouse

pytestmark = pytest.mark.slow

CORRUPTIONS = {
    "assert_guideline_rows_hold_each_decision_once": (
        # A decision that cites two guidelines counts in one row only.
        "DELETE FROM marts.agg_outcomes_by_guideline_month WHERE cited_by = 'reviewer' AND guideline_source = 'ODG'"
    ),
    "overturn_rates_follow_from_counts_agg_outcomes_by_specialty_": (
        "UPDATE marts.agg_outcomes_by_specialty SET overturn_rate = (SELECT avg(overturn_rate) "
        "FROM marts.agg_outcomes_by_specialty_month) WHERE specialty = 'Anesthesiology'"
    ),
    "outcome_counts_match_decisions_agg_outcomes_by_month_": (
        "UPDATE marts.agg_outcomes_by_month SET overturned_count = overturned_count + 1 WHERE month_key = 'unknown'"
    ),
    "outcome_counts_match_decisions_agg_outcomes_by_category_month_": (
        "DELETE FROM marts.agg_outcomes_by_category_month WHERE outcome_key = "
        "(SELECT min(outcome_key) FROM marts.agg_outcomes_by_category_month)"
    ),
    "outcome_counts_match_decisions_agg_outcomes_by_specialty_month_True": (
        # Decisions are missing from a mart in which they may count in several rows.
        "DELETE FROM marts.agg_outcomes_by_specialty_month WHERE overturned_count > 0"
    ),
    "assert_category_counts_sum_to_decisions": (
        f"UPDATE marts.fct_decisions SET treatment_key = 'none' WHERE decision_key = '{UPHELD}-3'"
    ),
    "assert_superseded_letters_explain_the_difference": (
        # Both letters of a reissued case are current.
        "INSERT INTO marts.fct_determinations BY NAME "
        "SELECT * REPLACE ('twice' AS case_key, 'twice' AS letter_id) "
        f"FROM marts.fct_determinations WHERE letter_id = '{REISSUED}'"
    ),
    "assert_ledger_and_letters_agree": (
        "DELETE FROM raw.files WHERE sha256 = (SELECT min(letter_id) FROM raw.letters "
        "WHERE load_number = (SELECT max(load_number) FROM raw.letters))"
    ),
    "assert_every_letter_has_a_decision": (
        "DELETE FROM raw.decisions WHERE letter_id = (SELECT max(letter_id) FROM raw.letters "
        "WHERE load_number = (SELECT max(load_number) FROM raw.letters))"
    ),
    "assert_marts_hold_each_letter_as_last_read": (
        # The letter was read again, and no increment has seen it.
        f"UPDATE raw.letters SET load_number = 0 WHERE letter_id = '{FIRST}'"
    ),
}


@pytest.fixture(scope="module")
def failures(built: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> str:
    warehouse = built.copy_to(tmp_path_factory.mktemp("corrupted"))
    for sql in CORRUPTIONS.values():
        warehouse.execute(sql)
    failures = warehouse.dbt("test", "--select", *CORRUPTIONS)
    assert failures is not None
    return failures


@pytest.mark.parametrize("test", CORRUPTIONS)
def test_a_corrupted_mart_fails_its_test(failures: str, test: str) -> None:
    """The build of the fixture `built` has passed every one of these tests."""
    assert f"{test}: " in failures


def test_a_decision_that_cites_two_guidelines_counts_once_in_each(built: Warehouse) -> None:
    rows = built.query(
        "SELECT guideline, guideline_source, decision_count, overturned_count "
        "FROM marts.agg_outcomes_by_guideline_month "
        "WHERE cited_by = 'reviewer' AND guideline_source <> 'NONE' ORDER BY guideline"
    )
    assert rows == [
        ("Acupuncture Treatment", "MTUS", 1, 0),
        ("Chronic Pain Medical Treatment 2016", "MTUS", 1, 1),
        ("Pain", "ODG", 1, 1),
    ]
    [(summed,)] = built.query(
        "SELECT sum(decision_count) FROM marts.agg_outcomes_by_guideline_month WHERE cited_by = 'reviewer'"
    )
    [(decisions,)] = built.query("SELECT count(*) FROM marts.fct_decisions")
    assert (summed, decisions) == (7, 6)


def test_decisions_have_the_evidence_of_both_sides(built: Warehouse) -> None:
    rows = built.query(
        "SELECT decision_key, claims_admin_evidence, reviewer_evidence, "
        "cites_same_source, cites_same_chapter "
        f"FROM marts.fct_decisions WHERE letter_id = '{REISSUED}' ORDER BY decision_key"
    )
    assert rows == [
        (f"{REISSUED}-1", "none cited", "MTUS and other", None, None),
        (f"{REISSUED}-2", "MTUS only", "MTUS only", True, True),
    ]


def test_generic_tests_read_older_loads_only_with_test_everything(built: Warehouse, tmp_path: Path) -> None:
    warehouse = built.copy_to(tmp_path)
    warehouse.execute(f"UPDATE marts.fct_determinations SET outcome = 'corrupted' WHERE letter_id = '{UPHELD}'")
    test = "accepted_values_fct_determinations_outcome__upheld__overturned__partially_overturned"
    assert warehouse.dbt("test", "--select", test) is None
    failed = warehouse.dbt("test", "--select", test, "--vars", "test_everything: true")
    assert failed is not None
    assert test in failed


def test_no_version_of_a_case_ends_before_it_begins_if_the_clock_is_set_back(built: Warehouse, tmp_path: Path) -> None:
    warehouse = built.copy_to(tmp_path)
    warehouse.execute("UPDATE marts.snapshots.case_versions SET dbt_valid_from = dbt_valid_from + INTERVAL 10 YEAR")
    warehouse.execute(
        f"UPDATE intermediate.int_letters_current SET parser_version = 'next' WHERE letter_id = '{REISSUED}'"
    )
    assert warehouse.dbt("snapshot") is None
    versions = warehouse.query(
        "SELECT parser_version, dbt_valid_to IS NULL, coalesce(dbt_valid_to >= dbt_valid_from, true) "
        f"FROM marts.snapshots.case_versions WHERE letter_id = '{REISSUED}' ORDER BY dbt_valid_from"
    )
    assert versions == [("1", False, True), ("next", True, True)]
