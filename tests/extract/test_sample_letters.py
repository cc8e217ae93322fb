"""The project's sample letters are read back as they were drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from extract.letters.registry import load_formats
from extract.limits import Limits
from extract.read import read_letter
from extract.reasons import Reason, UnreadableError
from extract.samples import write_samples
from tests.extract.conftest import LIMITS, RATIONALE, assert_reads_back, parse_error, read_bytes, sample_decision
from tests.support.letters import SampleLetter, draw_letter, draw_text, named_letters

LETTERS = named_letters()
PROSE = draw_text(LETTERS["CM14-0300020"])


@pytest.mark.parametrize("name", LETTERS)
def test_a_sample_letter_is_read_back_from_pdf(name: str, tmp_path: Path) -> None:
    assert_reads_back(read_bytes(tmp_path, draw_letter(LETTERS[name])), LETTERS[name])


@pytest.mark.parametrize("name", [name for name, made in LETTERS.items() if not made.has_header_table])
def test_a_letter_without_a_table_is_read_back_from_text(name: str, tmp_path: Path) -> None:
    record = read_bytes(tmp_path, draw_text(LETTERS[name]), "letter.txt")
    assert record.extractor == "text"
    assert_reads_back(record, LETTERS[name])


@pytest.mark.parametrize(
    "place", ["heading", "inside_heading", "outcome", "claims_admin", "rationale", "inside_rationale"]
)
def test_a_page_break_anywhere_in_an_item_changes_nothing(place: str, letter: SampleLetter, tmp_path: Path) -> None:
    long = sample_decision(
        "Chiropractic manipulation of the lower back and the left hip with infrared warmth, twelve visits over a "
        "course of six weeks, and one visit to judge progress at its end",
        rationale=" ".join([RATIONALE] * 5),
    )
    made = replace(letter, decisions=(*letter.decisions, long))
    record = read_bytes(tmp_path, draw_letter(made, break_before=place))
    assert record.page_count > 1
    assert_reads_back(record, made)


LONG = ", with all that belongs to it and is named in the request of the provider" * 2


@pytest.mark.parametrize("place", ["heading", "inside_heading", "claims_admin", "rationale", "inside_rationale"])
@pytest.mark.parametrize("name", ["CM13-0300022", "CM13-0300023", "CM14-0300024", "CM15-0300026"])
def test_a_page_break_changes_nothing_in_the_other_formats(name: str, place: str, tmp_path: Path) -> None:
    *before, last = LETTERS[name].decisions
    made = replace(LETTERS[name], decisions=(*before, replace(last, treatment=last.treatment + LONG)))
    assert_reads_back(read_bytes(tmp_path, draw_letter(made, break_before=place)), made)


@pytest.mark.parametrize("shape", ["A", "A_without_is", "B"])
def test_a_modified_request_is_split_in_three(shape: str, letter: SampleLetter, tmp_path: Path) -> None:
    original = "10 visits of massage"
    decision = sample_decision(
        original if shape == "B" else "4 visits of massage",
        original=original,
        authorized="6 visits of massage",
        shape=shape,
    )
    (record,) = read_bytes(tmp_path, draw_letter(replace(letter, decisions=(decision,)))).decisions
    assert record.is_modified
    assert record.original_request == original
    assert record.authorized_request == "6 visits of massage"
    assert record.disputed_request == decision.treatment


def test_the_last_colon_before_the_decision_splits(letter: SampleLetter, tmp_path: Path) -> None:
    request = "Associated surgical service: Retrospective: cold therapy unit: rental, 7 days"
    made = replace(letter, decisions=(sample_decision(request),))
    assert read_bytes(tmp_path, draw_letter(made)).decisions[0].treatment_requested == request


def test_a_case_with_some_of_each_is_partially_overturned(letter: SampleLetter, tmp_path: Path) -> None:
    assert read_bytes(tmp_path, draw_letter(letter)).case_outcome == "partially_overturned"


def test_a_fact_that_a_letter_does_not_print_is_none(letter: SampleLetter, tmp_path: Path) -> None:
    made = replace(letter, clinical_case_summary="Records of three visits were sent.")
    record = read_bytes(tmp_path, draw_letter(made))
    assert (record.patient_age, record.patient_sex) == (None, None)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [(replace(LIMITS, max_bytes=1000), Reason.TOO_LARGE), (replace(LIMITS, max_pages=1), Reason.TOO_MANY_PAGES)],
)
def test_size_and_pages_are_limited(limits: Limits, reason: Reason, letter: SampleLetter, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as error:
        read_bytes(tmp_path, draw_letter(letter, break_before="rationale"), limits=limits)
    assert error.value.reason is reason


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ("CLINICAL CASE SUMMARY", "summary"),
        ("MAXIMUS guideline:", "reviewer_guideline"),
        ("Decision rationale:", "rationale"),
    ],
)
def test_a_letter_without_a_part_is_incomplete_and_the_part_is_named(words: str, field: str) -> None:
    head, found, tail = PROSE.rpartition(words)
    assert found
    error = parse_error(head + tail)
    assert (error.reason, error.field) == (Reason.INCOMPLETE_LETTER, field)


def test_a_letter_cut_off_after_its_first_decision_is_incomplete() -> None:
    assert PROSE.count("MAXIMUS guideline:") > 1
    assert parse_error(PROSE[: PROSE.rindex("MAXIMUS guideline:")]).reason is Reason.INCOMPLETE_LETTER


def test_the_sample_folder_has_every_format_and_some_unreadable_files(tmp_path: Path) -> None:
    endings = set()
    for file in write_samples(tmp_path / "drop"):
        try:
            endings.add(read_letter(file, LIMITS).format)
        except UnreadableError as error:
            endings.add(str(error.reason))
    unreadable = {Reason.DAMAGED, Reason.NO_TEXT_LAYER, Reason.PASSWORD, Reason.UNKNOWN_FORMAT}
    assert endings == {f.id for f in load_formats()} | {str(reason) for reason in unreadable}


def test_samples_have_modified_requests_and_both_outcomes() -> None:
    decisions = [decision for made in LETTERS.values() for decision in made.decisions]
    assert sum(d.is_modified for d in decisions) >= 5
    assert {d.outcome for d in decisions} == {"Upheld", "Overturned"}
