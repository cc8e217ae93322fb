"""What several layouts print: the reviewer's credentials, labelled decisions, and decisions in a sentence."""

from __future__ import annotations

from datetime import date

from tests.support.letters.blocks import Block, Role, Run
from tests.support.letters.letter import SampleDecision, SampleLetter

SELECTED = (
    "The reviewer was chosen for training and experience in the same field as the condition and the "
    "treatments in dispute, sees patients for at least 24 hours a week, has done so for over five years, and "
    "knows the laws and regulations that apply to independent medical review, the ranking of evidence among "
    "them."
)
INDEPENDENT = (
    "The whole case file was sent to an expert reviewer who has no tie to the worker, the employer, the "
    "providers or the claims administrator."
)
SUMMARY_BASIS = (
    "The expert reviewer developed the following clinical case summary based on a review of the case file, "
    "including all medical records:"
)
DECISIONS_BASIS = "The Final Determination was based on decisions for the disputed items/services set forth below:"
REVIEWER_LABEL = "MAXIMUS guideline:"
_VERDICTS = {"Upheld": "not medically necessary", "Overturned": "medically necessary"}


def credentials(letter: SampleLetter) -> str:
    """The paragraph that names the reviewer's specialties and states."""
    board, *sub = letter.specialties
    subspecialty = f", has a subspecialty in {' and '.join(sub)}" if sub else ""
    states = " and ".join(letter.licensure_states)
    certified = f"The expert reviewer is Board Certified in {board}{subspecialty}"
    return f"{INDEPENDENT} {certified} and is licensed to practice in {states}. {SELECTED}"


def labelled_decision(number: int, decision: SampleDecision, gap: str) -> list[Block]:
    """A decision with its word behind the request, and a label before each other part."""
    parts: list[tuple[Role, str, str]] = [
        ("claims_admin", "Claims Administrator guideline:", decision.claims_admin_guideline),
        ("reviewer", REVIEWER_LABEL, decision.reviewer_guideline),
        ("rationale", "Decision rationale:", decision.rationale),
    ]
    heading = (Run(f"{decision.heading}:", bold=True), Run(f"{gap}{decision.outcome}"))
    return [
        Block(heading, role="heading", decision=number),
        *(Block((Run(label, bold=True), Run(f" {text}")), role=role, decision=number) for role, label, text in parts),
    ]


def verdict(decision: SampleDecision, *, glued: bool = False) -> str:
    """The decision as the end of a sentence; `glued`: without the space that old letters lose.

    Raises ValueError for an outcome that no sentence says.
    """
    if decision.outcome not in _VERDICTS:
        raise ValueError(f"a sentence says one of {', '.join(_VERDICTS)}, not {decision.outcome}")
    words = _VERDICTS[decision.outcome]
    return f"is {words.replace('not ', 'not') if glued else words} and appropriate"


def short_day(day: date | None) -> str:
    """A date as the letters of 2013 print it, without zeros in front."""
    return f"{day.month}/{day.day}/{day.year}" if day else ""


def day(of: date | None) -> str:
    """A date with its zeros."""
    return f"{of:%m/%d/%Y}" if of else ""
