"""The layouts of which no whole real letter was seen: read whole, cut off, and without what is not known of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from extract.letters.registry import load_formats
from extract.reasons import Reason
from imr.samples import draw_text, named_letters
from tests.extract.conftest import parse_text, refusal

LETTERS = named_letters()
NOTICE, REVIEW, LETTERHEAD = LETTERS["CM13-0300022"], LETTERS["CM13-0300023"], LETTERS["CM14-0300024"]
REVIEW_HEADINGS = next(f for f in load_formats() if f.id == "professional_review").headings


# --- the notice of 2013 ---


def test_a_notice_is_read_whole_and_its_two_lists_once() -> None:
    record = parse_text(draw_text(NOTICE))
    assert [d.outcome for d in record.decisions] == ["overturned", "upheld"]
    assert record.case_outcome == "partially_overturned"
    assert record.decisions[1].treatment_requested.endswith("ten weeks: group sessions with a dietician")
    assert not record.flags


def test_a_notice_in_one_flow_of_text_is_read_all_the_same() -> None:
    text = draw_text(NOTICE)
    for heading in ("Medical Qualifications", "Case Summary:", "Documents Reviewed", "2) Regarding", "Rationale for"):
        text = text.replace(f"\n{heading}", f" {heading}")
    assert parse_text(text) == parse_text(draw_text(NOTICE))


def test_what_is_not_known_of_a_notice_may_be_missing() -> None:
    text = draw_text(NOTICE)
    text = re.sub(r"Documents Reviewed for Determination:.*?(?=1\) Regarding)", "", text, flags=re.DOTALL)
    text = re.sub(r"Section of the Medical Treatment.*?Decision: *\n", "", text, flags=re.DOTALL)
    text = re.sub(r"The Claims Administrator based .*?(?=The Expert Reviewer found)", "", text, flags=re.DOTALL)
    text = text.replace("MAXIMUS Case Number: CM13-0300022", "")
    record = parse_text(text)
    assert (record.case_number, record.clinical_case_summary) == (
        None,
        parse_text(draw_text(NOTICE)).clinical_case_summary,
    )
    first, second = record.decisions
    assert first.claims_admin_guideline is None
    assert first.reviewer_guideline is not None
    assert first.reviewer_guideline.startswith("The Expert Reviewer found")
    assert second.claims_admin_guideline == parse_text(draw_text(NOTICE)).decisions[1].claims_admin_guideline


def test_a_foot_of_a_page_and_a_closing_are_in_no_part_of_a_notice() -> None:
    text = draw_text(NOTICE)
    feet = ("Page 3 of 4", "Final Letter of Determination Form Effective (1.2.13) Page 2 of 4")
    lines = text.splitlines()
    in_summary = next(n for n, line in enumerate(lines) if "step ladder" in line)
    in_rationale = next(n for n, line in enumerate(lines) if "The guideline keeps" in line)
    with_feet = [*lines[: in_summary + 1], feet[0], *lines[in_summary + 1 : in_rationale + 1], feet[1]]
    with_foot = "\n".join([*with_feet, *lines[in_rationale + 1 :]]) + "\n"
    closed = f"{with_foot}Effect of the Decision:\nThis decision binds all parties.\nSincerely,\n"
    assert parse_text(closed).decisions == parse_text(text).decisions
    assert parse_text(closed).clinical_case_summary == parse_text(text).clinical_case_summary


NOTICE_CUTS: dict[str, tuple[Callable[[str], str], str, str]] = {
    "in the summary": (lambda t: t[: t.index("Treatment so far")], "rationale", "decision 1 has neither"),
    "before the qualifications": (lambda t: t[: t.index("Medical Qual")], "reviewer", "Medical Qualifications"),
    "before the second block": (lambda t: t[: t.index("2) Regarding")], "rationale", "decision 2 has neither"),
    "before a rationale": (lambda t: t[: t.rindex("Rationale for the Decision:")], "rationale", "no rationale"),
    "behind its label": (lambda t: t[: t.rindex("A program of this kind")], "rationale", "nothing after the label"),
    "without a list": (lambda t: t.replace("has determined the request for", "", 3)[:-1], "decisions", "out of order"),
}


@pytest.mark.parametrize("cut", NOTICE_CUTS)
def test_a_cut_notice_is_incomplete_and_says_what_is_missing(cut: str) -> None:
    spoil, field, words = NOTICE_CUTS[cut]
    refused = refusal(spoil(draw_text(NOTICE)))
    assert (refused.reason, refused.field) == (Reason.INCOMPLETE_LETTER, field)
    assert words in refused.detail


def test_the_real_notice_is_cut_off(real_letters: Path) -> None:
    refused = refusal((real_letters / "notice_2013.txt").read_text())
    assert (refused.reason, refused.field) == (Reason.INCOMPLETE_LETTER, "rationale")


def test_two_lists_that_differ_are_flagged() -> None:
    text = draw_text(NOTICE)
    record = parse_text(text.replace("is notmedically", "is medically", 1))
    assert [d.outcome for d in record.decisions] == ["overturned", "upheld"]
    assert [(f.code, f.decision_number) for f in record.flags] == [("decision_lists_differ", 2)]


# --- the letterhead of about 2014-15 ---


def test_a_stated_outcome_is_held_against_the_decisions() -> None:
    text = draw_text(LETTERHEAD)
    assert not parse_text(text).flags
    for printed in ("Partially Overturn", "PARTIALLY UPHOLD"):
        assert not parse_text(text.replace("PARTIAL UPHOLD", printed)).flags
    (flag,) = parse_text(text.replace("PARTIAL UPHOLD", "OVERTURN")).flags
    assert flag.code == "stated_outcome_contradicted"
    (flag,) = parse_text(text.replace("PARTIAL UPHOLD", "WITHDRAWN")).flags
    assert flag.code == "stated_outcome_not_understood"
    without = re.sub(r"Final Determination: .*\n", "", text)
    assert replace(parse_text(without), letter_id="") == replace(parse_text(text), letter_id="")


def test_what_is_not_known_of_a_letterhead_may_be_missing() -> None:
    head, _, body = draw_text(LETTERHEAD).partition("HOW THE IMR")
    record = parse_text(f"HOW THE IMR{body}")
    assert head
    assert record.case_number is None
    assert record.decision_date is None
    assert record.date_of_injury == LETTERHEAD.date_of_injury, "the summary states it too"
    assert len(record.decisions) == 3


@pytest.mark.parametrize(
    "listed",
    [
        "1. a program for the home;\n2. a reason for the gym.\nThis gym is not medically necessary and appropriate.",
        "1. The gym is not medically necessary and appropriate.\n2. Nor is it near.",
        "1. none;\n2. one. Thus the gym is not medically necessary and appropriate.",
    ],
)
def test_a_list_inside_a_rationale_is_no_decision(listed: str) -> None:
    text = draw_text(LETTERHEAD)
    assert "The notes hold:" in text
    record = parse_text(text.replace("The notes hold:", f"The notes hold:\n{listed}\n"))
    assert [d.treatment_requested for d in record.decisions] == [d.heading for d in LETTERHEAD.decisions]
    assert " ".join(listed.split()) in record.decisions[0].rationale


def test_a_sentence_that_may_be_a_decision_is_flagged() -> None:
    added = "4. Another cream. Also a balm is not medically necessary and appropriate.\n"
    record = parse_text(draw_text(LETTERHEAD) + added)
    assert len(record.decisions) == 3
    assert [(f.code, f.decision_number) for f in record.flags] == [("numbered_sentence_passed_over", 3)]


@pytest.mark.parametrize(
    ("gone", "field"),
    [
        ("2. Omeprazole 20 mg, #60 is medically", "decisions"),
        ("DOCUMENTS REVIEWED", "decisions"),
        ("CLINICAL CASE SUMMARY", "summary"),
        ("IMR DECISION(S) AND RATIONALE(S)", "decisions"),
    ],
)
def test_a_letterhead_letter_without_a_part_is_incomplete(gone: str, field: str) -> None:
    text = draw_text(LETTERHEAD)
    assert gone in text
    refused = refusal(text.replace(gone, ""))
    assert (refused.reason, refused.field) == (Reason.INCOMPLETE_LETTER, field)


def test_a_letterhead_letter_may_say_upheld_or_say_a_sentence() -> None:
    assert not LETTERHEAD.decision_words
    assert LETTERS["CM15-0300026"].decision_words
    worded = replace(LETTERHEAD, decision_words=True)
    assert [d.outcome for d in parse_text(draw_text(worded)).decisions] == ["upheld", "overturned", "upheld"]


# --- the professional review of early 2013 ---


def test_the_decision_of_a_review_is_what_its_rationale_concludes() -> None:
    text = draw_text(REVIEW)
    assert "IS/WAS NOT" in text
    granted = parse_text(re.sub(r"is\s+not\s+medically\s+necessary\.", "is medically necessary.", text))
    denied = parse_text(text)
    assert {d.outcome for d in denied.decisions} == {"upheld"}
    assert {d.outcome for d in granted.decisions} == {"overturned"}
    assert not granted.flags


@pytest.mark.parametrize(
    "conclusion",
    ["The provider will be told.", "The pad is medically necessary. The mattress is not medically necessary."],
)
def test_a_review_that_does_not_conclude_the_same_for_all_is_incomplete(conclusion: str) -> None:
    rationale = f"A bed is a matter of comfort. {conclusion}"
    made = replace(REVIEW, decisions=tuple(replace(d, rationale=rationale) for d in REVIEW.decisions))
    refused = refusal(draw_text(made))
    assert (refused.reason, refused.field) == (Reason.INCOMPLETE_LETTER, "outcome")


def test_requests_without_numbers_are_one_request() -> None:
    text = re.sub(r"(?m)^\d\) ", "", draw_text(REVIEW))
    (decision,) = parse_text(text).decisions
    assert decision.treatment_requested.startswith("Orthopedic mattress")
    assert decision.treatment_requested.endswith("from the maker")


@pytest.mark.parametrize("heading", [h for h in REVIEW_HEADINGS if h != "documents"])
def test_a_review_without_a_heading_is_incomplete(heading: str) -> None:
    declared = REVIEW_HEADINGS[heading]
    text, count = declared.pattern.subn("", draw_text(REVIEW), count=1)
    assert count == 1
    refused = refusal(text)
    assert refused.reason is (Reason.UNKNOWN_FORMAT if heading == "requests" else Reason.INCOMPLETE_LETTER)
    if heading != "requests":
        assert refused.field == heading
