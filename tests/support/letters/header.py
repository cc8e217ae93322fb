"""Draws the top of a letter of 2016-17: the letterhead, which is an image, and the ruled table below it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.support.letters.letter import SampleLetter

COLUMNS = (66.6, 174.0, 323.5, 421.4, 545.4)
ROWS = (92.9, 106.0, 119.2, 132.3, 158.1)
RULE = 0.48
FONT_SIZE, LINE_PITCH, ASCENT, PADDING = 11.04, 12.7, 10.0, 5.3
LABEL_GREY = 0.875
BELOW_TABLE = 174.0


@dataclass(frozen=True)
class Cell:
    """A cell of the table by its first and last column and its row; labels are bold on grey."""

    row: int
    column: int
    last_column: int
    lines: tuple[str, ...] = ()
    label: bool = False


def draw_header(canvas: Canvas, letter: SampleLetter) -> float:
    """Draw both; return where the text may begin, in points from the top of the page."""
    canvas.drawImage(_letterhead(), 461, LETTER[1] - 74, width=123, height=30)
    for cell in _cells(letter):
        _draw_cell(canvas, cell)
    return BELOW_TABLE


def _cells(letter: SampleLetter) -> list[Cell]:
    def pair(row: int, column: int, label: tuple[str, ...], value: str) -> list[Cell]:
        return [Cell(row, column, column, label, label=True), Cell(row, column + 1, column + 1, (value,))]

    return [
        *pair(0, 0, ("Case Number:",), letter.case_number or ""),
        Cell(0, 2, 3, label=True),
        *pair(1, 0, ("Date Assigned:",), _day(letter.date_assigned)),
        *pair(1, 2, ("Date of Injury:",), _day(letter.date_of_injury)),
        *pair(2, 0, ("Decision Date:",), _day(letter.decision_date)),
        *pair(2, 2, ("UR Denial Date:",), _day(letter.ur_denial_date)),
        *pair(3, 0, ("Priority:",), letter.priority or ""),
        # The cell is too narrow for both words, so flowed text has the date between them.
        *pair(3, 2, ("Application ", "Received:"), _day(letter.application_received)),
    ]


def _day(day: date | None) -> str:
    return f"{day:%m/%d/%Y}" if day else ""


def _draw_cell(canvas: Canvas, cell: Cell) -> None:
    left, right = COLUMNS[cell.column], COLUMNS[cell.last_column + 1]
    top, bottom = ROWS[cell.row], ROWS[cell.row + 1]
    if cell.label:
        canvas.setFillGray(LABEL_GREY)
        _fill(canvas, left, top, right, bottom)
    canvas.setFillGray(0)
    for y in (top, bottom):
        _fill(canvas, left - RULE / 2, y - RULE / 2, right + RULE / 2, y + RULE / 2)
    for x in (left, right):
        _fill(canvas, x - RULE / 2, top, x + RULE / 2, bottom)
    canvas.setFont("Helvetica-Bold" if cell.label else "Helvetica", FONT_SIZE)
    for number, line in enumerate(cell.lines):
        canvas.drawString(left + PADDING, LETTER[1] - top - ASCENT - number * LINE_PITCH, line)


def _fill(canvas: Canvas, left: float, top: float, right: float, bottom: float) -> None:
    canvas.rect(left, LETTER[1] - bottom, right - left, bottom - top, stroke=0, fill=1)


@cache
def _letterhead() -> ImageReader:
    """Return a picture that marks the letter as synthetic for people, and that no parser reads."""
    image = Image.new("L", (492, 120), 255)
    draw = ImageDraw.Draw(image)
    draw.text((20, 6), "SAMPLE LETTER", font=ImageFont.load_default(52), fill=90)
    draw.text((20, 68), "made up for testing", font=ImageFont.load_default(36), fill=60)
    return ImageReader(image)
