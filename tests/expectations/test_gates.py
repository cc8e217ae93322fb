"""Each rule of each suite, on a frame that breaks it: that rule fails, no other, and it names the letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import great_expectations as gx
import pandas as pd
import pytest

from expectations import batch_decisions, batch_files, batch_letters, marts
from expectations.gate import Check, Failure, GateError, GateResult, run_gate

TODAY = date(2017, 3, 1)
WHO = ["case_number", "source_name"]


def letters() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "letter_id": ["a", "b", "c"],
            "case_number": ["CM17-0400001", "CM17-0400002", "CM16-0400003"],
            "source_name": ["a.pdf", "b.pdf", "c.pdf"],
            "decision_date": pd.to_datetime(["2017-02-01", "2017-02-02", "2017-02-03"]),
            "date_of_injury": pd.to_datetime(["2016-02-01", "2001-02-02", "2016-02-03"]),
        }
    )


def decisions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "letter_id": ["a", "b", "b"],
            "decision_number": [1, 1, 2],
            "case_number": ["CM17-0400001", "CM17-0400002", "CM17-0400002"],
            "source_name": ["a.pdf", "b.pdf", "b.pdf"],
            "page": [1, 2, 2],
            "outcome": ["upheld", "overturned", "partially_overturned"],
            "treatment_requested": ["MRI of the left knee", "Gym membership", "Massage"],
            "rationale_finding": ["not_necessary", "necessary", "necessary"],
        }
    )


def with_value(frame: pd.DataFrame, column: str, value: object) -> pd.DataFrame:
    """Return a frame with another value in the second row, which is b.pdf."""
    frame = frame.astype({column: object}) if frame[column].dtype == "str" else frame
    frame.loc[1, column] = value
    return frame


Suite = Callable[[], gx.ExpectationSuite]
SUITES: dict[str, tuple[Suite, Callable[[], pd.DataFrame]]] = {
    batch_letters.NAME: (lambda: batch_letters.suite(TODAY), letters),
    batch_decisions.NAME: (batch_decisions.suite, decisions),
}
POISONS = {
    "a letter twice": (batch_letters.NAME, "letter_id", "a", True),
    "a case number of another shape": (batch_letters.NAME, "case_number", "17-1", True),
    "a decision before review began": (batch_letters.NAME, "decision_date", pd.Timestamp("2012-12-31"), True),
    "a decision after today": (batch_letters.NAME, "decision_date", pd.Timestamp("2017-03-03"), True),
    "an injury after today": (batch_letters.NAME, "date_of_injury", pd.Timestamp("2017-03-03"), True),
    "a letter without a case number": (batch_letters.NAME, "case_number", None, False),
    "a decision in another word": (batch_decisions.NAME, "outcome", "Remanded", True),
    "a fragment of a request": (batch_decisions.NAME, "treatment_requested", "X", True),
    "a request that swallowed a rationale": (batch_decisions.NAME, "treatment_requested", "x" * 2001, True),
    "a finding that is unclear": (batch_decisions.NAME, "rationale_finding", "unclear", False),
}


def checked(tmp_path: Path, suite: gx.ExpectationSuite, frame: pd.DataFrame) -> GateResult:
    try:
        return run_gate("test", [Check(suite, frame, WHO)], home=tmp_path, run_id="run")
    except GateError as error:
        return error.result


@pytest.mark.parametrize("name", sorted(SUITES))
def test_a_sound_batch_passes(name: str, tmp_path: Path) -> None:
    suite, frame = SUITES[name]
    result = checked(tmp_path, suite(), frame())
    assert result.checked >= 4
    assert (result.passed, result.failures) == (True, ())


@pytest.mark.parametrize("poison", sorted(POISONS))
def test_a_poisoned_batch_breaks_one_rule_which_names_the_letter(poison: str, tmp_path: Path) -> None:
    name, column, value, blocks = POISONS[poison]
    suite, frame = SUITES[name]
    result = checked(tmp_path, suite(), with_value(frame(), column, value))
    (failure,) = result.failures
    assert column in failure.expectation
    assert failure.blocks is blocks
    assert result.passed is not blocks
    assert any("b.pdf" in row for row in failure.rows)


def test_a_decision_numbered_twice_breaks_the_key(tmp_path: Path) -> None:
    result = checked(tmp_path, batch_decisions.suite(), with_value(decisions(), "decision_number", 2))
    (failure,) = result.failures
    assert "letter_id, decision_number" in failure.expectation
    assert failure.blocks


@pytest.mark.parametrize(
    ("files", "broken", "passes"), [(3, 2, True), (20, 3, True), (20, 5, False), (100, 11, True), (100, 13, False)]
)
def test_a_reader_that_dies_of_many_letters_stops_the_load(
    files: int, broken: int, passes: bool, tmp_path: Path
) -> None:
    ended = ["crashed"] * broken + ["loaded"] * (files - broken)
    frame = pd.DataFrame(
        {
            "source_path": [f"{n}.pdf" for n in range(files)],
            "ended": ended,
            "status": ["loaded" if e == "loaded" else "quarantined" for e in ended],
        }
    )
    try:
        result = run_gate(
            "test", [Check(batch_files.suite(files), frame, ["source_path"])], home=tmp_path, run_id="run"
        )
    except GateError as error:
        result = error.result
    assert result.passed is passes
    if not passes:
        assert "0.pdf" in str(result.failures[0])


def test_an_empty_batch_of_letters_passes(tmp_path: Path) -> None:
    assert checked(tmp_path, batch_letters.suite(TODAY), letters().iloc[:0]).passed


def test_marts_may_not_lose_a_case(tmp_path: Path) -> None:
    frame = pd.DataFrame({"case_number": ["CM17-0400001", "CM17-0400002"]})
    assert checked(tmp_path, marts.decisions_suite(published_rows=2), frame).passed
    result = checked(tmp_path, marts.decisions_suite(published_rows=3), frame)
    assert not result.passed
    assert "observed 2" in str(result.failures[0])


def test_a_month_of_mostly_overturned_decisions_is_not_believed(tmp_path: Path) -> None:
    frame = pd.DataFrame({"decision_month": ["2017-01", "2017-02"], "overturn_rate": [0.12, 0.71]})
    with pytest.raises(GateError, match="2017-02"):
        run_gate("test", [Check(marts.months_suite(), frame, ["decision_month"])], home=tmp_path, run_id="run")


def test_the_message_says_rule_letter_and_where_to_look(tmp_path: Path) -> None:
    check = Check(
        batch_decisions.suite(), with_value(decisions(), "outcome", "Remanded"), [*WHO, "decision_number", "page"]
    )
    with pytest.raises(GateError) as stopped:
        run_gate("batch", [check], home=tmp_path, run_id="run-1")
    told = str(stopped.value)
    assert "the batch gate stopped this load" in told
    assert "case_number CM17-0400002, source_name b.pdf, decision_number 1, page 2: outcome = Remanded" in told
    assert "outcomes.csv" in told
    assert str(stopped.value.result.data_docs) in told
    assert stopped.value.result.data_docs.exists()


def test_a_message_with_many_letters_names_some_and_counts_the_rest() -> None:
    rows = tuple(f"letter {n}" for n in range(25))
    told = str(Failure("suite", "rule", blocks=True, observed="25 of 25 rows", rows=rows))
    assert "letter 9" in told
    assert "letter 10" not in told
    assert "and 15 more" in told
