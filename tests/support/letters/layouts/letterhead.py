"""The letters of about 2014-15: a letterhead with labels, documents reviewed, numbered decisions.

No such letter was at hand: drawn after descriptions.
"""

from __future__ import annotations

from tests.support.letters.blocks import Block, Run, labelled, paragraph, section
from tests.support.letters.layouts.parts import (
    DECISIONS_BASIS,
    SUMMARY_BASIS,
    credentials,
    day,
    labelled_decision,
    verdict,
)
from tests.support.letters.letter import SampleDecision, SampleLetter

_RATIONALE = "The Expert Reviewer's decision rationale:"


def letterhead_blocks(letter: SampleLetter) -> list[Block]:
    """Return all paragraphs of the letter."""
    blocks = [
        *_head(letter),
        section("HOW THE IMR FINAL DETERMINATION WAS MADE"),
        paragraph(credentials(letter), space_before=0.5),
        section("DOCUMENTS REVIEWED"),
        paragraph("Application, utilization review decision, and medical records as provided by both sides.", 0.5),
        section("CLINICAL CASE SUMMARY"),
        paragraph(SUMMARY_BASIS, space_before=0.5),
        paragraph(letter.clinical_case_summary),
        section("IMR DECISION(S) AND RATIONALE(S)"),
        paragraph(DECISIONS_BASIS, space_before=0.5),
    ]
    for number, decision in enumerate(letter.decisions):
        if letter.decision_words:
            blocks += labelled_decision(number, decision, gap=" ")
        else:
            blocks += _decision(number, decision)
    return blocks


def _head(letter: SampleLetter) -> list[Block]:
    lines = [
        f"Dated: {day(letter.decision_date)}",
        f"IMR Case Number: {letter.case_number or ''} Date of Injury: {day(letter.date_of_injury)}",
        f"Claims Number: UR Denial Date:  {day(letter.ur_denial_date)}",
        f"Priority: {letter.priority or ''} Application Received: {day(letter.application_received)}",
        "Employee Name:",
        "Provider Name:",
        "Treatment(s) in Dispute Listed on IMR Application:",
        *(decision.heading for decision in letter.decisions),
    ]
    return [
        section("MAXIMUS FEDERAL SERVICES, INC."),
        section("Independent Medical Review Final Determination Letter"),
        *(paragraph(line, space_before=0) for line in lines),
        labelled(f"Final Determination: {_overall(letter)}.", "The reasons are given below, one by one."),
    ]


def _overall(letter: SampleLetter) -> str:
    outcomes = {decision.outcome for decision in letter.decisions}
    return {"Upheld": "UPHOLD", "Overturned": "OVERTURN"}[outcomes.pop()] if len(outcomes) == 1 else "PARTIAL UPHOLD"


def _decision(number: int, decision: SampleDecision) -> list[Block]:
    sentence = f"{number + 1}. {decision.heading} {verdict(decision)}."
    return [
        Block((Run(sentence, bold=True),), role="heading", decision=number),
        Block((Run(decision.claims_admin_guideline),), role="claims_admin", decision=number),
        Block((Run(decision.reviewer_guideline),), role="reviewer", decision=number),
        labelled(_RATIONALE, decision.rationale, role="rationale", decision=number),
    ]
