"""Contradictions inside a letter are flagged with their kind; what only looks like one is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extract.letters.text_dates import find_dates
from tests.extract.conftest import parse_pdf, sample_decision
from tests.support.letters import SampleDecision, SampleLetter

OPENING = "The injured worker is a 44 year old female with a date of injury of 10-03-2016."
NOT_NECESSARY = "The request is not medically necessary."


def find_flags(letter: SampleLetter, summary: str, *decisions: SampleDecision) -> list[tuple[str, int | None]]:
    """Return kind and decision of each flag of a letter; its other facts are those of the fixture."""
    made = replace(letter, clinical_case_summary=f"{OPENING} {summary}", decisions=decisions or letter.decisions)
    return [(flag.code, flag.decision_number) for flag in parse_pdf(made).flags]


@pytest.mark.parametrize(
    "summary",
    [
        "The claim of 10/03/2016 concerns the back. The UR dated 1/4/17 denied the belt.",
        "On January 4, 2017, utilization review denied the belt. A second UR of 1-9-17 confirmed it.",
        "The belt has an Rx date of 1-2-2017 and was denied by utilization review.",
        "A previous injury of 5/6/2010 healed.",
        "Two weeks after the injury on 10-17-2016 she was better.",
        "She was seen on 12/20/2016, and the notes of 1/20/2017 speak of pain.",
        "The Request for Authorization is dated 12/28/2016. It was repeated on 1/20/2017.",
        "A new request for authorization was dated 1/20/2017.",
        "The past history includes an MRI of 5/2015. She was hired on 8/1/2014.",
        "Prior studies include an X-ray dated 7/7/2014.",
        "She is to return on 3/15/2017, and an operation is scheduled for 4/1/2017.",
        "The pain was rated 5/10, strength was 4/5, and L4-5 was tender.",
        "She has been on antibiotic therapy for 2 months.",
    ],
)
def test_dates_that_fit_are_not_flagged(summary: str, letter: SampleLetter) -> None:
    assert find_flags(letter, summary) == []


@pytest.mark.parametrize(
    ("summary", "kind"),
    [
        ("The UR dated 1-9-17 denied the belt.", "header_date"),
        ("On 01/09/2017, the utilization review denied the belt.", "header_date"),
        ("The prior determination on 01/ 09/2017 denied the belt.", "header_date"),
        ("A prior review dated January 9,2017 denied the belt.", "header_date"),
        ("The treatment was denied on 01/09/2017.", "header_date"),
        ("The 1/9/17 UR denied the belt.", "header_date"),
        ("A 1/20/2017 RFA asks for the belt.", "request_after_review"),
        ("The requests were previously denied on 01/09/2017.", "header_date"),
        ("The belt was noncertified by Utilization Review on Jan. 9, 2017.", "header_date"),
        ("The Request for Authorization was signed on 01/20/2017.", "request_after_review"),
        ("A RFA form dated 1-20-17 was sent for the belt.", "request_after_review"),
        ("The request was received on 01/20/2017.", "request_after_review"),
        ("On January 20, 2017 a request was received for the belt.", "request_after_review"),
        ("On 08-30-2016, the injured worker reported pain in the back.", "care_before_injury"),
        ("An MRI of the lumbar spine dated 9/1/2016 was normal.", "care_before_injury"),
        ("The visit of 07/2016 speaks of pain.", "care_before_injury"),
        ("The patient has been on opioid therapy for more than 6 months.", "care_before_injury"),
        ("Her heart was examined in June 20216.", "impossible_date"),
        ("She was seen on 11/31/2016.", "impossible_date"),
        ("She was seen on 10/17/2106.", "impossible_date"),
        ("She was seen on 2/20/2017.", "impossible_date"),
    ],
)
def test_a_date_that_cannot_be_is_flagged_once(summary: str, kind: str, letter: SampleLetter) -> None:
    assert find_flags(letter, summary) == [(kind, None)]


def test_another_injury_date_is_flagged_once_and_explains_what_follows_from_it(letter: SampleLetter) -> None:
    made = replace(letter, clinical_case_summary="She was injured on October 5, 2016. On 10/04/2016 she reported pain.")
    flags = parse_pdf(replace(made, patient_age=None)).flags
    assert [(flag.code, flag.detail) for flag in flags] == [
        ("header_date", "date_of_injury 2016-10-03, the summary says 2016-10-05")
    ]


def test_a_date_of_a_rationale_is_flagged_for_its_decision(letter: SampleLetter) -> None:
    wrong = sample_decision("A belt", rationale=f"The date of injury is 12/1/16. {NOT_NECESSARY}")
    assert find_flags(letter, "", sample_decision("A cane"), wrong) == [("header_date", 2)]


@pytest.mark.parametrize(
    ("ago", "flagged"), [("a week ago", True), ("four months ago", False), ("two years ago", True)]
)
def test_a_time_since_the_injury_that_cannot_be_is_flagged(ago: str, flagged: bool, letter: SampleLetter) -> None:
    decision = sample_decision("A cane", rationale=f"The injury was {ago}. {NOT_NECESSARY}")
    assert find_flags(letter, "", decision) == ([("header_date", 1)] if flagged else [])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Her birthdate is given as 03-17-1956 and 03-17-1965.", "patient"),
        ("The worker is also called a 54 year old female.", "patient"),
        ("He lifts nothing.", "patient"),
        ("Pain wakes the worker, who rests his back.", "patient"),
        ("She was born on 03-17-1972.", None),
        ("The physician gave his opinion. He advises a belt.", None),
        ("Her husband drives. He works at night.", None),
        ("He recommended a belt.", None),
        ("Studies show relief (He, 2004).", None),
        ("She had migraine at 12 years old.", None),
    ],
)
def test_a_second_age_birth_date_or_sex_is_flagged(text: str, kind: str | None, letter: SampleLetter) -> None:
    assert find_flags(letter, text) == ([(kind, None)] if kind else [])


@pytest.mark.parametrize(
    ("rationale", "flagged"),
    [
        ("He had normal strength.", True),
        ("The patient is a 44-year-old male.", True),
        ("The patient is a 60-year-old female.", True),
        ("The patient is a 45-year-old female.", False),
        ("Surgery is advised in a 60-year-old man.", False),
    ],
)
def test_a_rationale_about_another_patient_is_flagged(rationale: str, flagged: bool, letter: SampleLetter) -> None:
    decision = sample_decision("A belt", rationale=f"{rationale} {NOT_NECESSARY}")
    assert find_flags(letter, "", decision) == ([("patient", 1)] if flagged else [])


LEFT = "The left shoulder hurts. The left shoulder is tender. Motion of the left shoulder is limited."


@pytest.mark.parametrize(
    ("summary", "flagged"),
    [
        (f"{LEFT} The right shoulder has decreased range of motion.", True),
        ("She is treated for left knee pain. The report speaks of pain in the right knee.", True),
        (f"{LEFT} The right shoulder is normal, compared to it.", False),
        (f"{LEFT} Both shoulders are stiff. The right shoulder is tender.", False),
        ("She is treated for left knee pain. The left knee bends to 90 and the right knee to 130.", False),
        ("The right wrist hurts. The left wrist hurts.", False),
    ],
)
def test_a_side_that_differs_in_one_place_is_flagged(summary: str, flagged: bool, letter: SampleLetter) -> None:
    assert find_flags(letter, summary) == ([("side", None)] if flagged else [])


@pytest.mark.parametrize(
    ("request_text", "rationale", "flagged"),
    [
        ("MRI of the right shoulder", "Motion of the left shoulder is limited.", True),
        ("Right knee brace", "The left knee is stable.", True),
        ("MRI of the right shoulder", "Motion of the right shoulder is limited.", False),
        ("MRI of the right shoulder", "Unlike the left shoulder, it is stiff.", False),
        ("MRI of the right shoulder", "The left knee is stable.", False),
        ("MRI of both shoulders", "Motion of the left shoulder is limited.", False),
    ],
)
def test_a_rationale_about_the_other_side_is_flagged(
    request_text: str, rationale: str, flagged: bool, letter: SampleLetter
) -> None:
    decision = sample_decision(request_text, rationale=f"{rationale} {NOT_NECESSARY}")
    assert find_flags(letter, "", decision) == ([("side", 1)] if flagged else [])


SHARED = (
    "The guideline asks for pain that outlasts home exercise and a trial of drugs. The notes do not describe a trial. "
    "Nor do they say what changed since the last visit. The request for {} is not medically necessary."
)


@pytest.mark.parametrize(
    ("first", "second", "flagged"),
    [
        ("EMG of the left arm", "NCS of the left arm", True),
        ("X-ray of the neck", "X-ray of the back", True),
        ("Heat for the back, 6 sessions", "Massage of the back, 6 sessions", True),
        ("Ibuprofen 600mg #60", "Ibuprofen 800mg #30", False),
        ("Massage of the back, 6 sessions", "Massage of the back, 12 sessions", False),
        ("Massage, 2 times a week for 3 weeks", "Massage of the back, 12 visits", False),
        ("Associated surgical service: sling", "Associated surgical service: cold unit", False),
    ],
)
def test_a_rationale_that_different_treatments_share_is_flagged(
    first: str, second: str, flagged: bool, letter: SampleLetter
) -> None:
    decisions = [sample_decision(made, rationale=SHARED.format(made)) for made in (first, second)]
    other = sample_decision("A cane")
    assert find_flags(letter, "", decisions[0], other, decisions[1]) == ([("shared_rationale", 3)] if flagged else [])


def test_a_group_of_equal_rationales_is_flagged_once(letter: SampleLetter) -> None:
    made = [sample_decision(name, rationale=SHARED.format("it")) for name in ("Cane", "Belt", "Corset")]
    assert find_flags(letter, "", *made) == [("shared_rationale", 2)]


@pytest.mark.parametrize(
    ("conclusion", "flagged"),
    [
        ("The request for 8 visits of massage is not medically necessary.", True),
        ("The additional eight visits are not necessary.", True),
        ("The request for 2 visits of massage is not medically necessary.", False),
        ("The additional two visits are not medically necessary.", False),
        ("The original request for 8 visits of massage exceeds the guideline.", False),
        ("The guideline recommends 6 visits, with additional care if there is gain.", False),
        ("The request for massage 1 time a week for 2 weeks for 2 visits is not medically necessary.", False),
    ],
)
def test_a_conclusion_about_another_amount_is_flagged(conclusion: str, flagged: bool, letter: SampleLetter) -> None:
    decision = sample_decision(
        "2 visits of massage",
        original="8 visits of massage",
        authorized="6 visits",
        shape="A",
        rationale=f"{conclusion} {NOT_NECESSARY}",
    )
    assert find_flags(letter, "", decision) == ([("quantity", 1)] if flagged else [])


def test_a_strength_that_differs_between_a_request_and_its_repetition_is_flagged(letter: SampleLetter) -> None:
    made = {"original": "Zilch 320mg #30", "authorized": "Zilch 32mg #10", "shape": "B"}
    assert find_flags(letter, "", sample_decision("Zilch 32mg #30", **made)) == [("self", 1)]
    assert find_flags(letter, "", sample_decision("Zilch 320mg #30", **made)) == []


@pytest.mark.parametrize(
    ("rationale", "flagged"),
    [
        ("She had an MRI of the lumbar spine done on 12/08/2016.", True),
        ("There was a prior lumbar MRI in 12/2016.", True),
        ("It is unclear why a repeat study is needed.", True),
        ("It is not clear what the indication for an additional MRI is.", True),
        ("This request would be duplicative.", True),
        ("The requested study was previously authorized.", True),
        ("Repeat MRI is not routinely recommended.", False),
        ("She had an MRI of the knee done on 12/08/2016.", False),
        ("There was no MRI of the lumbar spine done in 2016.", False),
        ("She had a lumbar X-ray done on 12/08/2016.", False),
        ("Physical therapy was previously authorized.", False),
    ],
)
def test_an_item_that_was_provided_before_is_flagged(rationale: str, flagged: bool, letter: SampleLetter) -> None:
    decision = sample_decision("MRI of the lumbar spine", rationale=f"{rationale} {NOT_NECESSARY}")
    assert find_flags(letter, "", decision) == ([("already_provided", 1)] if flagged else [])


@pytest.mark.parametrize(
    ("summary", "rationale", "flagged"),
    [
        ("There is decreased sensation at L5.", "There is no evidence of nerve compromise.", True),
        ("Strength is 4/5 in the left leg.", "The notes do not show any neurologic deficits.", True),
        ("She complains of insomnia.", "There is no mention of insomnia.", True),
        ("The back shows spasm.", "There was a lack of muscle spasm on examination.", True),
        ("Sensation is intact at L5.", "There is no evidence of nerve compromise.", False),
        ("There is decreased sensation in the right arm.", "There is no evidence of nerve compromise.", False),
        ("There is decreased sensation at L5.", "There is no progressive neurologic deficit.", False),
        ("There is decreased sensation at L5.", "Guidelines advise it if there is no nerve compromise.", False),
        ("She has no spasm.", "There was a lack of muscle spasm on examination.", False),
        ("The UR found insomnia.", "There is no mention of insomnia.", False),
    ],
)
def test_a_finding_that_the_rationale_denies_is_flagged(
    summary: str, rationale: str, flagged: bool, letter: SampleLetter
) -> None:
    decision = sample_decision("MRI of the lumbar spine", rationale=f"{rationale} {NOT_NECESSARY}")
    assert find_flags(letter, summary, decision) == ([("finding", 1)] if flagged else [])


def test_dates_are_read_in_each_printed_form() -> None:
    text = (
        "1-9-17, 01/09/ 2017, Jan. 9, 2017, January 9,2017, 9th of May 2017, 02/2017, June 20216, 13-45-2017, 4/5, 1-2"
    )
    stated = [(str(d.first), d.day is not None) for d in find_dates(text)]
    assert sorted(stated) == [
        ("2017-01-09", True),
        ("2017-01-09", True),
        ("2017-01-09", True),
        ("2017-01-09", True),
        ("2017-02-01", False),
        ("2017-05-01", False),
        ("None", False),
        ("None", False),
    ]
