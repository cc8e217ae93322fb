"""Each trap of reading the marts is sprung once, in a copy, and dbt's own test must say so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .conftest import REISSUED, UPHELD, Warehouse

TRAPS = {
    "assert_guideline_rows_hold_each_decision_once": (
        # A decision that cites two guidelines is put into one row only, so that the rows could be summed.
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
        # A decision is missing from a mart in which decisions may count in several rows.
        "DELETE FROM marts.agg_outcomes_by_specialty_month WHERE overturned_count > 0"
    ),
    "assert_category_counts_sum_to_decisions": (
        f"UPDATE marts.fct_decisions SET treatment_key = 'none' WHERE decision_key = '{UPHELD}-3'"  # noqa: S608
    ),
    "assert_superseded_letters_explain_the_difference": (
        # The first letter of the reissued case comes back beside the second.
        "INSERT INTO marts.fct_determinations BY NAME "  # noqa: S608
        "SELECT * REPLACE ('twice' AS case_key, 'twice' AS letter_id) "
        f"FROM marts.fct_determinations WHERE letter_id = '{REISSUED}'"
    ),
    "assert_ledger_and_letters_agree": (
        "DELETE FROM raw.files WHERE sha256 = (SELECT min(letter_id) FROM raw.letters "
        "WHERE loaded_at = (SELECT max(loaded_at) FROM raw.letters))"
    ),
    "assert_every_letter_has_a_decision": (
        "DELETE FROM raw.decisions WHERE letter_id = (SELECT max(letter_id) FROM raw.letters "
        "WHERE loaded_at = (SELECT max(loaded_at) FROM raw.letters))"
    ),
    "assert_marts_hold_each_letter_as_last_read": (
        # A letter is read again while the loader's clock is behind.
        f"UPDATE raw.letters SET loaded_at = TIMESTAMP '2016-01-01' WHERE letter_id = '{UPHELD}'"  # noqa: S608
    ),
}


@pytest.fixture(scope="module")
def unharmed(built: Warehouse) -> str | None:
    return built.dbt("test", "--select", *TRAPS)


@pytest.fixture(scope="module")
def sprung(built: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> str:
    warehouse = Warehouse(tmp_path_factory.mktemp("sprung"))
    shutil.copy(built.path, warehouse.path)
    for harm in TRAPS.values():
        warehouse.execute(harm)
    failed = warehouse.dbt("test", "--select", *TRAPS)
    assert failed is not None
    return failed


def test_no_trap_is_sprung_in_the_marts(unharmed: str | None) -> None:
    assert unharmed is None


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_that_is_sprung_fails_its_test(sprung: str, trap: str) -> None:
    assert f"{trap}: " in sprung


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


def test_who_cites_what_stands_on_the_decision(built: Warehouse) -> None:
    rows = built.query(
        "SELECT decision_key, claims_admin_evidence, reviewer_evidence, "  # noqa: S608
        "cites_same_source, cites_same_chapter "
        f"FROM marts.fct_decisions WHERE letter_id = '{REISSUED}' ORDER BY decision_key"
    )
    assert rows == [
        (f"{REISSUED}-1", "none cited", "MTUS and other", None, None),
        (f"{REISSUED}-2", "MTUS only", "MTUS only", True, True),
    ]


def test_tests_look_at_the_newest_load_unless_told_otherwise(built: Warehouse, tmp_path: Path) -> None:
    """An old row that is harmed passes the daily build and fails the build of everything."""
    warehouse = Warehouse(tmp_path)
    shutil.copy(built.path, warehouse.path)
    warehouse.execute(
        f"UPDATE intermediate.int_decision_evidence SET reviewer_evidence = 'harmed' WHERE letter_id = '{UPHELD}'"  # noqa: S608
    )
    assert warehouse.dbt("test", "--select", "int_decision_evidence") is None
    failed = warehouse.dbt("test", "--select", "int_decision_evidence", "--vars", "test_everything: true")
    assert failed is not None
    assert "accepted_values_int_decision_evidence_reviewer_evidence" in failed
