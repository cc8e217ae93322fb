"""What the made-up letters say hangs together, as in real ones."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.support.letters import SampleDecision, named_letters, sample_letters

LETTERS = named_letters()


def test_there_are_enough_letters_and_the_mix_is_near_the_published_one() -> None:
    decisions = [decision for letter in LETTERS.values() for decision in letter.decisions]
    outcomes = Counter(decision.outcome for decision in decisions)
    assert len(LETTERS) == 25
    assert set(outcomes) == {"Upheld", "Overturned"}
    assert 0.80 <= outcomes["Upheld"] / len(decisions) <= 0.88
    assert {decision.shape for decision in decisions} == {None, "A", "A_without_is", "B"}
    assert sum(decision.is_modified for decision in decisions) >= 5
    assert sample_letters() == list(LETTERS.values())


def test_dates_stand_in_the_order_of_events_and_decisions_on_working_days() -> None:
    headed = [letter for letter in LETTERS.values() if letter.layout == "table_header"]
    assert headed
    for letter in headed:
        days = (
            letter.date_of_injury,
            letter.ur_denial_date,
            letter.application_received,
            letter.date_assigned,
            letter.decision_date,
        )
        known = [day for day in days if day is not None]
        assert len(known) == len(days)
        assert known == sorted(known)
        assert known[-1].weekday() < 5
        assert "2016-12-01" <= known[-1].isoformat() <= "2017-02-28"


@pytest.mark.parametrize("name", LETTERS)
def test_text_agrees_with_the_facts(name: str) -> None:
    letter = LETTERS[name]
    prose = letter.layout == "credentials_in_prose"
    assert letter.patient_age is not None
    assert letter.date_of_injury is not None
    opening = letter.clinical_case_summary.replace("-", " ")
    assert f" {letter.patient_age} year old {letter.patient_sex}" in opening
    injured = f"{letter.date_of_injury:{'%m-%d-%Y' if letter.layout == 'table_header' else '%m/%d/%Y'}}"
    short = f"{letter.date_of_injury.month}/{letter.date_of_injury.day}/{letter.date_of_injury.year}"
    assert (short if letter.layout == "notice_2013" else injured) in letter.clinical_case_summary
    assert letter.case_number in {name, None}
    if prose:
        rationale = letter.decisions[0].rationale
        assert letter.ur_denial_date is not None
        assert f"utilization review dated {letter.ur_denial_date:%m/%d/%Y}" in rationale
    elif letter.layout != "professional_review":
        assert letter.case_number == name
        assert letter.ur_denial_date is not None
    assert letter.decisions
    for decision in letter.decisions:
        against = "not medically necessary" in decision.rationale
        assert against == (decision.outcome == "Upheld")
        assert "medically necessary" in decision.rationale


def test_a_modified_request_is_put_together_in_three_ways() -> None:
    def heading(**parts: Any) -> str:
        return SampleDecision("Z", "Upheld", "c", "r", "w", **parts).heading

    assert heading() == "Z"
    remaining = (
        "X was the original request. Y was authorized by the Claims Administrator. The remaining IMR eligible "
        "portion of the original request, Z"
    )
    assert heading(original="X", authorized="Y", shape="A") == f"{remaining} is"
    assert heading(original="X", authorized="Y", shape="A_without_is") == remaining
    assert heading(authorized="Y", shape="B") == (
        "Z was the original request. The Claims Administrator authorized Y, leaving the original request IMR "
        "eligible. The original request, Z is"
    )


@pytest.mark.parametrize(
    "parts", [{"original": "X"}, {"authorized": "Y"}, {"shape": "B"}, {"authorized": "Y", "shape": "A"}]
)
def test_half_a_modified_request_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="shape"):
        SampleDecision("Z", "Upheld", "c", "r", "w", **parts)
