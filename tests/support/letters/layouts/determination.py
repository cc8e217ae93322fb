"""The letters of 2016-17, and those of 2013-14 that have their credentials in prose."""

from __future__ import annotations

from tests.support.letters.blocks import Block, paragraph, section
from tests.support.letters.layouts.parts import (
    DECISIONS_BASIS,
    INDEPENDENT,
    SELECTED,
    SUMMARY_BASIS,
    credentials,
    labelled_decision,
)
from tests.support.letters.letter import SampleLetter


def determination_blocks(letter: SampleLetter) -> list[Block]:
    """Return all paragraphs of the letter, without the header table."""
    prose = letter.layout == "credentials_in_prose"
    blocks = [section("HOW THE IMR FINAL DETERMINATION WAS MADE")]
    blocks += [paragraph(credentials(letter), space_before=0.5)] if prose else _credentials_listed(letter)
    blocks += [
        section("CLINICAL CASE SUMMARY"),
        paragraph(SUMMARY_BASIS, space_before=0.5),
        paragraph(letter.clinical_case_summary),
        section("IMR ISSUES, DECISIONS AND RATIONALES"),
        paragraph(DECISIONS_BASIS, space_before=0.5),
    ]
    for number, decision in enumerate(letter.decisions):
        blocks += labelled_decision(number, decision, gap="  " if prose else " ")
    return blocks


def _credentials_listed(letter: SampleLetter) -> list[Block]:
    return [
        paragraph(f"{INDEPENDENT} {SELECTED}", space_before=0.5),
        paragraph("The Expert Reviewer has the following credentials:"),
        # Real letters print this list with and without a space; the specialties always have one.
        paragraph(f"State(s) of Licensure: {','.join(letter.licensure_states)}", space_before=0),
        paragraph(f"Certification(s)/Specialty: {', '.join(letter.specialties)}", space_before=0),
    ]
