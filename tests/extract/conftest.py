from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from extract.letters.parse import parse_letter
from extract.pdf_text import fast
from extract.plain_text import read_text
from extract.reasons import UnreadableError
from extract.record import LetterRecord
from tests.support.letters import SampleDecision, SampleLetter, draw_letter

RATIONALE = (
    "The guideline asks for a trial of home exercise before supervised sessions are continued. No such trial is "
    "described in the notes of the last three visits. The request is not medically necessary."
)


def sample_decision(treatment: str, outcome: str = "Upheld", **changes: object) -> SampleDecision:
    made = SampleDecision(
        treatment=treatment,
        outcome=outcome,
        claims_admin_guideline="Decision based on MTUS Low Back Complaints 2004.",
        reviewer_guideline="Decision based on MTUS Low Back Complaints 2004, Section(s): Physical Methods.",
        rationale=RATIONALE,
    )
    return replace(made, **changes)


def parse_text(text: str) -> LetterRecord:
    return parse_letter(read_text(text.encode()), letter_id="0" * 64, source_name="letter.txt")


def parse_pdf(letter: SampleLetter) -> LetterRecord:
    document = fast.read_lines(draw_letter(letter), max_pages=20)
    return parse_letter(document, letter_id="0" * 64, source_name="letter.pdf")


def refusal(text: str) -> UnreadableError:
    with pytest.raises(UnreadableError) as error:
        parse_text(text)
    return error.value


@pytest.fixture
def letter() -> SampleLetter:
    """A letter of the header-table layout with two plain decisions; a test replaces what it is about."""
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
                "Lumbar support belt",
                rationale="It is a simple aid. The belt is medically necessary.",
                outcome="Overturned",
            ),
        ),
    )
