"""The sample letters are drawn as real ones look, and their faults are what they are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import pdfplumber
import pypdf
import pypdfium2
import pytest
from pdfplumber.utils.exceptions import PdfminerException

from extract.samples import write_samples
from tests.support.letters import BreakBefore, SampleLetter, draw_letter, draw_text, faults, named_letters
from tests.support.letters.sample_files import REISSUED, build_sample_files, reissued

LETTERS = named_letters()
SECTIONS = (
    "HOW THE IMR FINAL DETERMINATION WAS MADE",
    "CLINICAL CASE SUMMARY",
    "IMR ISSUES, DECISIONS AND RATIONALES",
)
LABELS = ("Claims Administrator guideline:", "MAXIMUS guideline:", "Decision rationale:")
DETERMINATIONS = [n for n, s in LETTERS.items() if s.layout in {"table_header", "credentials_in_prose"}]
OTHERS = [n for n in LETTERS if n not in DETERMINATIONS]


@dataclass(frozen=True)
class Word:
    """A word on a page: its text, whether it is bold, and the page's number from 0."""

    text: str
    bold: bool
    page: int


@cache
def words(pdf: bytes) -> list[Word]:
    def read() -> Iterator[Word]:
        with pdfplumber.open(BytesIO(pdf)) as document:
            for number, page in enumerate(document.pages):
                for word in page.extract_words(extra_attrs=["fontname"]):
                    yield Word(word["text"], "Bold" in word["fontname"], number)

    return list(read())


def find(document: list[Word], phrase: str, start: int = 0) -> int:
    """Where the phrase begins, word for word; a word broken at its hyphen counts as two."""
    wanted = phrase.replace("-", "- ").split()
    found = [part for word in document for part in word.text.replace("-", "- ").split()]
    assert len(found) >= len(document)
    owner = [i for i, word in enumerate(document) for _ in word.text.replace("-", "- ").split()]
    for at in range(len(found) - len(wanted) + 1):
        if owner[at] >= start and found[at : at + len(wanted)] == wanted:
            return owner[at]
    raise AssertionError(f"not in the letter: {phrase}")


