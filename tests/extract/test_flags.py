"""What is odd inside a letter is flagged, and a letter that names somebody is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from extract.letters.finding import read_finding
from extract.letters.quantities import amount, does_not_add_up
from extract.letters.summary_dates import injury_dates, review_dates
from extract.reasons import Reason, UnreadableError
from tests.extract.conftest import RATIONALE, sample_decision
from tests.extract.test_sample_letters import read
from tests.support.letters import SampleLetter, draw_letter


def codes(tmp_path: Path, letter: SampleLetter) -> list[tuple[str, int | None]]:
    return [(f.code, f.decision_number) for f in read(tmp_path, draw_letter(letter)).flags]


def test_a_plain_letter_has_no_flag(letter: SampleLetter, tmp_path: Path) -> None:
    assert codes(tmp_path, letter) == []


@pytest.mark.parametrize(
    ("summary", "flagged"),
    [
        ("The worker has a date of injury of 10-03-2016.", False),
        ("The worker has a date of injury of 10-04-2016.", True),
        ("The worker was injured on October 5, 2016.", True),
        ("On 01-04-2017 utilization review denied the belt.", False),
        ("On 01-09-2017 utilization review denied the belt.", True),
        ("The injury healed. An X-ray of 11-02-2016 was normal.", False),
    ],
)
def test_a_summary_with_other_dates_than_the_header_is_flagged(
    summary: str, flagged: bool, letter: SampleLetter, tmp_path: Path
) -> None:
    told = codes(tmp_path, replace(letter, clinical_case_summary=summary))
    assert told == ([("summary_contradicts_header", None)] if flagged else [])


def test_a_modified_request_that_does_not_add_up_is_flagged(letter: SampleLetter, tmp_path: Path) -> None:
    decision = sample_decision("5 visits of massage", original="10 visits of massage", authorized="6 visits", shape="A")
    assert codes(tmp_path, replace(letter, decisions=(decision,))) == [("quantities_do_not_add_up", 1)]


def test_a_reviewer_who_cites_nothing_is_flagged(letter: SampleLetter, tmp_path: Path) -> None:
    decision = sample_decision(
        "A belt", reviewer_guideline="The Expert Reviewer did not cite any medical evidence for its decision."
    )
    assert codes(tmp_path, replace(letter, decisions=(decision,))) == [("no_guideline_cited", 1)]


def test_a_rationale_that_stops_in_the_middle_is_flagged(letter: SampleLetter, tmp_path: Path) -> None:
    decision = sample_decision("A belt", rationale=RATIONALE.rstrip("."))
    assert codes(tmp_path, replace(letter, decisions=(decision,))) == [("rationale_unfinished", 1)]


def test_a_hole_that_redaction_left_is_flagged(letter: SampleLetter, tmp_path: Path) -> None:
    summary = "The injured worker was seen by , who asked for a belt."
    assert codes(tmp_path, replace(letter, clinical_case_summary=summary)) == [("redaction_hole", None)]


IDENTITIES = {
    "social_security_number": "Her number is 123-45-6789 on the form.",
    "phone_number": "The clinic answers at (555) 010-0199 on weekdays.",
    "email_address": "Write to nobody@example.org for records.",
    "street_address": "She lives at 12 North Willow Street, in a flat.",
    "salutation": "Dear Mr. Nobody, thank you for the records.",
}


@pytest.mark.parametrize("kind", sorted(IDENTITIES))
def test_a_letter_that_names_somebody_is_refused_without_repeating_it(
    kind: str, letter: SampleLetter, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(tmp_path, draw_letter(replace(letter, clinical_case_summary=f"A worker has pain. {IDENTITIES[kind]}")))
    assert (refused.value.reason, refused.value.field, refused.value.page) == (Reason.IDENTITY_FOUND, kind, 1)
    assert not any(word in refused.value.detail for word in ("6789", "0199", "nobody", "Willow", "Nobody"))


@pytest.mark.parametrize(
    ("rationale", "finding"),
    [
        ("The belt is medically necessary.", "necessary"),
        ("The belt is not medically necessary.", "not_necessary"),
        ("The belt is not-medically necessary.", "not_necessary"),
        ("The belt cannot be considered medically necessary.", "not_necessary"),
        ("Medical necessity has not been established.", "not_necessary"),
        ("The request is not a medical necessity.", "not_necessary"),
        (
            "The drug is not medically necessary. As it should not be stopped at once, weaning is advised.",
            "not_necessary",
        ),
        ("Pain was not reduced by rest. The request is medically necessary and appropriate.", "necessary"),
        ("The recommendation is for approval.", "necessary"),
        ("Certification is denied.", "not_necessary"),
        ("The worker sleeps well.", "unclear"),
    ],
)
def test_what_a_rationale_concludes(rationale: str, finding: str) -> None:
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
    assert amount(request_text) == units


def test_sums_are_only_judged_where_all_three_are_stated() -> None:
    assert does_not_add_up("12 visits", "6 visits", "6 visits") is None
    assert does_not_add_up("12 visits", "6 visits", "visits of massage") is None
    assert does_not_add_up("12 visits", "6 visits", "5 visits") == "12 - 6 is not 5"


def test_dates_are_read_in_each_printed_form() -> None:
    text = "The date of injury is 1-9-17. On January 8, 2017, UR denied; the injury of 13-45-2017 is no date."
    assert injury_dates(text) == {date(2017, 1, 9)}
    assert review_dates(text) == {date(2017, 1, 8)}
