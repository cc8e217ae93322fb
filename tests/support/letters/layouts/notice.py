"""The notices of 2013, with their list of decisions printed twice.

Down to the case summary after a real one that is cut off there; what follows is drawn after descriptions.
"""

from __future__ import annotations

from tests.support.letters.blocks import Block, Run, labelled, paragraph
from tests.support.letters.layouts.parts import credentials, short_day, verdict
from tests.support.letters.letter import SampleDecision, SampleLetter

_DECISIONS = "INDEPENDENT MEDICAL REVIEW DECISION AND RATIONALE"
_GUIDELINES = (
    "Section of the Medical Treatment Utilization Schedule Relied Upon by the Expert Reviewer to Make His/Her Decision:"
)


def notice_blocks(letter: SampleLetter) -> list[Block]:
    """Return all paragraphs of the letter."""
    *others, last = _list(letter)
    dated = f"Dated: {short_day(letter.decision_date)}"
    title = f"MAXIMUS FEDERAL SERVICES, INC. Notice of Independent Medical Review Determination {dated}"
    blocks = [
        labelled(title),
        *([paragraph(f"MAXIMUS Case Number: {letter.case_number}", 0)] if letter.case_number else []),
        *(paragraph(sentence, space_before=0) for sentence in others),
        # As in the one letter seen: the heading follows the list on its last line.
        Block((Run(f"{last} "), Run(_DECISIONS, bold=True)), space_before=0),
        paragraph(_filed(letter)),
        *(paragraph(sentence, space_before=0) for sentence in _list(letter)),
        labelled("Medical Qualifications of the Expert Reviewer:"),
        paragraph(credentials(letter), space_before=0),
        labelled("Case Summary:"),
        paragraph(_disclaimer(letter), space_before=0),
        paragraph(letter.clinical_case_summary, space_before=0),
        labelled("Documents Reviewed for Determination:"),
        paragraph("The application, the utilization review decision, and the medical records sent in.", 0),
    ]
    for number, decision in enumerate(letter.decisions):
        blocks += _decision(number, decision)
    return blocks


def _list(letter: SampleLetter) -> list[str]:
    return [
        f"{number}) MAXIMUS Federal Services, Inc. has determined the request for {decision.heading} "
        f"{verdict(decision, glued=True)}."
        for number, decision in enumerate(letter.decisions, 1)
    ]


def _filed(letter: SampleLetter) -> str:
    return (
        "An application for Independent Medical Review was filed on "
        f"{short_day(letter.application_received)} disputing the Utilization Review Denial dated "
        f"{short_day(letter.ur_denial_date)}. A Notice of Assignment and Request for Information was provided to "
        f"the parties on {short_day(letter.date_assigned)}. What was decided, treatment by treatment:"
    )


def _disclaimer(letter: SampleLetter) -> str:
    denied = letter.ur_denial_date
    of_day = f" dated {denied:%B} {denied.day}, {denied.year}" if denied else ""
    return f"Disclaimer: The following case summary was taken from the utilization review denial{of_day}."


def _decision(number: int, decision: SampleDecision) -> list[Block]:
    heading = f"{number + 1}) Regarding the request for {decision.heading}:"
    return [
        labelled(heading, role="heading", decision=number),
        labelled(_GUIDELINES),
        Block((Run(decision.claims_admin_guideline),), role="claims_admin", space_before=0, decision=number),
        Block((Run(decision.reviewer_guideline),), role="reviewer", space_before=0, decision=number),
        labelled("Rationale for the Decision:"),
        Block((Run(decision.rationale),), role="rationale", space_before=0, decision=number),
    ]