def lines(pdf: bytes) -> list[str]:
    """What pdfium reads, line by line."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return [line.strip() for text in texts for line in text.splitlines()]


def plain_text(pdf: bytes) -> str:
    """The same on one line."""
    return " ".join(lines(pdf))


def one_decision(**changes: Any) -> SampleLetter:
    decision = replace(LETTERS["CM16-0300001"].decisions[0], **changes)
    return replace(LETTERS["CM16-0300001"], decisions=(decision,))


# --- how they are drawn ---


@pytest.mark.parametrize("name", DETERMINATIONS)
def test_everything_is_printed_in_the_weights_of_a_real_letter(name: str) -> None:
    letter = LETTERS[name]
    document = words(draw_letter(letter))
    at = 0
    for section in SECTIONS:
        at = find(document, section, at)
        assert document[at].bold
    find(document, letter.clinical_case_summary)
    assert letter.decisions
    for decision in letter.decisions:
        at = find(document, f"{decision.heading}: {decision.outcome}", at)
        label_at = find(document, LABELS[0], at)
        heading = document[at : label_at - 1]
        assert heading
        assert all(word.bold for word in heading)
        assert document[label_at - 1].text == decision.outcome
        assert not document[label_at - 1].bold
        texts = (decision.claims_admin_guideline, decision.reviewer_guideline, decision.rationale)
        for label, text in zip(LABELS, texts, strict=True):
            at = find(document, f"{label} {text}", at)
            assert document[at].bold
            assert not document[at + len(label.split())].bold


@pytest.mark.parametrize("name", OTHERS)
def test_everything_is_printed_in_the_other_layouts_too(name: str) -> None:
    letter = LETTERS[name]
    document = words(draw_letter(letter))
    first = {
        "letterhead": "IMR DECISION(S) AND RATIONALE(S)",
        "notice_2013": "INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE",
        "professional_review": "ISSUE AT DISPUTE:",
    }[letter.layout]
    at = find(document, first)
    assert document[at].bold
    find(document, letter.clinical_case_summary)
    for decision in letter.decisions:
        find(document, f"{decision.heading}:" if letter.decision_words else decision.heading, at)
        for text in (decision.claims_admin_guideline, decision.reviewer_guideline, decision.rationale):
            find(document, text, at)


def test_a_notice_has_its_list_twice_and_its_words_glued() -> None:
    text = plain_text(draw_letter(LETTERS["CM13-0300022"]))
    assert text.count("2) MAXIMUS Federal Services, Inc. has determined the request for a weight loss") == 2
    assert "dietician is notmedically necessary and appropriate. INDEPENDENT MEDICAL REVIEW DECISION" in text
    assert "Dated: 10/4/2013" in text


def test_a_letterhead_letter_states_what_its_decisions_add_up_to() -> None:
    assert "Final Determination: PARTIAL UPHOLD." in plain_text(draw_letter(LETTERS["CM14-0300024"]))
    assert "Final Determination: UPHOLD." in plain_text(draw_letter(LETTERS["CM15-0300026"]))


def test_a_sentence_and_a_shared_text_have_their_limits() -> None:
    notice, review = LETTERS["CM13-0300022"], LETTERS["CM13-0300023"]
    with pytest.raises(ValueError, match="Remanded"):
        draw_letter(replace(notice, decisions=(replace(notice.decisions[0], outcome="Remanded"),)))
    with pytest.raises(ValueError, match="one rationale"):
        draw_letter(replace(review, decisions=(*review.decisions, replace(review.decisions[0], rationale="Other."))))


def test_an_older_letter_with_a_number_has_the_table_in_front() -> None:
    text = plain_text(draw_letter(LETTERS["CM14-0300025"]))
    assert text.startswith("Case Number: CM14-0300025 Date Assigned: 03/19/2014")
    assert "State(s) of Licensure" not in text


def test_the_header_is_a_ruled_table_whose_last_label_wraps() -> None:
    with pdfplumber.open(BytesIO(draw_letter(LETTERS["CM16-0300001"]))) as document:
        table = document.pages[0].extract_table()
        text = document.pages[0].extract_text()
    assert table == [
        ["Case Number:", "CM16-0300001", "", None],
        ["Date Assigned:", "11/09/2016", "Date of Injury:", "09/06/2016"],
        ["Decision Date:", "12/07/2016", "UR Denial Date:", "10/21/2016"],
        ["Priority:", "Standard", "Application\nReceived:", "11/03/2016"],
    ]
    assert text.startswith("Case Number: CM16-0300001\n")
    assert "Priority: Standard Application 11/03/2016\nReceived:\n" in text


def test_the_older_layout_has_its_credentials_and_dates_in_prose() -> None:
    text = plain_text(draw_letter(LETTERS["CM13-0300017"]))
    assert text.startswith("HOW THE IMR FINAL DETERMINATION WAS MADE")
    assert "Case Number" not in text
    assert "State(s) of Licensure" not in text
    assert (
        "Board Certified in Physical Medicine and Rehabilitation, has a subspecialty in Pain Medicine and is "
        "licensed to practice in California." in text
    )
    assert "Page(s): 22, 98-99." in text


def test_several_specialties_and_states_are_joined_in_prose() -> None:
    letter = LETTERS["CM13-0300018"]
    assert "Board Certified in Family Medicine and is licensed to practice in California and Nevada." in (
        plain_text(draw_letter(letter))
    )


def test_text_has_an_empty_line_after_each_line_and_two_blanks_before_the_outcome() -> None:
    text = draw_text(LETTERS["CM13-0300019"])
    rows = text.split("\n")
    assert len(rows) > 40
    assert all(row == "" for row in rows[1::2])
    assert all(len(row) <= 110 for row in rows)
    assert "ELECTRODES \n\nAND BATTERIES:  Overturned \n\n \n\nClaims Administrator guideline:" in text
    assert "dated 11/18/2013 by , the" in " ".join(text.split())


def test_a_letter_with_a_header_table_was_never_stored_as_text() -> None:
    with pytest.raises(ValueError, match="credentials_in_prose"):
        draw_text(LETTERS["CM16-0300001"])


def test_a_full_heading_leaves_the_outcome_alone_on_its_line() -> None:
    alone = []
    for name, letter in LETTERS.items():
        alone += [name for line in lines(draw_letter(letter)) if line in {"Upheld", "Overturned"}]
    assert alone


def test_some_letters_break_pages_inside_a_decision() -> None:
    broken = set()
    for name in DETERMINATIONS:
        letter = LETTERS[name]
        document = words(draw_letter(letter))
        at = 0
        for decision in letter.decisions:
            at = find(document, f"{decision.heading}: {decision.outcome}", at)
            end = find(document, decision.rationale[-40:].split(" ", 1)[1], at)
            if document[at].page != document[end].page:
                broken.add(name)
    assert len(broken) >= 5


def test_any_outcome_word_is_printed() -> None:
    assert "without contrast: Remanded Claims Administrator" in plain_text(
        draw_letter(one_decision(outcome="Remanded"))
    )


# --- forced page breaks ---

FIRST_WORDS: dict[str, str] = {
    "outcome": "Upheld",
    "claims_admin": "Claims Administrator guideline:",
    "rationale": "Decision rationale:",
}


@pytest.mark.parametrize("place", get_args(BreakBefore))
@pytest.mark.parametrize("name", ["CM16-0300002", "CM17-0300014", "CM13-0300017"])
def test_the_page_breaks_where_it_was_asked_to(name: str, place: BreakBefore) -> None:
    letter = LETTERS[name]
    long = replace(letter.decisions[-1], treatment="Supervised exercise for the lower back, " * 5)
    letter = replace(letter, decisions=(*letter.decisions[:-1], long))
    document = words(draw_letter(letter, break_before=place))
    start = find(document, f"{long.heading}: {long.outcome}")
    label = find(document, LABELS[0], start)
    rationale = find(document, LABELS[2], label)
    opens = [at for at in range(1, len(document)) if document[at].page > document[at - 1].page]
    expected = {
        "heading": [start],
        "inside_heading": [at for at in opens if start < at < label - 1],
        "outcome": [label - 1],
        "claims_admin": [label],
        "rationale": [rationale],
        "inside_rationale": [at for at in opens if rationale + 2 < at],
    }[place]
    assert expected
    assert expected[0] in opens
    if place in FIRST_WORDS:
        assert document[expected[0]].text == FIRST_WORDS[place].split()[0]


@pytest.mark.parametrize(
    ("letter", "place"),
    [
        (one_decision(treatment="Short"), "inside_heading"),
        (one_decision(rationale="Short."), "inside_rationale"),
        (replace(LETTERS["CM16-0300001"], decisions=()), "heading"),
        (one_decision(), "nowhere"),
    ],
)
def test_a_break_that_has_no_place_is_refused(letter: SampleLetter, place: Any) -> None:
    with pytest.raises(ValueError, match="break"):
        draw_letter(letter, break_before=place)


# --- the files ---


def test_letters_are_encrypted_and_open_without_a_password() -> None:
    reader = pypdf.PdfReader(BytesIO(draw_letter(LETTERS["CM16-0300001"])))
    assert reader.is_encrypted
    assert reader.trailer["/Encrypt"]["/CF"]["/StdCF"]["/CFM"] == "/AESV2"
    assert not reader.metadata
    assert "Case Number:" in reader.pages[0].extract_text()
    open_letter = pypdf.PdfReader(BytesIO(draw_letter(LETTERS["CM16-0300001"], encrypt=False)))
    assert not open_letter.is_encrypted
    assert not open_letter.metadata


def test_faults_are_what_they_are_called() -> None:
    letter = draw_letter(LETTERS["CM16-0300005"])
    with pytest.raises(PdfminerException), pdfplumber.open(BytesIO(faults.damaged(letter))) as document:
        list(document.pages)
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(faults.damaged(letter))
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(faults.locked(letter))
    opened = pypdfium2.PdfDocument(faults.locked(letter), password=faults.PASSWORD)
    assert "CM16-0300005" in opened[0].get_textpage().get_text_range()
    assert "swivel chairs" in plain_text(faults.not_a_letter())
    assert "Case Number" not in plain_text(faults.not_a_letter())


def test_a_scan_is_pictures_without_text() -> None:
    letter = draw_letter(LETTERS["CM16-0300005"])
    scan = faults.scan(letter)
    with pdfplumber.open(BytesIO(letter)) as before, pdfplumber.open(BytesIO(scan)) as after:
        assert len(after.pages) == len(before.pages) > 0
        for page in after.pages:
            assert page.images
            assert not page.chars
    assert len(scan) < 100_000


def test_a_reissued_letter_is_the_same_case_with_another_decision() -> None:
    before = LETTERS[REISSUED]
    after = reissued(before)
    assert after.case_number == before.case_number
    assert before.decision_date is not None
    assert after.decision_date is not None
    assert after.decision_date > before.decision_date
    assert [decision.outcome for decision in after.decisions] != [d.outcome for d in before.decisions]
    with pytest.raises(ValueError, match="decision date"):
        reissued(LETTERS["CM13-0300017"])


def test_the_shipped_files_are_what_the_builder_draws(tmp_path: Path) -> None:
    shipped = {path.name: path.read_bytes() for path in write_samples(tmp_path)}
    for name, content in build_sample_files():
        assert shipped[name] == content, f"{name}: run python -m tests.support.letters.sample_files"
    assert shipped["one more copy.pdf"] in [content for name, content in shipped.items() if name.startswith("CM")]
