"""Candidates that have lost something, at the last gate: what stops, what may go, and which letters are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pytest

from expectations.gate import GateError
from imr.pipeline import steps
from tests.support.home import Home
from warehouse.build.load import make_candidate
from warehouse.intake import inbox
from warehouse.query import query
from warehouse.runs.run import Run, write_json

RUN = "spoilt"
MONTH = "2017-02"
COUNT_AGAIN = """
    UPDATE marts.fct_outcomes_by_month SET decision_count = coalesce((
        SELECT sum(decision_count) FROM marts.fct_determinations
        WHERE coalesce(strftime(decision_date, '%Y-%m'), 'unknown') = month_key
    ), 0)
"""


@dataclass(frozen=True)
class Held:
    """A case that readers see in a month."""

    case_number: str
    source_name: str
    letter_id: str
    decision_count: int


@pytest.fixture
def cases(loaded: Home) -> list[Held]:
    """The published cases of `MONTH`, those with most decisions first."""
    rows = query(
        loaded.context.versions.require_current().marts,
        "SELECT case_number, source_name, letter_id, decision_count FROM fct_determinations "  # noqa: S608 - a constant
        f"WHERE strftime(decision_date, '%Y-%m') = '{MONTH}' ORDER BY decision_count DESC, case_number",
    ).to_pylist()
    assert len(rows) > 2
    return [Held(**row) for row in rows]


def candidate(home: Home, *changes: str, taken_out: Sequence[str] = ()) -> Run:
    """Return a run that brings no letter; its candidate is what is published, changed by SQL."""
    run = home.context.open_run(RUN)
    make_candidate(run, home.context.versions.require_current())
    inbox.write_arrivals(run, [])
    write_json(run.comparison, {"withdrawn": [{"sha256": letter} for letter in taken_out], "kept": []})
    with duckdb.connect(str(run.candidate)) as connection:
        for change in (*changes, COUNT_AGAIN):
            connection.execute(change)
    return run


def gone(case: Held) -> tuple[str, str]:
    """SQL that takes a case and its letter away."""
    return (
        f"DELETE FROM marts.fct_determinations WHERE letter_id = '{case.letter_id}'",  # noqa: S608 - a hash
        f"DELETE FROM intermediate.int_letters_ranked WHERE letter_id = '{case.letter_id}'",  # noqa: S608 - a hash
    )


def stopped_by(home: Home) -> tuple[set[str], str]:
    """The suites that stop the run at its last gate, and the message."""
    with pytest.raises(GateError) as stopped:
        steps.gate_marts(home.context, RUN)
    return {f.suite for f in stopped.value.result.failures if f.blocks}, str(stopped.value)


def test_a_candidate_that_is_as_published_passes(loaded: Home) -> None:
    candidate(loaded)
    assert steps.gate_marts(loaded.context, RUN) > 0


def test_a_month_that_has_shrunk_names_the_letters_that_readers_would_miss(loaded: Home, cases: list[Held]) -> None:
    fewer, moved, *_ = cases
    assert fewer.decision_count > 1
    candidate(
        loaded,
        f"UPDATE marts.fct_determinations SET decision_count = 1 WHERE letter_id = '{fewer.letter_id}'",  # noqa: S608
        f"UPDATE marts.fct_determinations SET decision_date = '2015-03-04' WHERE letter_id = '{moved.letter_id}'",  # noqa: S608
    )
    suites, message = stopped_by(loaded)
    assert suites == {"marts_months"}
    missing = fewer.decision_count - 1 + moved.decision_count
    assert f"month_key {MONTH}" in message
    assert f"decisions_missing = {missing}" in message
    named = message.split("letters to look at:")[1]
    for case, status in ((fewer, f"1 of {fewer.decision_count} decisions left"), (moved, "of 2015-03-04")):
        who = f"month_key {MONTH}, case_number {case.case_number}, source_name {case.source_name}"
        assert f"- {who}: status = {status}" in named
        assert f"$ imr show {loaded.settings.archive}/{case.letter_id[:2]}" in named
    assert cases[2].case_number not in named, "what is as it was is not at fault"
    assert "$ imr sql 'SELECT case_number" in named
    assert f"$ imr sql --run {RUN} 'SELECT case_number" in named


def test_a_case_that_is_gone_is_lost_unless_its_letter_was_taken_out(loaded: Home, cases: list[Held]) -> None:
    first, *_ = cases
    candidate(loaded, *gone(first))
    suites, message = stopped_by(loaded)
    assert suites == {"marts_cases", "marts_months"}
    assert f"case_number {first.case_number}, source_name {first.source_name}: status = lost" in message
    assert f"source_name {first.source_name}: status = missing" in message
    candidate(loaded, *gone(first), taken_out=[first.letter_id])
    assert steps.gate_marts(loaded.context, RUN) > 0


def test_another_letter_that_was_taken_out_excuses_no_loss(loaded: Home, cases: list[Held]) -> None:
    first, second, *_ = cases
    candidate(loaded, *gone(first), taken_out=[second.letter_id])
    suites, message = stopped_by(loaded)
    assert suites == {"marts_cases", "marts_months"}
    assert first.case_number in message
    assert second.case_number not in message


def test_a_case_that_is_read_under_another_number_is_shown_and_is_no_loss(loaded: Home, cases: list[Held]) -> None:
    first, *_ = cases
    run = candidate(
        loaded,
        *(
            f"UPDATE {table} SET case_key = 'CM99-0000001' WHERE letter_id = '{first.letter_id}'"  # noqa: S608
            for table in ("marts.fct_determinations", "intermediate.int_letters_ranked")
        ),
        f"UPDATE raw.letters SET run_id = '{RUN}' WHERE letter_id = '{first.letter_id}'",  # noqa: S608
    )
    assert steps.gate_marts(loaded.context, RUN) > 0
    (warning,) = (run.outcome("gate_marts") or {})["warnings"]
    assert f"case_number {first.case_number}, source_name {first.source_name}: status = renamed" in warning
