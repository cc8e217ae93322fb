from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from extract.letters.parse import parse_letter
from extract.limits import Limits
from extract.pdf_text import fast
from extract.plain_text import read_text
from extract.read import AUDITED_OF_256, read_letter
from extract.reasons import UnreadableError
from extract.record import LetterRecord
from tests.support.letters import SampleDecision, SampleLetter, draw_letter

RATIONALE = (
    "The guideline asks for a trial of home exercise before supervised sessions are continued. No such trial is "
    "described in the notes of the last three visits. The request is not medically necessary."
)
LIMITS = Limits(max_bytes=10_000_000, max_pages=20)
FIELDS = (
    "case_number", "date_assigned", "date_of_injury", "decision_date", "ur_denial_date", "application_received",
    "priority", "licensure_states", "specialties", "patient_age", "patient_sex",
)  # fmt: skip


def sample_decision(treatment: str, outcome: str = "Upheld", **changes: object) -> SampleDecision:
    made = SampleDecision(
        treatment=treatment,
        outcome=outcome,
        claims_admin_guideline="Decision based on MTUS Low Back Complaints 2004.",
        reviewer_guideline="Decision based on MTUS Low Back Complaints 2004, Section(s): Physical Methods.",
        rationale=RATIONALE,
    )
    return replace(made, **changes)


def read_bytes(
    folder: Path, data: bytes | str, name: str = "letter.pdf", limits: Limits = LIMITS, *, may_audit: bool = True
) -> LetterRecord:
    """Read a file with these bytes."""
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_letter(path, limits, may_audit=may_audit)


def parse_text(text: str) -> LetterRecord:
    return parse_letter(read_text(text.encode()), letter_id="0" * 64, source_name="letter.txt")


def parse_pdf(letter: SampleLetter) -> LetterRecord:
    document = fast.read_lines(draw_letter(letter), max_pages=20)
    return parse_letter(document, letter_id="0" * 64, source_name="letter.pdf")


def parse_error(text: str) -> UnreadableError:
    """Return the error that parsing a text raises."""
    with pytest.raises(UnreadableError) as error:
        parse_text(text)
    return error.value


def join_spaces(text: str) -> str:
    return " ".join(text.split())


def assert_reads_back(record: LetterRecord, made: SampleLetter) -> None:
    for field in FIELDS:
        assert getattr(record, field) == getattr(made, field), field
    assert record.format == made.layout
    assert record.clinical_case_summary == join_spaces(made.clinical_case_summary)
    assert len(record.decisions) == len(made.decisions) > 0
    for decision, printed in zip(record.decisions, made.decisions, strict=True):
        heading = join_spaces(printed.heading)
        in_capitals = made.layout == "credentials_in_prose"
        assert decision.treatment_requested == (heading.upper() if in_capitals else heading)
        assert decision.outcome == printed.outcome.lower()
        assert decision.is_modified == printed.is_modified
        assert decision.claims_admin_guideline == (join_spaces(printed.claims_admin_guideline) or None)
        assert decision.reviewer_guideline == join_spaces(printed.reviewer_guideline)
        assert decision.rationale == join_spaces(printed.rationale)


@pytest.fixture
def letter() -> SampleLetter:
    """A letter of the header-table format with two plain decisions; tests replace parts of it."""
    return SampleLetter(
        layout="table_header",
        case_number="CM17-0400001",
        date_assigned=date(2017, 1, 17),
        date_of_injury=date(2016, 10, 3),
        decision_date=date(2017, 2, 13),
        ur_denial_date=date(2017, 1, 4),
        application_received=date(2017, 1, 12),
        priority="Standard",
        licensure_states=("California", "Oregon"),
        specialties=("Physical Medicine and Rehabilitation", "Pain Management"),
        patient_age=44,
        patient_sex="female",
        clinical_case_summary="The injured worker is a 44 year old female whose back hurts since she lifted a pump.",
        decisions=(
            sample_decision("Supervised exercise, six sessions"),
            sample_decision(
                "Lumbar support belt", "Overturned", rationale="It is a simple aid. The belt is medically necessary."
            ),
        ),
    )


def is_audited(data: bytes) -> bool:
    return hashlib.sha256(data).digest()[0] < AUDITED_OF_256


def draw_until(letter: SampleLetter, audited: bool) -> bytes:
    """Draw the letter with another sentence each time, until its hash is in the audit or not, as wanted."""
    for number in count():
        summary = f"{letter.clinical_case_summary} She was seen {number} times."
        data = draw_letter(replace(letter, clinical_case_summary=summary))
        if is_audited(data) == audited:
            return data
    raise AssertionError
