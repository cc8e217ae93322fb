"""Draws a sample letter as a PDF, or as plain text if it has no header table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Literal, get_args

from reportlab import rl_config
from reportlab.lib.pagesizes import LETTER
from reportlab.pdfgen.canvas import Canvas

from tests.support.letters.blocks import (
    BOLD,
    FONT_SIZE,
    LINE_WIDTH,
    REGULAR,
    Block,
    Line,
    text_width,
    wrap,
)
from tests.support.letters.header import draw_header
from tests.support.letters.layouts import letter_blocks
from tests.support.letters.letter import SampleLetter
from tests.support.letters.protect import protect

BreakBefore = Literal["heading", "inside_heading", "outcome", "claims_admin", "rationale", "inside_rationale"]

rl_config.useA85 = 0  # streams are compressed only, as on the real letters, and not made printable

PAGE_HEIGHT = LETTER[1]
MARGIN = 72.0
LINE_PITCH = 13.8
ASCENT = 10.7  # from the top of a line to its baseline


@dataclass(frozen=True)
class PlacedLine:
    """A line with the space above it in points, and whether it must open a page."""

    line: Line
    space_before: float = 0.0
    centred: bool = False
    new_page: bool = False


def draw_letter(letter: SampleLetter, *, encrypt: bool = True, break_before: BreakBefore | None = None) -> bytes:
    """Return the letter as a PDF; the same bytes each time.

    `encrypt`: AES-128 with an empty user password, as the real letters are.
    `break_before`: start a new page at that place of the last decision: before its heading, in the middle
    of its heading, between heading and decision word, before `Claims Administrator guideline:`, before
    `Decision rationale:`, or in the middle of the rationale.

    Raises ValueError if there is no such place: no decision, or one line where two are needed.
    """
    lines = list(_placed(letter, break_before))
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=LETTER, invariant=1)
    top = draw_header(canvas, letter) if letter.has_header_table else MARGIN
    fresh = True
    for placed in lines:
        top += 0.0 if fresh else placed.space_before
        if placed.new_page or top + LINE_PITCH > PAGE_HEIGHT - MARGIN:
            canvas.showPage()
            top = MARGIN
        _draw_line(canvas, placed, PAGE_HEIGHT - top - ASCENT)
        top += LINE_PITCH
        fresh = False
    canvas.save()
    return protect(buffer.getvalue(), user_password="" if encrypt else None)


def draw_text(letter: SampleLetter) -> str:
    """Return the letter as the text of an old extraction, without font weights.

    `credentials_in_prose` was stored with an empty line after each line, the others were not.
    Raises ValueError for a letter with a header table: none was ever stored as text.
    """
    if letter.has_header_table:
        raise ValueError(f"credentials_in_prose and others are drawn as text, a header table is not: {letter.layout}")
    lines: list[str] = []
    for block in letter_blocks(letter):
        if lines and block.space_before >= 1:
            lines.append(" ")
        lines += ["".join(run.text for run in line).rstrip() + " " for line in wrap(block.runs)]
    end = "\n\n" if letter.layout == "credentials_in_prose" else "\n"
    return "".join(f"{line}{end}" for line in lines)


def _placed(letter: SampleLetter, break_before: BreakBefore | None) -> Iterator[PlacedLine]:
    """Return all lines of the letter, with the forced page break in the last decision."""
    if break_before is not None and (not letter.decisions or break_before not in get_args(BreakBefore)):
        raise ValueError(f"this letter has no place to break before: {break_before}")
    last = len(letter.decisions) - 1
    for block in letter_blocks(letter):
        lines, break_at = wrap(block.runs), None
        if block.decision == last and break_before is not None:
            lines, break_at = _broken(block, break_before)
        for number, line in enumerate(lines):
            yield PlacedLine(
                line,
                space_before=block.space_before * LINE_PITCH if number == 0 else 0.0,
                centred=block.role == "section",
                new_page=number == break_at,
            )


def _broken(block: Block, break_before: BreakBefore) -> tuple[list[Line], int | None]:
    """Return a block's lines, and the line that the page break precedes, if it is in this block."""
    lines = wrap(block.runs)
    if break_before == block.role:
        return lines, 0
    if break_before == f"inside_{block.role}":
        request = wrap(block.runs[:1]) if block.role == "heading" else lines
        if len(request) < 2:
            raise ValueError(f"cannot break {break_before}: it has one line only")
        return lines, len(request) // 2
    if break_before == "outcome" and block.role == "heading":
        request = wrap(block.runs[:1])
        return [*request, *wrap(block.runs[1:])], len(request)
    return lines, None


def _draw_line(canvas: Canvas, placed: PlacedLine, baseline: float) -> None:
    x = MARGIN
    if placed.centred:
        x += (LINE_WIDTH - sum(text_width(run.text, run.bold) for run in placed.line)) / 2
    for run in placed.line:
        canvas.setFont(BOLD if run.bold else REGULAR, FONT_SIZE)
        canvas.drawString(x, baseline, run.text)
        x += text_width(run.text, run.bold)
