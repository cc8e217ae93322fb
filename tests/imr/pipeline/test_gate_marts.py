"""Faulty candidates at the last gate: which rules stop them, what is allowed, and which letters are named."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pytest
from click.testing import CliRunner

from expectations.gate import GateError
from imr.cli import main
from imr.pipeline import steps
from tests.imr.conftest import House
from warehouse.build.load import make_candidate
from warehouse.intake import inbox
from warehouse.query import query
from warehouse.runs.run import Run, write_json

RUN = "faulty"
MONTH = "2017-02"
RECOUNT = """
    UPDATE marts.fct_outcomes_by_month SET decision_count = coalesce((
        SELECT sum(decision_count) FROM marts.fct_determinations
        WHERE coalesce(strftime(decision_date, '%Y-%m'), 'unknown') = month_key
    ), 0)
"""


@dataclass(frozen=True)
class Case:
    """A published case of `MONTH`."""

    case_number: str
    source_name: str
    letter_id: str
    decision_count: int


@pytest.fixture
def cases(loaded: House) -> list[Case]:
    """The published cases of `MONTH`, those with most decisions first."""
    rows = query(
        steps.store(loaded.settings).require_current().marts,
        "SELECT case_number, source_name, letter_id, decision_count FROM fct_determinations "  # noqa: S608 - a constant
        f"WHERE strftime(decision_date, '%Y-%m') = '{MONTH}' ORDER BY decision_count DESC, case_number",
    ).to_pylist()
    assert len(rows) > 2
    return [Case(**row) for row in rows]


def make_run(house: House, *changes: str, withdrawn: Sequence[str] = ()) -> Run:
    """Return a run without letters, whose candidate is the published version changed by SQL."""
    run = steps.open_run(house.settings, RUN)
    make_candidate(run, steps.store(house.settings).require_current())
    inbox.write_arrivals(run, [])
    write_json(run.comparison, {"withdrawn": [{"sha256": letter} for letter in withdrawn], "kept": []})
    with duckdb.connect(str(run.candidate)) as connection:
        for change in (*changes, RECOUNT):
            connection.execute(change)
    return run


def delete(case: Case) -> list[str]:
    """Return SQL that removes a case and its letter."""
    return [
        f"DELETE FROM {table} WHERE letter_id = '{case.letter_id}'"  # noqa: S608 - a hash
        for table in ("marts.fct_determinations", "intermediate.int_letters_ranked")
    ]


def stop_at_gate_marts(house: House) -> tuple[set[str], str]:
    """Return the suites that stop the run at its last gate, and the message."""
    with pytest.raises(GateError) as error:
        steps.gate_marts(house.settings, RUN, accept_drift=True)  # no rule about marts is a drift
    return {f.suite for f in error.value.result.failures if f.blocks}, str(error.value)


def test_a_candidate_equal_to_the_published_version_passes(loaded: House) -> None:
    make_run(loaded)
    assert steps.gate_marts(loaded.settings, RUN) > 0


def test_a_month_with_fewer_decisions_names_the_missing_letters(loaded: House, cases: list[Case]) -> None:
    fewer, moved, *_ = cases
    assert fewer.decision_count > 1
    make_run(
        loaded,
        f"UPDATE marts.fct_determinations SET decision_count = 1 WHERE letter_id = '{fewer.letter_id}'",  # noqa: S608
        f"UPDATE marts.fct_determinations SET decision_date = '2015-03-04' WHERE letter_id = '{moved.letter_id}'",  # noqa: S608
    )
    suites, message = stop_at_gate_marts(loaded)
    assert suites == {"marts_months"}
    assert f"month_key {MONTH}" in message
    assert f"decisions_missing = {fewer.decision_count - 1 + moved.decision_count}" in message
    named = message.split("letters to look at:")[1]
    for case, became in ((fewer, f"1 of {fewer.decision_count} decisions left"), (moved, "of 2015-03-04")):
        name = f"month_key {MONTH}, case_number {case.case_number}, source_name {case.source_name}"
        assert f"- {name}: became = {became}" in named
        assert f"$ imr show {loaded.settings.archive}/{case.letter_id[:2]}" in named
    assert cases[2].case_number not in named, "an unchanged letter is not named"
    assert "$ imr sql 'SELECT case_number" in named
    assert f"$ imr sql --run {RUN} 'SELECT case_number" in named


def test_a_mostly_overturned_month_names_the_overturned_letters(loaded: House, cases: list[Case]) -> None:
    in_month = f"strftime(decision_date, '%Y-%m') = '{MONTH}'"
    make_run(
        loaded,
        f"UPDATE raw.letters SET run_id = '{RUN}' WHERE {in_month}",  # noqa: S608
        f"UPDATE marts.fct_decisions SET is_overturned = true WHERE {in_month}",  # noqa: S608
        f"UPDATE marts.fct_determinations SET decision_count = 200 WHERE {in_month}",  # noqa: S608
        f"UPDATE marts.fct_outcomes_by_month SET overturn_rate = 0.9 WHERE month_key = '{MONTH}'",  # noqa: S608
    )
    suites, message = stop_at_gate_marts(loaded)
    assert suites == {"marts_months"}
    assert "overturn_rate = 0.9" in message
    count = cases[0].decision_count
    name = f"month_key {MONTH}, case_number {cases[0].case_number}, source_name {cases[0].source_name}"
    first, *_ = message.split("letters to look at:\n")[1].splitlines()
    assert f"- {name}, page" in first
    assert f"overturned = {count} of {count} decisions" in first
    (listing,) = [line for line in message.splitlines() if f"$ imr sql --run {RUN}" in line]
    listed = CliRunner().invoke(main, shlex.split(listing)[2:], env={"IMR_HOME": str(loaded.home)})
    assert (listed.exit_code, cases[-1].case_number in listed.output) == (0, True), listed.output


def test_only_a_withdrawn_letter_may_be_missing(loaded: House, cases: list[Case]) -> None:
    first, second, *_ = cases
    for withdrawn in ([], [second.letter_id]):
        make_run(loaded, *delete(first), withdrawn=withdrawn)
        suites, message = stop_at_gate_marts(loaded)
        assert suites == {"marts_cases", "marts_months"}
        assert f"case_number {first.case_number}, source_name {first.source_name}: became = lost" in message
        assert f"source_name {first.source_name}: became = missing" in message
        assert second.case_number not in message
    make_run(loaded, *delete(first), withdrawn=[first.letter_id])
    assert steps.gate_marts(loaded.settings, RUN) > 0


def test_a_case_with_another_number_warns(loaded: House, cases: list[Case]) -> None:
    first, *_ = cases
    run = make_run(
        loaded,
        *(
            f"UPDATE {table} SET case_key = 'CM99-0000001' WHERE letter_id = '{first.letter_id}'"  # noqa: S608
            for table in ("marts.fct_determinations", "intermediate.int_letters_ranked")
        ),
        f"UPDATE raw.letters SET run_id = '{RUN}' WHERE letter_id = '{first.letter_id}'",  # noqa: S608
    )
    assert steps.gate_marts(loaded.settings, RUN) > 0
    (warning,) = (run.outcome("gate_marts") or {})["warnings"]
    assert f"case_number {first.case_number}, source_name {first.source_name}: became = renamed" in warning
