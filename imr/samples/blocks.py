"""A sample letter as paragraphs, in printed order, and those paragraphs as lines of a given width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from reportlab.pdfbase.pdfmetrics import stringWidth

from imr.samples.letter import SampleDecision, SampleLetter

REGULAR, BOLD = "Times-Roman", "Times-Bold"
FONT_SIZE = 12.0
LINE_WIDTH = 468.0  # a letter page less one inch on each side

Role = Literal["section", "text", "heading", "claims_admin", "reviewer", "rationale"]

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


@dataclass(frozen=True)
class Run:
    """A stretch of text in one weight."""

    text: str
    bold: bool = False


@dataclass(frozen=True)
class Block:
    """One paragraph. `decision` is the index of the decision that it belongs to."""

    runs: tuple[Run, ...]
    role: Role = "text"
    space_before: float = 1.0  # in lines
    decision: int | None = None


Line = tuple[Run, ...]


def letter_blocks(letter: SampleLetter) -> list[Block]:
    """All paragraphs of the letter, without the header table."""
    prose = letter.layout == "credentials_in_prose"
    blocks = [_section("HOW THE IMR FINAL DETERMINATION WAS MADE")]
    blocks += _credentials_in_prose(letter) if prose else _credentials_listed(letter)
    blocks += [
        _section("CLINICAL CASE SUMMARY"),
        _text(SUMMARY_BASIS, space_before=0.5),
        _text(letter.clinical_case_summary),
        _section("IMR ISSUES, DECISIONS AND RATIONALES"),
        _text(DECISIONS_BASIS, space_before=0.5),
    ]
    for number, decision in enumerate(letter.decisions):
        blocks += _decision(number, decision, gap="  " if prose else " ")
    return blocks


def _section(title: str) -> Block:
    return Block((Run(title, bold=True),), role="section")


def _text(text: str, space_before: float = 1.0) -> Block:
    return Block((Run(text),), space_before=space_before)


def _credentials_listed(letter: SampleLetter) -> list[Block]:
    return [
        _text(f"{INDEPENDENT} {SELECTED}", space_before=0.5),
        _text("The Expert Reviewer has the following credentials:"),
        # Real letters print this list with and without a space; the specialties always have one.
        _text(f"State(s) of Licensure: {','.join(letter.licensure_states)}", space_before=0),
        _text(f"Certification(s)/Specialty: {', '.join(letter.specialties)}", space_before=0),
    ]


def _credentials_in_prose(letter: SampleLetter) -> list[Block]:
    board, *sub = letter.specialties
    subspecialty = f", has a subspecialty in {' and '.join(sub)}" if sub else ""
    states = " and ".join(letter.licensure_states)
    certified = f"The expert reviewer is Board Certified in {board}{subspecialty}"
    sentence = f"{certified} and is licensed to practice in {states}."
    return [_text(f"{INDEPENDENT} {sentence} {SELECTED}", space_before=0.5)]


def _decision(number: int, decision: SampleDecision, gap: str) -> list[Block]:
    labelled: list[tuple[Role, str, str]] = [
        ("claims_admin", "Claims Administrator guideline:", decision.claims_admin_guideline),
        ("reviewer", "MAXIMUS guideline:", decision.reviewer_guideline),
        ("rationale", "Decision rationale:", decision.rationale),
    ]
    heading = (Run(f"{decision.heading}:", bold=True), Run(f"{gap}{decision.outcome}"))
    return [
        Block(heading, role="heading", decision=number),
        *(
            Block((Run(label, bold=True), Run(f" {text}")), role=role, decision=number)
            for role, label, text in labelled
        ),
    ]


def wrap(runs: tuple[Run, ...]) -> list[Line]:
    """Break the text as a word processor does: at spaces, which hang over the margin, and after hyphens.

    A word that is wider than a line gets a line of its own and sticks out.
    """
    lines: list[list[Run]] = [[]]
    used = 0.0
    for word, spaces in _words(runs):
        width = text_width(word.text, word.bold)
        if lines[-1] and used + width > LINE_WIDTH:
            lines.append([])
            used = 0.0
        lines[-1] += [word, spaces]
        used += width + text_width(spaces.text, spaces.bold)
    return [_merged(line) for line in lines]


def _words(runs: tuple[Run, ...]) -> Iterator[tuple[Run, Run]]:
    """Each unbreakable piece with the spaces behind it, whichever run those are in."""
    pattern = re.compile(r" +|[^\s-]*-+|[^\s-]+")
    pieces = [Run(match.group(), run.bold) for run in runs for match in pattern.finditer(run.text)]
    nothing = Run("")
    for piece, following in pairwise([*pieces, nothing]):
        if piece.text.strip():
            yield piece, following if following.text.isspace() else nothing


def _merged(pieces: list[Run]) -> Line:
    merged: list[Run] = []
    for piece in pieces:
        if merged and merged[-1].bold == piece.bold:
            merged[-1] = Run(merged[-1].text + piece.text, piece.bold)
        elif piece.text:
            merged.append(piece)
    return tuple(merged)


def text_width(text: str, bold: bool) -> float:
    """Width in points as drawn."""
    return float(stringWidth(text, BOLD if bold else REGULAR, FONT_SIZE))
