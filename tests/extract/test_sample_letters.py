"""Letters that the project draws itself are read back as they were made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from extract.limits import Limits
from extract.read import read_letter
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from imr.samples import write_samples
from tests.extract.conftest import RATIONALE, sample_decision
from tests.support.letters import SampleDecision, SampleLetter, draw_letter, draw_text, faults, named_letters

FIELDS = (
    "case_number", "date_assigned", "date_of_injury", "decision_date", "ur_denial_date", "application_received",
    "priority", "licensure_states", "specialties", "patient_age", "patient_sex",
)  # fmt: skip
BREAKS = ("heading", "inside_heading", "outcome", "claims_admin", "rationale", "inside_rationale")
LIMITS = Limits(max_bytes=10_000_000, max_pages=20)


def read(tmp_path: Path, data: bytes | str, name: str = "letter.pdf") -> LetterRecord:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_letter(path, LIMITS)


def one_line(text: str) -> str:
    return " ".join(text.split())


def assert_reads_back(record: LetterRecord, made: SampleLetter) -> None:
    for field in FIELDS:
        assert getattr(record, field) == getattr(made, field), field
    assert record.format == made.layout
    assert record.clinical_case_summary == one_line(made.clinical_case_summary)
    assert len(record.decisions) == len(made.decisions) > 0
    for read_back, printed in zip(record.decisions, made.decisions, strict=True):
        capitals = made.layout == "credentials_in_prose"
        heading = one_line(printed.heading)
        assert read_back.treatment_requested == (heading.upper() if capitals else heading)
        assert read_back.outcome == printed.outcome.lower()
        assert read_back.is_modified == printed.is_modified
        assert read_back.claims_admin_guideline == (one_line(printed.claims_admin_guideline) or None)
        assert read_back.reviewer_guideline == one_line(printed.reviewer_guideline)
        assert read_back.rationale == one_line(printed.rationale)


@pytest.mark.parametrize("name", sorted(named_letters()))
def test_a_sample_letter_is_read_back_from_pdf(name: str, tmp_path: Path) -> None:
    made = named_letters()[name]
    assert_reads_back(read(tmp_path, draw_letter(made)), made)


@pytest.mark.parametrize("name", [n for n, s in sorted(named_letters().items()) if not s.has_header_table])
def test_a_letter_without_a_table_is_read_back_from_text(name: str, tmp_path: Path) -> None:
    made = named_letters()[name]
    record = read(tmp_path, draw_text(made), "letter.txt")
    assert record.extractor == "text"
    assert_reads_back(record, made)


@pytest.mark.parametrize("place", BREAKS)
def test_a_page_break_anywhere_in_an_item_changes_nothing(place: str, letter: SampleLetter, tmp_path: Path) -> None:
    long = sample_decision(
        "Chiropractic manipulation of the lower back and the left hip with infrared warmth, twelve visits over a "
        "course of six weeks, and one visit to judge progress at its end",
        rationale=" ".join([RATIONALE] * 5),
    )
    made = replace(letter, decisions=(*letter.decisions, long))
    record = read(tmp_path, draw_letter(made, break_before=place))
    assert record.page_count > 1
    assert_reads_back(record, made)


LONG = ", with all that belongs to it and is named in the request of the provider" * 2


@pytest.mark.parametrize("place", ["heading", "inside_heading", "claims_admin", "rationale", "inside_rationale"])
@pytest.mark.parametrize("name", ["CM13-0300022", "CM13-0300023", "CM14-0300024", "CM15-0300026"])
def test_a_page_break_changes_nothing_in_the_other_layouts(name: str, place: str, tmp_path: Path) -> None:
    made = named_letters()[name]
    *before, last = made.decisions
    made = replace(made, decisions=(*before, replace(last, treatment=last.treatment + LONG)))
    assert_reads_back(read(tmp_path, draw_letter(made, break_before=place)), made)


@pytest.mark.parametrize("shape", ["A", "A_without_is", "B"])
def test_a_modified_request_is_split_in_three(shape: str, letter: SampleLetter, tmp_path: Path) -> None:
    decision = sample_decision(
        "4 visits of massage", original="10 visits of massage", authorized="6 visits of massage", shape=shape
    )
    if shape == "B":
        decision = replace(decision, treatment=decision.original)
    (record,) = read(tmp_path, draw_letter(replace(letter, decisions=(decision,)))).decisions
    assert record.is_modified
    assert record.original_request == "10 visits of massage"
    assert record.authorized_request == "6 visits of massage"
    assert record.disputed_request == decision.treatment


def test_the_last_colon_before_the_decision_splits(letter: SampleLetter, tmp_path: Path) -> None:
    request = "Associated surgical service: Retrospective: cold therapy unit: rental, 7 days"
    made = replace(letter, decisions=(sample_decision(request),))
    assert read(tmp_path, draw_letter(made)).decisions[0].treatment_requested == request


def test_a_decision_outside_the_vocabulary_is_kept_as_printed_and_flagged(letter: SampleLetter, tmp_path: Path) -> None:
    made = replace(letter, decisions=(sample_decision("Gym membership, one year", "Remanded"),))
    record = read(tmp_path, draw_letter(made))
    assert record.decisions[0].outcome == "Remanded"
    assert [f.code for f in record.flags] == ["outcome_not_understood"]


def test_a_decision_against_its_own_rationale_is_flagged(letter: SampleLetter, tmp_path: Path) -> None:
    made = replace(letter, decisions=(sample_decision("Gym membership, one year", "Overturned", rationale=RATIONALE),))
    record = read(tmp_path, draw_letter(made))
    assert record.decisions[0].outcome == "overturned"
    assert [(f.code, f.decision_number) for f in record.flags] == [("decision_contradicted", 1)]


def test_dates_out_of_order_are_flagged_not_dropped(letter: SampleLetter, tmp_path: Path) -> None:
    made = replace(letter, ur_denial_date=letter.decision_date, decision_date=letter.ur_denial_date)
    record = read(tmp_path, draw_letter(made))
    assert record.decision_date == letter.ur_denial_date
    assert {f.code for f in record.flags} == {"dates_out_of_order"}


def test_a_case_with_some_of_each_is_partially_overturned(letter: SampleLetter, tmp_path: Path) -> None:
    assert read(tmp_path, draw_letter(letter)).case_outcome == "partially_overturned"


def test_what_a_letter_does_not_print_is_none(letter: SampleLetter, tmp_path: Path) -> None:
    record = read(tmp_path, draw_letter(replace(letter, clinical_case_summary="Records of three visits were sent.")))
    assert record.patient_age is None
    assert record.patient_sex is None


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda pdf: b"", Reason.ZERO_BYTES),
        (lambda pdf: b"<html><body>Page not found</body></html>", Reason.NOT_A_PDF),
        (faults.damaged, Reason.DAMAGED),
        (faults.locked, Reason.PASSWORD),
        (faults.scan, Reason.NO_TEXT_LAYER),
        (lambda pdf: faults.not_a_letter(), Reason.UNKNOWN_FORMAT),
    ],
    ids=["empty", "web_page", "damaged", "locked", "scan", "invoice"],
)  # fmt: skip
def test_an_unreadable_file_says_why(spoil, reason: Reason, letter: SampleLetter, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as error:
        read(tmp_path, spoil(draw_letter(letter)))
    assert error.value.reason is reason
    assert error.value.reason.remedy


def test_size_and_pages_are_limited(letter: SampleLetter, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(draw_letter(letter, break_before="rationale"))
    for limits, reason in (
        (replace(LIMITS, max_bytes=1000), Reason.TOO_LARGE),
        (replace(LIMITS, max_pages=1), Reason.TOO_MANY_PAGES),
    ):
        with pytest.raises(UnreadableError) as error:
            read_letter(path, limits)
        assert error.value.reason is reason


TEXT_PARTS = {
    "the summary's heading": ("CLINICAL CASE SUMMARY", "summary"),
    "a guideline": ("MAXIMUS guideline:", "reviewer_guideline"),
    "a rationale": ("Decision rationale:", "rationale"),
}


@pytest.mark.parametrize("part", sorted(TEXT_PARTS))
def test_a_letter_without_a_part_is_incomplete_and_says_which(part: str, tmp_path: Path) -> None:
    words, field = TEXT_PARTS[part]
    text = draw_text(
        next(s for s in named_letters().values() if s.layout == "credentials_in_prose" and len(s.decisions) > 1)
    )
    assert words in text
    head, _, tail = text.rpartition(words)
    with pytest.raises(UnreadableError) as error:
        read(tmp_path, head + tail, "letter.txt")
    assert (error.value.reason, error.value.field) == (Reason.INCOMPLETE_LETTER, field)


def test_a_letter_cut_off_after_its_first_decisions_is_incomplete(tmp_path: Path) -> None:
    text = draw_text(
        next(s for s in named_letters().values() if s.layout == "credentials_in_prose" and len(s.decisions) > 1)
    )
    with pytest.raises(UnreadableError) as error:
        read(tmp_path, text[: text.rindex("MAXIMUS guideline:")], "letter.txt")
    assert error.value.reason is Reason.INCOMPLETE_LETTER


def test_every_reason_has_a_remedy() -> None:
    assert len(Reason) > 5
    assert all(reason.remedy for reason in Reason)


def test_the_sample_folder_holds_every_ending(tmp_path: Path) -> None:
    endings = set()
    files = write_samples(tmp_path / "drop")
    for file in files:
        try:
            endings.add(read_letter(file, LIMITS).format)
        except UnreadableError as error:
            endings.add(str(error.reason))
    assert len(files) >= 30
    assert endings == {
        *("table_header", "credentials_in_prose", "letterhead", "notice_2013", "professional_review"),
        *("damaged", "no_text_layer", "password", "unknown_format"),
    }


def test_samples_hold_modified_requests_and_both_outcomes() -> None:
    decisions: list[SampleDecision] = [d for s in named_letters().values() for d in s.decisions]
    assert sum(d.is_modified for d in decisions) >= 5
    assert {d.outcome for d in decisions} == {"Upheld", "Overturned"}
