"""Anomalies inside a letter are flagged, and a letter that identifies somebody is quarantined."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from extract.letters.finding import read_finding
from extract.letters.quantities import check_amounts, parse_amount
from extract.reasons import Reason, UnreadableError
from tests.extract.conftest import RATIONALE, read_bytes, sample_decision
from tests.support.letters import SampleDecision, SampleLetter, draw_letter


def find_codes(folder: Path, letter: SampleLetter) -> list[tuple[str, int | None]]:
    return [(f.code, f.decision_number) for f in read_bytes(folder, draw_letter(letter)).flags]


def test_a_plain_letter_has_no_flag(letter: SampleLetter, tmp_path: Path) -> None:
    assert find_codes(tmp_path, letter) == []


@pytest.mark.parametrize(
    ("summary", "code"),
    [
        ("The injured worker was seen by , who asked for a belt.", "redaction_hole"),
    ],
)
def test_an_anomaly_of_the_summary_is_flagged(
    summary: str, code: str | None, letter: SampleLetter, tmp_path: Path
) -> None:
    assert find_codes(tmp_path, replace(letter, clinical_case_summary=summary)) == ([(code, None)] if code else [])


@pytest.mark.parametrize(
    ("code", "decision"),
    [
        ("outcome_not_understood", sample_decision("A belt", "Remanded")),
        ("outcome", sample_decision("A belt", "Overturned", rationale=RATIONALE)),
        (
            "quantity",
            sample_decision("5 visits of massage", original="10 visits of massage", authorized="6 visits", shape="A"),
        ),
        (
            "no_guideline_cited",
            sample_decision(
                "A belt", reviewer_guideline="The Expert Reviewer did not cite any medical evidence for its decision."
            ),
        ),
        ("rationale_unfinished", sample_decision("A belt", rationale=RATIONALE.rstrip("."))),
    ],
)
def test_an_anomaly_of_a_decision_is_flagged_and_the_decision_kept(
    code: str, decision: SampleDecision, letter: SampleLetter, tmp_path: Path
) -> None:
    record = read_bytes(tmp_path, draw_letter(replace(letter, decisions=(decision,))))
    assert [(f.code, f.decision_number) for f in record.flags] == [(code, 1)]
    outcome = decision.outcome if code == "outcome_not_understood" else decision.outcome.lower()
    assert record.decisions[0].outcome == outcome


def test_dates_out_of_order_are_flagged_and_kept(letter: SampleLetter, tmp_path: Path) -> None:
    made = replace(letter, ur_denial_date=letter.decision_date, decision_date=letter.ur_denial_date)
    record = read_bytes(tmp_path, draw_letter(made))
    assert record.decision_date == letter.ur_denial_date
    assert {f.code for f in record.flags} == {"dates_out_of_order"}


IDENTITIES = {
    "social_security_number": "Her number is 123-45-6789 on the form.",
    "phone_number": "The clinic answers at (555) 010-0199 on weekdays.",
    "email_address": "Write to nobody@example.org for records.",
    "street_address": "She lives at 12 North Willow Street, in a flat.",
    "salutation": "Dear Mr. Nobody, thank you for the records.",
}


@pytest.mark.parametrize("kind", IDENTITIES)
def test_a_letter_that_identifies_somebody_is_quarantined_without_quoting_it(
    kind: str, letter: SampleLetter, tmp_path: Path
) -> None:
    made = replace(letter, clinical_case_summary=f"A worker has pain. {IDENTITIES[kind]}")
    with pytest.raises(UnreadableError) as raised:
        read_bytes(tmp_path, draw_letter(made))
    error = raised.value
    assert (error.reason, error.field, error.page) == (Reason.IDENTITY_FOUND, kind, 1)
    assert not any(word in error.detail for word in ("6789", "0199", "nobody", "Willow", "Nobody"))


@pytest.mark.parametrize(
    ("rationale", "finding"),
    [
        ("The belt is medically necessary.", "necessary"),
        ("The belt is not medically necessary.", "not_necessary"),
        ("The belt is not-medically necessary.", "not_necessary"),
        ("The belt cannot be considered medically necessary.", "not_necessary"),
        ("Medical necessity has not been established.", "not_necessary"),
        ("The request is not a medical necessity.", "not_necessary"),
        ("It is not medically necessary. As it should not be stopped at once, weaning is advised.", "not_necessary"),
        ("Pain was not reduced by rest. The request is medically necessary and appropriate.", "necessary"),
        ("The recommendation is for approval.", "necessary"),
        ("Certification is denied.", "not_necessary"),
        ("The worker sleeps well.", "unclear"),
    ],
)
def test_the_conclusion_of_a_rationale(rationale: str, finding: str) -> None:
    assert read_finding(rationale) == finding


@pytest.mark.parametrize(
    ("request_text", "units"),
    [
        ("Ibuprofen 600mg #90", 90),
        ("Twelve visits of massage", 12),
        ("Massage for 12 visits", 12),
        ("Eight physical therapy sessions", 8),
        ("Massage 2 times a week for 3 weeks", None),
        ("Ibuprofen #90 and naproxen #60", None),
        ("Ibuprofen #90 with 2 refills", None),
    ],
)
def test_the_amount_of_a_request(request_text: str, units: int | None) -> None:
    assert parse_amount(request_text) == units


def test_amounts_are_only_checked_if_all_three_are_stated() -> None:
    assert check_amounts("12 visits", "6 visits", "6 visits") is None
    assert check_amounts("12 visits", "6 visits", "visits of massage") is None
    assert check_amounts("12 visits", "6 visits", "5 visits") == "12 - 6 is not 5"
