"""The formats of which no whole real letter was seen: read whole, cut off, and without their unknown parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from extract.letters.registry import load_formats
from extract.reasons import Reason
from tests.extract.conftest import parse_error, parse_text
from tests.support.letters import draw_text, named_letters

LETTERS = named_letters()
NOTICE, REVIEW, LETTERHEAD = LETTERS["CM13-0300022"], LETTERS["CM13-0300023"], LETTERS["CM14-0300024"]
NOTICE_TEXT, REVIEW_TEXT, LETTERHEAD_TEXT = draw_text(NOTICE), draw_text(REVIEW), draw_text(LETTERHEAD)
REVIEW_HEADINGS = next(f for f in load_formats() if f.id == "professional_review").headings


# --- the notice of 2013 ---


def test_a_notice_is_read_whole_and_its_two_lists_once() -> None:
    record = parse_text(NOTICE_TEXT)
    assert [d.outcome for d in record.decisions] == ["overturned", "upheld"]
    assert record.case_outcome == "partially_overturned"
    assert record.decisions[1].treatment_requested.endswith("ten weeks: group sessions with a dietician")
    assert not record.flags


def test_a_notice_in_one_flow_of_text_is_read_the_same() -> None:
    text = NOTICE_TEXT
    for heading in ("Medical Qualifications", "Case Summary:", "Documents Reviewed", "2) Regarding", "Rationale for"):
        text = text.replace(f"\n{heading}", f" {heading}")
    assert parse_text(text) == parse_text(NOTICE_TEXT)


def test_the_unknown_parts_of_a_notice_are_optional() -> None:
    text = NOTICE_TEXT.replace("MAXIMUS Case Number: CM13-0300022", "")
    for part in (
        r"Documents Reviewed for Determination:.*?(?=1\) Regarding)",
        r"Section of the Medical Treatment.*?Decision: *\n",
        r"The Claims Administrator based .*?(?=The Expert Reviewer found)",
    ):
        text = re.sub(part, "", text, flags=re.DOTALL)
    record, whole = parse_text(text), parse_text(NOTICE_TEXT)
    assert (record.case_number, record.clinical_case_summary) == (None, whole.clinical_case_summary)
    first, second = record.decisions
    assert first.claims_admin_guideline is None
    assert str(first.reviewer_guideline).startswith("The Expert Reviewer found")
    assert second.claims_admin_guideline == whole.decisions[1].claims_admin_guideline


def test_page_footers_and_a_closing_are_in_no_part_of_a_notice() -> None:
    text = NOTICE_TEXT
    for words, footer in (
        ("step ladder", "Page 3 of 4"),
        ("The guideline keeps", "Final Letter of Determination Form Effective (1.2.13) Page 2 of 4"),
    ):
        text, count = re.subn(rf"(?m)^(.*{words}.*)$", rf"\1\n{footer}", text, count=1)
        assert count == 1
    record = parse_text(f"{text}Effect of the Decision:\nThis decision binds all parties.\nSincerely,\n")
    whole = parse_text(NOTICE_TEXT)
    assert record.decisions == whole.decisions
    assert record.clinical_case_summary == whole.clinical_case_summary


NOTICE_CUTS: dict[str, tuple[Callable[[str], str], str, str]] = {
    "in the summary": (lambda t: t[: t.index("Treatment so far")], "rationale", "decision 1 has neither"),
    "before the qualifications": (lambda t: t[: t.index("Medical Qual")], "reviewer", "Medical Qualifications"),
    "before the second block": (lambda t: t[: t.index("2) Regarding")], "rationale", "decision 2 has neither"),
    "before a rationale": (lambda t: t[: t.rindex("Rationale for the Decision:")], "rationale", "no rationale"),
    "behind its label": (lambda t: t[: t.rindex("A program of this kind")], "rationale", "nothing after the label"),
    "without a list": (lambda t: t.replace("has determined the request for", "", 3)[:-1], "decisions", "out of order"),
}


@pytest.mark.parametrize("cut", NOTICE_CUTS)
def test_a_cut_notice_is_incomplete_and_the_missing_part_is_named(cut: str) -> None:
    shorten, field, words = NOTICE_CUTS[cut]
    error = parse_error(shorten(NOTICE_TEXT))
    assert (error.reason, error.field) == (Reason.INCOMPLETE_LETTER, field)
    assert words in error.detail


def test_the_real_notice_is_cut_off(real_letters: Path) -> None:
    error = parse_error((real_letters / "notice_2013.txt").read_text())
    assert (error.reason, error.field) == (Reason.INCOMPLETE_LETTER, "rationale")


def test_two_lists_that_differ_are_flagged() -> None:
    record = parse_text(NOTICE_TEXT.replace("is notmedically", "is medically", 1))
    assert [d.outcome for d in record.decisions] == ["overturned", "upheld"]
    assert [(f.code, f.decision_number) for f in record.flags] == [("decision_lists_differ", 2)]


# --- the letterhead of about 2014-15 ---


@pytest.mark.parametrize(
    ("printed", "codes"),
    [
        ("PARTIAL UPHOLD", []),
        ("Partially Overturn", []),
        ("PARTIALLY UPHOLD", []),
        ("OVERTURN", ["stated_outcome_contradicted"]),
        ("WITHDRAWN", ["stated_outcome_not_understood"]),
    ],
)
def test_a_stated_outcome_is_compared_with_the_decisions(printed: str, codes: list[str]) -> None:
    assert "PARTIAL UPHOLD" in LETTERHEAD_TEXT
    record = parse_text(LETTERHEAD_TEXT.replace("PARTIAL UPHOLD", printed))
    assert [flag.code for flag in record.flags] == codes
    assert replace(record, flags=()) == parse_text(re.sub(r"Final Determination: .*\n", "", LETTERHEAD_TEXT))


def test_the_header_of_a_letterhead_letter_is_optional() -> None:
    head, _, body = LETTERHEAD_TEXT.partition("HOW THE IMR")
    record = parse_text(f"HOW THE IMR{body}")
    assert head
    assert (record.case_number, record.decision_date) == (None, None)
    assert record.date_of_injury == LETTERHEAD.date_of_injury, "the summary states it too"
    assert len(record.decisions) == len(LETTERHEAD.decisions)


@pytest.mark.parametrize(
    "listed",
    [
        "1. a program for the home;\n2. a reason for the gym.\nThis gym is not medically necessary and appropriate.",
        "1. The gym is not medically necessary and appropriate.\n2. Nor is it near.",
        "1. none;\n2. one. Thus the gym is not medically necessary and appropriate.",
    ],
)
def test_a_list_inside_a_rationale_is_no_decision(listed: str) -> None:
    assert "The notes hold:" in LETTERHEAD_TEXT
    record = parse_text(LETTERHEAD_TEXT.replace("The notes hold:", f"The notes hold:\n{listed}\n"))
    assert [d.treatment_requested for d in record.decisions] == [d.heading for d in LETTERHEAD.decisions]
    assert " ".join(listed.split()) in record.decisions[0].rationale


def test_a_sentence_that_may_be_a_decision_is_flagged() -> None:
    record = parse_text(f"{LETTERHEAD_TEXT}4. Another cream. Also a balm is not medically necessary and appropriate.\n")
    assert len(record.decisions) == len(LETTERHEAD.decisions)
    assert [(f.code, f.decision_number) for f in record.flags] == [("numbered_sentence_passed_over", 3)]


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ("2. Omeprazole 20 mg, #60 is medically", "decisions"),
        ("DOCUMENTS REVIEWED", "decisions"),
        ("CLINICAL CASE SUMMARY", "summary"),
        ("IMR DECISION(S) AND RATIONALE(S)", "decisions"),
    ],
)
def test_a_letterhead_letter_without_a_part_is_incomplete(part: str, field: str) -> None:
    assert part in LETTERHEAD_TEXT
    error = parse_error(LETTERHEAD_TEXT.replace(part, ""))
    assert (error.reason, error.field) == (Reason.INCOMPLETE_LETTER, field)


def test_a_letterhead_letter_may_print_upheld_or_a_sentence() -> None:
    assert not LETTERHEAD.decision_words
    assert LETTERS["CM15-0300026"].decision_words
    worded = replace(LETTERHEAD, decision_words=True)
    assert [d.outcome for d in parse_text(draw_text(worded)).decisions] == ["upheld", "overturned", "upheld"]


# --- the professional review of early 2013 ---


def test_the_decision_of_a_review_is_the_conclusion_of_its_rationale() -> None:
    assert "IS/WAS NOT" in REVIEW_TEXT
    granted = parse_text(re.sub(r"is\s+not\s+medically\s+necessary\.", "is medically necessary.", REVIEW_TEXT))
    assert {d.outcome for d in parse_text(REVIEW_TEXT).decisions} == {"upheld"}
    assert {d.outcome for d in granted.decisions} == {"overturned"}
    assert {f.code for f in granted.flags} == {"outcome_inferred"}


@pytest.mark.parametrize(
    "conclusion",
    ["The provider will be told.", "The pad is medically necessary. The mattress is not medically necessary."],
)
def test_a_review_that_does_not_conclude_the_same_for_all_is_incomplete(conclusion: str) -> None:
    rationale = f"A bed is a matter of comfort. {conclusion}"
    made = replace(REVIEW, decisions=tuple(replace(d, rationale=rationale) for d in REVIEW.decisions))
    error = parse_error(draw_text(made))
    assert (error.reason, error.field) == (Reason.INCOMPLETE_LETTER, "outcome")


def test_requests_without_numbers_are_one_request() -> None:
    (decision,) = parse_text(re.sub(r"(?m)^\d\) ", "", REVIEW_TEXT)).decisions
    assert decision.treatment_requested.startswith("Orthopedic mattress")
    assert decision.treatment_requested.endswith("from the maker")


@pytest.mark.parametrize("heading", [name for name, h in REVIEW_HEADINGS.items() if not h.optional])
def test_a_review_without_a_heading_is_incomplete(heading: str) -> None:
    text, count = REVIEW_HEADINGS[heading].pattern.subn("", REVIEW_TEXT, count=1)
    assert count == 1
    error = parse_error(text)
    is_mark = heading == "requests"
    assert error.reason is (Reason.UNKNOWN_FORMAT if is_mark else Reason.INCOMPLETE_LETTER)
    assert error.field == (None if is_mark else heading)
