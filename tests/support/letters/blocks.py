"""Paragraphs of a sample letter, and their lines at a given width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from reportlab.pdfbase.pdfmetrics import stringWidth

REGULAR, BOLD = "Times-Roman", "Times-Bold"
FONT_SIZE = 12.0
LINE_WIDTH = 468.0  # a letter page less one inch on each side

Role = Literal["section", "text", "heading", "claims_admin", "reviewer", "rationale"]


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


def section(title: str) -> Block:
    """A heading on a line of its own, in bold and centred."""
    return Block((Run(title, bold=True),), role="section")


def paragraph(text: str, space_before: float = 1.0) -> Block:
    """A paragraph of plain text."""
    return Block((Run(text),), space_before=space_before)


def labelled(label: str, text: str = "", role: Role = "text", decision: int | None = None) -> Block:
    """A paragraph that begins with a label in bold."""
    runs = (Run(label, bold=True), Run(f" {text}")) if text else (Run(label, bold=True),)
    return Block(runs, role=role, decision=decision)


def wrap(runs: tuple[Run, ...]) -> list[Line]:
    """Break the text into lines as a word processor does: at spaces, which hang over the margin, and after hyphens.

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
    """Yield each unbreakable piece with the spaces behind it."""
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
    """Return the width in points."""
    return float(stringWidth(text, BOLD if bold else REGULAR, FONT_SIZE))
