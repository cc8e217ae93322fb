"""Candidates with lost cases or implausible months at the last gate: what stops them, and which letters are named."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pytest

from expectations.gate import GateError
from imr.pipeline import steps
from tests.support.command import run_imr
from tests.support.home import Home
from warehouse.files import write_json
from warehouse.query import query
from warehouse.runs.run import Run
from warehouse.runs.step_results import MartsGateResult

RUN = "changed"
MONTH = "2017-02"
COUNT_AGAIN = """
    UPDATE marts.agg_outcomes_by_month SET decision_count = coalesce((
        SELECT sum(determinations.decision_count) FROM marts.fct_determinations AS determinations
        WHERE determinations.month_key = agg_outcomes_by_month.month_key
    ), 0)
"""


@dataclass(frozen=True)
class Case:
    """A published case of a month."""

    case_number: str
    source_name: str
    letter_id: str
    decision_count: int


@pytest.fixture
def cases(loaded: Home) -> list[Case]:
    """The published cases of `MONTH`, those with most decisions first."""
    rows = query(
        loaded.context.versions.require_current().marts,
        "SELECT case_number, source_name, letter_id, decision_count FROM fct_determinations "
        f"WHERE month_key = '{MONTH}' ORDER BY decision_count DESC, case_number",
    ).to_pylist()
    assert len(rows) > 2
    return [Case(**row) for row in rows]


def make_changed_candidate(home: Home, *changes: str, withdrawn: Sequence[str] = ()) -> Run:
    """Return a run without arrivals whose candidate has the published marts, changed by SQL."""
    run = home.copy_candidate(RUN)
    write_json(run.comparison, {"withdrawn": [{"sha256": letter} for letter in withdrawn], "kept": []})
    with duckdb.connect(str(run.marts)) as connection:
        for change in (*changes, COUNT_AGAIN):
            connection.execute(change)
    return run


def delete_case(case: Case) -> tuple[str, str]:
    """Return SQL that deletes a case and its letter."""
    return (
        f"DELETE FROM marts.fct_determinations WHERE letter_id = '{case.letter_id}'",
        f"DELETE FROM marts.dim_letters WHERE letter_id = '{case.letter_id}'",
    )


def load_again(case: Case) -> tuple[str, ...]:
    """Return SQL that makes a case's letter one of the run's load."""
    tables = {"fct_intake": "file_sha256", "dim_letters": "letter_id", "fct_decisions": "letter_id"}
    return (
        *(f"UPDATE marts.{t} SET load_number = 99 WHERE {key} = '{case.letter_id}'" for t, key in tables.items()),
        f"UPDATE marts.fct_intake SET run_id = '{RUN}' WHERE file_sha256 = '{case.letter_id}'",
    )


def stop_at_gate(home: Home, *, accept_drift: bool = False) -> tuple[set[str], str]:
    """Return the suites that stop the run at its last gate, and the message."""
    with pytest.raises(GateError) as stopped:
        steps.gate_marts(home.context, RUN, accept_drift=accept_drift)
    return {f.suite for f in stopped.value.result.failures if f.blocks}, str(stopped.value)


def test_a_month_with_missing_decisions_names_the_missing_letters(loaded: Home, cases: list[Case]) -> None:
    fewer, moved, *_ = cases
    assert fewer.decision_count > 1
    make_changed_candidate(
        loaded,
        f"UPDATE marts.fct_determinations SET decision_count = 1 WHERE letter_id = '{fewer.letter_id}'",
        "UPDATE marts.fct_determinations SET decision_date = '2015-03-04', month_key = '2015-03' "
        f"WHERE letter_id = '{moved.letter_id}'",
    )
    suites, message = stop_at_gate(loaded)
    assert suites == {"marts_months"}
    missing = fewer.decision_count - 1 + moved.decision_count
    assert f"month_key {MONTH}" in message
    assert f"decisions_missing = {missing}" in message
    named = message.split("letters to look at:")[1]
    for case, status in ((fewer, f"1 of {fewer.decision_count} decisions left"), (moved, "of 2015-03-04")):
        who = f"month_key {MONTH}, case_number {case.case_number}, source_name {case.source_name}"
        assert f"- {who}: status = {status}" in named
        assert f"$ imr show {loaded.settings.archive}/{case.letter_id[:2]}" in named
    assert cases[2].case_number not in named, "an unchanged case"
    assert "$ imr sql 'SELECT case_number" in named
    assert f"$ imr sql --run {RUN} 'SELECT case_number" in named


def test_a_deleted_case_is_lost_unless_its_own_letter_was_withdrawn(loaded: Home, cases: list[Case]) -> None:
    first, second, *_ = cases
    make_changed_candidate(loaded, *delete_case(first), withdrawn=[second.letter_id])
    suites, message = stop_at_gate(loaded)
    assert suites == {"marts_cases", "marts_months"}
    assert f"case_number {first.case_number}, source_name {first.source_name}: status = lost" in message
    assert f"source_name {first.source_name}: status = missing" in message
    published = loaded.query("SELECT count(*) AS n FROM marts.fct_determinations")[0]["n"]
    assert f"observed 1 of {published} rows that break it" in message
    assert second.case_number not in message
    make_changed_candidate(loaded, *delete_case(first), withdrawn=[first.letter_id])
    assert steps.gate_marts(loaded.context, RUN) > 0


def test_a_case_under_another_number_only_warns(loaded: Home, cases: list[Case]) -> None:
    first, *_ = cases
    run = make_changed_candidate(
        loaded,
        *(
            f"UPDATE {table} SET case_key = 'CM99-0000001' WHERE letter_id = '{first.letter_id}'"
            for table in ("marts.fct_determinations", "marts.dim_letters")
        ),
        *load_again(first),
    )
    assert steps.gate_marts(loaded.context, RUN) > 0
    (warning,) = run.find_result(MartsGateResult).warnings  # type: ignore[union-attr]
    assert f"case_number {first.case_number}, source_name {first.source_name}: status = renamed" in warning


def test_a_month_of_overturned_decisions_names_its_letters_and_is_no_drift(loaded: Home, cases: list[Case]) -> None:
    first, *_ = cases
    this_letter = f"WHERE letter_id = '{first.letter_id}'"
    make_changed_candidate(
        loaded,
        *load_again(first),
        f"UPDATE marts.fct_determinations SET decision_count = 1000 {this_letter}",
        f"UPDATE marts.fct_decisions SET is_overturned = true {this_letter}",
        f"UPDATE marts.agg_outcomes_by_month SET overturn_rate = 0.97 WHERE month_key = '{MONTH}'",
    )
    suites, message = stop_at_gate(loaded, accept_drift=True)
    assert suites == {"marts_months"}
    assert "overturn_rate = 0.97" in message
    (letter,) = [line for line in message.splitlines() if f"case_number {first.case_number}" in line]
    assert letter.strip().startswith(f"- month_key {MONTH}, case_number {first.case_number}, source_name ")
    assert letter.endswith(f"overturned = {first.decision_count} of {first.decision_count} decisions")
    assert f"imr show {loaded.settings.archive}/{first.letter_id[:2]}" in message
    (listing,) = [line for line in message.splitlines() if f"$ imr sql --run {RUN}" in line]
    assert first.case_number in run_imr(loaded.path, *shlex.split(listing)[2:])
