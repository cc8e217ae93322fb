"""Each rule of each suite, on a frame that breaks it: that rule fails, no other, and it names the letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import great_expectations as gx
import pandas as pd
import pytest

from expectations import batch_decisions, batch_drift, batch_files, batch_letters, marts
from expectations.failure import Failure
from expectations.gate import Check, GateError, GateResult, run_gate, weigh_drift
from expectations.limits import Share

TODAY = date(2017, 3, 1)
WHO = ["case_number", "source_name"]
STEADY = [Share(25, rate) for rate in (0.88, 0.92, 0.84, 0.88, 0.92, 0.88)]
RARE = [Share(25, rate) for rate in (0.0, 0.04, 0.0, 0.04, 0.0, 0.0)]


def files() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source_path": [f"{name}.pdf" for name in "abcdefghij"],
            "status": ["loaded"] * 10,
            "ended": ["loaded"] * 10,
        }
    )


def letters() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "letter_id": ["a", "b", "c"],
            "case_number": ["CM17-0400001", "CM17-0400002", "CM16-0400003"],
            "source_name": ["a.pdf", "b.pdf", "c.pdf"],
            "decision_date": pd.to_datetime(["2017-02-01", "2017-02-02", "2017-02-03"]),
            "date_of_injury": pd.to_datetime(["2016-02-01", "2001-02-02", "2016-02-03"]),
            "decision_count": [1, 2, 3],
            "shown_text_names": [None, None, None],
        }
    )
    return frame.assign(**{f"missing_{field}": None for field in batch_letters.KEY_FIELDS})


def decisions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "letter_id": ["a", "b", "b"],
            "decision_number": [1, 1, 2],
            "case_number": ["CM17-0400001", "CM17-0400002", "CM17-0400002"],
            "source_name": ["a.pdf", "b.pdf", "b.pdf"],
            "page": [1, 2, 2],
            "outcome": ["upheld", "overturned", "partially_overturned"],
            "request_characters": [20, 14, 7],
            "shown_text_names": [None, None, None],
            "rationale_finding": ["not_necessary", "necessary", "necessary"],
        }
    )


def many_decisions(count: int = 40) -> pd.DataFrame:
    """Return decisions of so many letters, of which one in ten is overturned."""
    return pd.DataFrame(
        {
            "case_number": [f"CM17-04{n:05}" for n in range(count)],
            "source_name": [f"{n}.pdf" for n in range(count)],
            "outcome": ["overturned" if n % 10 == 0 else "upheld" for n in range(count)],
            "wording": ["understood"] * count,
            "treatment_category": ["Injection" if n % 10 == 0 else "Pharmaceuticals" for n in range(count)],
        }
    )


def cases() -> pd.DataFrame:
    return letters()[WHO].assign(status="kept")


def months() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "case_number": ["2017-01", "2017-02"],  # tests name every row by the same two columns
            "source_name": ["a.pdf", "b.pdf"],
            "decisions_missing": [0, 0],
            "overturn_rate": [0.12, None],
        }
    )


def with_value(frame: pd.DataFrame, column: str, value: object, rows: int = 1) -> pd.DataFrame:
    """Return a frame with another value in the second row, which is b.pdf or 1.pdf, and in those after it."""
    frame = frame.astype({column: object}) if not isinstance(value, pd.Timestamp) else frame
    frame.loc[1:rows, column] = value
    return frame


Suite = Callable[[], gx.ExpectationSuite]
SUITES: dict[str, tuple[Suite, Callable[[], pd.DataFrame]]] = {
    batch_letters.NAME: (lambda: batch_letters.suite(TODAY, 3), letters),
    batch_decisions.NAME: (batch_decisions.suite, decisions),
    batch_drift.DECISIONS: (lambda: batch_drift.decisions_suite(STEADY, RARE, 40), many_decisions),
    batch_drift.LETTERS: (lambda: batch_drift.letters_suite(timedelta(days=40), TODAY), letters),
    batch_drift.CATEGORIES: (
        lambda: batch_drift.categories_suite({"Pharmaceuticals": STEADY, "Injection": RARE}, 40),
        many_decisions,
    ),
    marts.CASES: (marts.cases_suite, cases),
    marts.MONTHS: (marts.months_suite, months),
}
POISONS = {
    "a letter twice": (batch_letters.NAME, "letter_id", "a", True),
    "a case number of another shape": (batch_letters.NAME, "case_number", "17-1", True),
    "a decision before review began": (batch_letters.NAME, "decision_date", pd.Timestamp("2012-12-31"), True),
    "a decision after today": (batch_letters.NAME, "decision_date", pd.Timestamp("2017-03-03"), True),
    "an injury after today": (batch_letters.NAME, "date_of_injury", pd.Timestamp("2017-03-03"), True),
    "a name that names somebody": (batch_letters.NAME, "shown_text_names", "email address", True),
    "a letter without a case number": (batch_letters.NAME, "case_number", None, False),
    "a letter of too many treatments": (batch_letters.NAME, "decision_count", 61, False),
    "a decision in another word": (batch_decisions.NAME, "outcome", "Remanded", True),
    "a fragment of a request": (batch_decisions.NAME, "request_characters", 2, True),
    "a request that swallowed a rationale": (batch_decisions.NAME, "request_characters", 2001, True),
    "a request that names somebody": (batch_decisions.NAME, "shown_text_names", "phone number", True),
    "a finding that is unclear": (batch_decisions.NAME, "rationale_finding", "unclear", False),
    "a case that is lost": (marts.CASES, "status", "lost", True),
    "a case under another number": (marts.CASES, "status", "renamed", False),
    "a month that has shrunk": (marts.MONTHS, "decisions_missing", 3, True),
    "a month of mostly overturned decisions": (marts.MONTHS, "overturn_rate", 0.71, True),
}


def checked(tmp_path: Path, suite: gx.ExpectationSuite, frame: pd.DataFrame, who: list[str] = WHO) -> GateResult:
    return run_gate("test", [Check(suite, frame, who)], home=tmp_path, run_id="run")


@pytest.mark.parametrize("name", sorted(SUITES))
def test_a_sound_batch_passes(name: str, tmp_path: Path) -> None:
    suite, frame = SUITES[name]
    result = checked(tmp_path, suite(), frame())
    assert result.checked >= 1
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


def test_a_case_decided_twice_on_a_day_is_shown(tmp_path: Path) -> None:
    twice = letters().assign(case_number="CM17-0400001", decision_date=pd.Timestamp("2017-02-01"))
    result = checked(tmp_path, batch_letters.suite(TODAY, 3), twice)
    (failure,) = result.failures
    assert ("case_number, decision_date" in failure.expectation, failure.blocks) == (True, False)


def test_a_batch_without_a_file_is_no_batch(tmp_path: Path) -> None:
    result = checked(tmp_path, batch_files.suite(0), files().iloc[:0], ["source_path"])
    assert [f.rule for f in result.failures if f.blocks] == ["The batch has files"]


@pytest.mark.parametrize(("lacking", "passes"), [(2, True), (5, False)])
def test_a_layout_that_no_longer_states_a_fact_stops_the_load(lacking: int, passes: bool, tmp_path: Path) -> None:
    batch = pd.concat([letters()] * 7, ignore_index=True)
    batch = batch.assign(letter_id=[str(n) for n in range(21)], case_number=[f"CM17-04000{n:02}" for n in range(21)])
    batch = with_value(batch, "missing_decision_date", "table_header", lacking)
    result = checked(tmp_path, batch_letters.suite(TODAY, 21), batch)
    assert result.passed is passes
    assert ["decision_date" in f.rule for f in result.failures] == ([] if passes else [True])


@pytest.mark.parametrize(
    ("count", "broken", "passes"), [(3, 2, True), (20, 3, True), (20, 5, False), (100, 11, True), (100, 13, False)]
)
def test_a_reader_that_dies_of_many_letters_stops_the_load(
    count: int, broken: int, passes: bool, tmp_path: Path
) -> None:
    ended = ["crashed"] * broken + ["loaded"] * (count - broken)
    frame = pd.DataFrame(
        {
            "source_path": [f"{n}.pdf" for n in range(count)],
            "ended": ended,
            "status": ["loaded" if e == "loaded" else "quarantined" for e in ended],
        }
    )
    result = checked(tmp_path, batch_files.suite(count), frame, ["source_path"])
    assert result.passed is passes
    if not passes:
        assert "0.pdf" in str(result.failures[0])


def test_an_empty_batch_of_letters_passes(tmp_path: Path) -> None:
    assert checked(tmp_path, batch_letters.suite(TODAY, 0), letters().iloc[:0]).passed


DRIFTS = {
    "somewhat few upheld": (batch_drift.DECISIONS, "outcome", "overturned", 14, "uphold", False),
    "hardly any upheld": (batch_drift.DECISIONS, "outcome", "overturned", 38, "uphold", True),
    "some wordings not understood": (batch_drift.DECISIONS, "wording", "finding_unclear", 8, "wording", False),
    "most wordings not understood": (batch_drift.DECISIONS, "wording", "finding_unclear", 35, "wording", True),
    "another mix of categories": (batch_drift.CATEGORIES, "treatment_category", "Injection", 20, "category", False),
}


@pytest.mark.parametrize("drift", sorted(DRIFTS))
def test_a_batch_that_is_unlike_the_last_loads_is_told_with_the_limit_and_the_letters(
    drift: str, tmp_path: Path
) -> None:
    name, column, value, rows, _, blocks = DRIFTS[drift]
    suite, frame = SUITES[name]
    result = checked(tmp_path, suite(), with_value(frame(), column, value, rows))
    assert {f.blocks for f in result.failures} == {blocks}
    assert any("1.pdf" in row for f in result.failures for row in f.rows)
    for failure in result.failures:
        assert column in failure.expectation
        assert "allowed" in failure.observed
        assert "The last 6 loads (150 letters)" in (failure.notes or "")
    if name == batch_drift.DECISIONS:
        assert len(result.failures) == 1, "the wider limit's failure stands for the narrower's"


@pytest.mark.parametrize("drift", sorted(DRIFTS))
def test_a_drift_that_is_accepted_warns_once_and_says_so(drift: str, tmp_path: Path) -> None:
    name, column, value, rows, _, blocks = DRIFTS[drift]
    suite, frame = SUITES[name]
    check = Check(suite(), with_value(frame(), column, value, rows), WHO, is_drift=True)
    result = run_gate("test", weigh_drift([check], accepted=True), home=tmp_path, run_id="run")
    assert result.passed
    assert {f.accepted for f in result.failures} == {blocks}, "what would only warn needs nobody's word"
    assert all(("accepted by the run's parameter" in str(f)) is blocks for f in result.failures)
    if name == batch_drift.DECISIONS:
        assert len(result.failures) == 1


def test_only_a_drift_can_be_accepted_and_only_a_drift_says_how(tmp_path: Path) -> None:
    def looked_at(*, accepted: bool) -> GateResult:
        suite = SUITES[batch_drift.DECISIONS][0]()
        drifted = Check(suite, many_decisions().assign(outcome="overturned"), WHO, is_drift=True)
        broken = Check(batch_decisions.suite(), with_value(decisions(), "outcome", "Remanded"), WHO)
        checks = weigh_drift([drifted, broken], accepted=accepted)
        return run_gate("test", checks, home=tmp_path, run_id=f"accepted {accepted}")

    assert {f.suite: "trigger again with accept_drift" in str(f) for f in looked_at(accepted=False).failures} == {
        batch_drift.DECISIONS: True,
        batch_decisions.NAME: False,
    }
    assert {f.suite: f.blocks for f in looked_at(accepted=True).failures} == {
        batch_drift.DECISIONS: False,
        batch_decisions.NAME: True,
    }


def test_a_load_of_three_letters_does_not_cry_wolf(tmp_path: Path) -> None:
    three = many_decisions(3).assign(outcome="overturned", wording="finding_unclear")
    result = checked(tmp_path, batch_drift.decisions_suite(STEADY, [Share(25, 0.08)] * 6, 3), three)
    assert (result.checked, result.failures) == (6, ())


def test_many_refused_files_are_shown_and_never_stop_a_load(tmp_path: Path) -> None:
    refused = with_value(files(), "status", "quarantined", 9)
    result = checked(tmp_path, batch_drift.files_suite(RARE, 10), refused, ["source_path"])
    (failure,) = result.failures
    assert (failure.blocks, result.passed) == (False, True)
    assert "b.pdf" in str(failure)
    assert checked(tmp_path, batch_drift.files_suite(RARE, 10), files(), ["source_path"]).failures == ()


def test_a_batch_of_old_letters_alone_is_shown(tmp_path: Path) -> None:
    result = checked(tmp_path, batch_drift.letters_suite(timedelta(days=40), TODAY + timedelta(days=90)), letters())
    (failure,) = result.failures
    assert (failure.blocks, "2017-02-03" in failure.observed) == (False, True)


def test_the_message_says_rule_letter_and_what_to_type(tmp_path: Path) -> None:
    frame = with_value(decisions(), "outcome", "Remanded").assign(bytes_at="/drop/it's b.pdf")
    check = Check(batch_decisions.suite(), frame, [*WHO, "decision_number", "page"], "FROM decisions")
    result = run_gate("batch", [check], home=tmp_path, run_id="run-1")
    told = str(GateError(result))
    assert "the batch gate stopped this load" in told
    assert "Each decision is in words that are known  [expect_column_values_to_be_in_set: outcome]" in told
    assert "observed 1 of 3 rows that break it (33.3%); allowed none" in told
    assert "case_number CM17-0400002, source_name b.pdf, decision_number 1, page 2: outcome = Remanded" in told
    assert "outcomes.csv" in told
    assert """$ imr show '/drop/it'"'"'s b.pdf'""" in told
    assert "$ imr sql --run run-1 'FROM decisions'" in told
    assert str(result.data_docs) in told
    assert result.data_docs.exists()


def test_a_message_with_many_letters_names_some_and_counts_the_rest() -> None:
    rows = tuple(f"letter {n}" for n in range(25))
    told = str(Failure("suite", "rule", "expectation", blocks=True, observed="25 of 25 rows", rows=rows))
    assert "letter 9" in told
    assert "letter 10" not in told
    assert "and 15 more" in told
