"""A file is one whole letter: what offices add to its pages is no part of it, and pages in disorder are noticed."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from extract.letters.finding import read_finding
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from tests.extract.conftest import parse_error, parse_text, read_bytes, sample_decision
from tests.support.letters import SampleLetter, draw_letter, draw_text, named_letters
from tests.support.letters.pages import (
    COVER,
    COVER_OF_ANOTHER_CASE,
    PROOF_OF_SERVICE,
    STAMPS,
    join,
    make_page,
    read_pages,
    stamp,
    write,
)

LETTERS = named_letters()
LONG = draw_letter(LETTERS["CM16-0300003"])
SHORT = draw_letter(LETTERS["CM16-0300010"])
BROKEN_IN_HEADING = draw_letter(LETTERS["CM16-0300008"], break_before="claims_admin")
REVIEW = draw_text(LETTERS["CM13-0300023"])


DRAWN_AMONG_THE_LINES = ("line numbers", "watermark")
"""Stamps that break the order of the lines: the reference route reads the letter, and it may be quarantined."""


def list_facts(record: LetterRecord) -> dict[str, object]:
    """What a letter states, wherever its pages stand in the file."""
    ignored = ("letter_id", "source_name", "page_count", "extractor", "flags")
    facts = {name: value for name, value in vars(record).items() if name not in ignored}
    return facts | {"decisions": [replace(decision, page=0) for decision in record.decisions]}


def list_codes(record: LetterRecord) -> list[str]:
    return [flag.code for flag in record.flags]


def read_error(folder: Path, data: bytes) -> UnreadableError:
    with pytest.raises(UnreadableError) as raised:
        read_bytes(folder, data)
    return raised.value


# --- page furniture ---


@pytest.mark.parametrize("name", STAMPS)
@pytest.mark.parametrize("data", [LONG, SHORT, BROKEN_IN_HEADING], ids=["long", "short", "break in a heading"])
def test_what_recurs_on_every_page_is_no_part_of_the_text(name: str, data: bytes, tmp_path: Path) -> None:
    plain = read_bytes(tmp_path, data)
    try:
        stamped = read_bytes(tmp_path, stamp(data, STAMPS[name]))
    except UnreadableError:
        if name not in DRAWN_AMONG_THE_LINES:
            raise
        return
    if set(list_codes(stamped)) - set(list_codes(plain)) - {"fast_route_unsure"}:
        pytest.fail(f"flagged {list_codes(stamped)}")
    assert list_facts(stamped) == list_facts(plain)


def test_stamps_of_several_offices_are_all_left_out(tmp_path: Path) -> None:
    data = LONG
    for name in ("bates", "page number", "fax line", "footer", "copy"):
        data = stamp(data, STAMPS[name])
    assert list_facts(read_bytes(tmp_path, data)) == list_facts(read_bytes(tmp_path, LONG))


@pytest.mark.parametrize("text", ["RECEIVED DEC 12 2016", "RECEIVED", "FILED 12/12/2016", "COPY"])
def test_a_stamp_on_the_first_page_is_left_out(text: str, tmp_path: Path) -> None:
    record = read_bytes(tmp_path, stamp(LONG, write(420, 740, text, pages=[1])))
    assert list_facts(record) == list_facts(read_bytes(tmp_path, LONG))


def test_a_line_of_text_that_two_pages_share_stays(letter: SampleLetter, tmp_path: Path) -> None:
    same = "The guideline does not support it. " * 12 + "For these reasons the request is not medically necessary."
    decisions = tuple(sample_decision(f"Belt {n}", rationale=f"{n}. {same}") for n in "ABCDEFGH")
    record = read_bytes(tmp_path, draw_letter(replace(letter, decisions=decisions)))
    assert record.page_count > 1
    assert all(d.rationale.endswith("is not medically necessary.") for d in record.decisions)


@pytest.mark.parametrize("numbers", [(1, 3), (2, 1)])
def test_page_numbers_that_skip_a_page_are_noticed(numbers: tuple[int, int], tmp_path: Path) -> None:
    pages = read_pages(stamp(LONG, STAMPS["page number"]))
    data = join([pages[number - 1] for number in numbers])
    assert read_error(tmp_path, data).reason is Reason.PAGES_OUT_OF_ORDER


# --- what is before and behind a letter ---


@pytest.mark.parametrize(
    "lines",
    [
        PROOF_OF_SERVICE,
        ("DECLARATION OF SERVICE", "I, Pat Q. Sample, am employed in the county of Nowhere.", "17 Elm Terrace"),
        ("cc: Pat Q. Sample", "17 Elm Terrace, Unit 4"),
        ("Enclosures: form", "Pat Q. Sample"),
        ("HOW TO APPEAL THIS DECISION", "An appeal goes to the board named below.", "Pat Q. Sample"),
        ("Service List", "Pat Q. Sample"),
    ],
)
@pytest.mark.parametrize("name", ["CM16-0300010", "CM16-0300003"])
def test_what_follows_the_letter_is_no_rationale(name: str, lines: tuple[str, ...], tmp_path: Path) -> None:
    data = draw_letter(LETTERS[name])
    record = read_bytes(tmp_path, join(read_pages(data), [make_page(lines)]))
    assert list_codes(record)[0] == "text_after_letter"
    assert list_facts(record) == list_facts(read_bytes(tmp_path, data))
    assert "Sample" not in record.to_json()


@pytest.mark.parametrize(
    "lines", [("Pat Q. Sample", "17 Elm Terrace, Unit 4", "Anytown, CA 90000"), ("Occupant of the upper flat",)]
)
def test_a_page_of_names_behind_the_letter_is_quarantined_or_flagged(lines: tuple[str, ...], tmp_path: Path) -> None:
    error = read_error(tmp_path, join(read_pages(SHORT), [make_page(lines)]))
    assert (error.reason, error.field, error.page) == (Reason.FOREIGN_PAGES, "rationale", 3)
    assert not any(line in str(error) for line in lines)


def test_a_proof_of_service_between_the_pages_is_quarantined(tmp_path: Path) -> None:
    pages = read_pages(LONG)
    error = read_error(tmp_path, join(pages[:1], [make_page(PROOF_OF_SERVICE)], pages[1:]))
    assert (error.reason, error.page) == (Reason.FOREIGN_PAGES, 2)


@pytest.mark.parametrize("cover", [COVER, COVER_OF_ANOTHER_CASE], ids=["fax", "another case"])
@pytest.mark.parametrize("stamped", [False, True])
def test_a_cover_sheet_is_not_the_header(cover: tuple[str, ...], stamped: bool, tmp_path: Path) -> None:
    data = join([make_page(cover)], read_pages(SHORT))
    record = read_bytes(tmp_path, stamp(data, STAMPS["bates"]) if stamped else data)
    assert list_facts(record) == list_facts(read_bytes(tmp_path, SHORT))
    assert list_codes(record) == ["pages_before_letter"]


# --- pages and blocks twice, lost or out of order; other letters ---


def test_two_letters_in_a_file_are_quarantined(tmp_path: Path) -> None:
    error = read_error(tmp_path, join(read_pages(SHORT), read_pages(LONG)))
    assert error.reason is Reason.SEVERAL_LETTERS
    assert "CM16-0300010 and CM16-0300003" in error.detail


def test_two_letters_of_one_case_are_quarantined(letter: SampleLetter, tmp_path: Path) -> None:
    other = replace(letter, decisions=(sample_decision("A cane"),))
    data = join(read_pages(draw_letter(letter)), read_pages(draw_letter(other)))
    assert read_error(tmp_path, data).reason in (
        Reason.SEVERAL_LETTERS,
        Reason.PAGES_OUT_OF_ORDER,
    )  # page 1 is the same


@pytest.mark.parametrize("page", range(4))
@pytest.mark.parametrize("stamped", [False, True])
def test_a_page_twice_is_quarantined(page: int, stamped: bool, tmp_path: Path) -> None:
    pages = read_pages(LONG)
    data = join(pages[: page + 1], pages[page:])
    error = read_error(tmp_path, stamp(data, STAMPS["bates"]) if stamped else data)
    assert (error.reason, error.page) == (Reason.PAGES_OUT_OF_ORDER, page + 2)


def test_pages_in_reverse_order_are_quarantined(tmp_path: Path) -> None:
    error = read_error(tmp_path, join(read_pages(LONG)[::-1]))
    assert error.reason is Reason.PAGES_OUT_OF_ORDER


def test_the_last_page_of_another_letter_is_noticed(tmp_path: Path) -> None:
    stray = read_pages(draw_letter(LETTERS["CM16-0300008"], break_before="inside_rationale"))[-1:]
    error = read_error(tmp_path, join(read_pages(SHORT), stray))
    assert error.reason is Reason.PAGES_OUT_OF_ORDER


def select_pages(data: bytes, *numbers: int, behind: bytes | None = None) -> bytes:
    """Return some pages of a file, and the last page of another behind; page objects keep their entries."""
    made, out = PdfDocument.new(), BytesIO()
    made.import_pages(PdfDocument(data), list(numbers))
    if behind is not None:
        other = PdfDocument(behind)
        made.import_pages(other, [len(other) - 1])
    made.save(out)
    return out.getvalue()


def test_a_lost_page_of_whole_blocks_is_flagged(tmp_path: Path) -> None:
    assert list_codes(read_bytes(tmp_path, select_pages(LONG, 0, 1, 2, 3))) == []
    record = read_bytes(tmp_path, select_pages(LONG, 0, 2, 3))  # the second page begins and ends with whole blocks
    assert len(record.decisions) < len(LETTERS["CM16-0300003"].decisions)
    assert "pages_changed" in list_codes(record)


def test_a_page_of_whole_blocks_from_another_file_is_flagged(letter: SampleLetter, tmp_path: Path) -> None:
    made = draw_letter(letter)
    assert len(read_pages(made)) == 2
    other = draw_letter(replace(letter, decisions=(sample_decision("A cane"),)), break_before="heading")
    record = read_bytes(tmp_path, select_pages(made, 0, 1, behind=other))
    assert "pages_changed" in list_codes(record)


def test_a_block_printed_twice_is_flagged(letter: SampleLetter, tmp_path: Path) -> None:
    first, second = letter.decisions
    record = read_bytes(tmp_path, draw_letter(replace(letter, decisions=(first, second, first))))
    assert [(f.code, f.decision_number) for f in record.flags] == [("decision_repeated", 3)]


def test_lines_inside_a_text_are_flagged(tmp_path: Path) -> None:
    data = stamp(LONG, write(420, 740, "Sample Hospital, ward 7", pages=[2]))
    assert {"text_interrupted", "rationale_unfinished"} & set(list_codes(read_bytes(tmp_path, data)))


def test_an_unknown_stamp_in_capitals_is_flagged(tmp_path: Path) -> None:
    data = stamp(LONG, write(420, 740, "ACME CLAIMS MAILROOM", pages=[1]))
    assert "stamp_suspected" in list_codes(read_bytes(tmp_path, data))


# --- values that stand twice, and forms of values ---


def test_a_second_case_number_in_the_header_is_quarantined(tmp_path: Path) -> None:
    data = stamp(SHORT, write(72, 752, "Case Number: CM16-9999999", pages=[1]), under=True)
    assert read_error(tmp_path, data).reason is Reason.SEVERAL_LETTERS


def test_a_date_that_stands_twice_with_two_values_is_not_chosen(tmp_path: Path) -> None:
    data = stamp(SHORT, write(72, 752, "Decision Date: 01/02/2003", pages=[1]), under=True)
    record = read_bytes(tmp_path, data)
    assert record.decision_date is None
    assert "field_stated_twice" in list_codes(record)


@pytest.mark.parametrize("printed", ["12/07/20161", "12/07/2016x", "112/07/2016"])
def test_a_date_is_matched_whole(printed: str) -> None:
    prose = draw_text(LETTERS["CM14-0300020"])
    injury = LETTERS["CM14-0300020"].date_of_injury
    assert injury is not None
    assert parse_text(prose).date_of_injury == injury
    changed = prose.replace(f"{injury:%m/%d/%Y}", printed)
    assert changed != prose
    record = parse_text(changed)
    assert record.date_of_injury is None
    assert "date_not_understood" in list_codes(record)


@pytest.mark.parametrize("number", ["see", "CM16-", "CM16-03000O1"])
def test_a_case_number_without_the_form_of_one_is_quarantined(
    number: str, letter: SampleLetter, tmp_path: Path
) -> None:
    error = read_error(tmp_path, draw_letter(replace(letter, case_number=number)))
    assert (error.reason, error.field) == (Reason.CASE_NUMBER_MALFORMED, "case_number")


@pytest.mark.parametrize("treatment", ["A belt: Overturned", "A belt: Upheld", "A belt, partially overturned"])
def test_a_decision_word_at_the_end_of_a_request_is_flagged(
    treatment: str, letter: SampleLetter, tmp_path: Path
) -> None:
    record = read_bytes(tmp_path, draw_letter(replace(letter, decisions=(sample_decision(treatment),))))
    assert list_codes(record) == ["outcome_in_request"]


# --- outcomes that are not printed ---


@pytest.mark.parametrize(
    "conclusion",
    [
        "None of the treatments is medically necessary.",
        "Neither is medically necessary.",
        "Neither the bed, nor the pad, is medically necessary.",
        "The requests are no longer medically necessary.",
        "The pad was never medically necessary.",
        "Nothing in the records shows that the treatment is medically necessary.",
        "Nobody has shown the pad to be medically necessary.",
        "There is no reason to find the treatment medically necessary.",
        "The pad would be medically necessary only after a failed trial, which is absent.",
        "The pad is medically necessary only if the wound is open.",
        "It would be wrong to call this treatment medically necessary.",
        "The pad can hardly be called medically necessary.",
    ],
)
def test_a_negation_is_never_read_as_a_grant(conclusion: str) -> None:
    assert read_finding(f"The wound is closed. {conclusion}") in ("not_necessary", "unclear")


@pytest.mark.parametrize(
    "conclusion",
    [
        "I cannot agree with the denial that the treatment is not medically necessary.",
        "It is wrong to say that the pad is not medically necessary.",
        "The bed was denied by the plan; it is not only comfort but is medically necessary.",
    ],
)
def test_a_denial_that_is_turned_round_is_never_read_as_a_denial(conclusion: str) -> None:
    assert read_finding(f"The wound is open. {conclusion}") in ("necessary", "unclear")


@pytest.mark.parametrize(
    "conclusion",
    [
        "As rest has not helped, the MRI without contrast is medically necessary.",
        "The records lack nothing. Therefore, the pad is medically necessary.",
        "The pad was not tried before, but it is medically necessary.",
    ],
)
def test_a_negation_in_another_clause_does_not_matter(conclusion: str) -> None:
    assert read_finding(conclusion) == "necessary"


def test_an_outcome_inferred_from_prose_is_flagged_for_each_decision() -> None:
    record = parse_text(REVIEW)
    flagged = [flag.decision_number for flag in record.flags if flag.code == "outcome_inferred"]
    assert flagged == [decision.decision_number for decision in record.decisions]


def test_a_review_with_an_unclear_conclusion_is_incomplete() -> None:
    sentence = "For these reasons the treatment asked for is not medically necessary."
    printed = r"\s+".join(re.escape(word) for word in sentence.split())
    changed, count = re.subn(printed, "Nothing shows that the treatment is medically necessary.", REVIEW)
    assert count == 1
    assert parse_error(changed).field == "outcome"


def test_a_numbered_sentence_with_a_negated_subject_is_no_grant() -> None:
    letter = LETTERS["CM14-0300024"]
    first, *rest = letter.decisions
    made = replace(
        letter, decisions=(replace(first, treatment="Neither the cream nor the balm", outcome="Overturned"), *rest)
    )
    record = parse_text(draw_text(made))
    assert record.decisions[0].outcome != "overturned"
    assert "outcome_not_understood" in list_codes(record)
