"""Changes the pages of a letter's file as offices do: stamps, pages before and behind, pages lost or twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO

from pypdf import PageObject, PdfReader, PdfWriter
from reportlab.lib.pagesizes import LETTER
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = LETTER
PROOF_OF_SERVICE = (
    "PROOF OF SERVICE BY MAIL",
    "On the date below I served the foregoing determination on the persons below:",
    "Pat Q. Sample",
    "17 Elm Terrace, Unit 4",
    "Anytown, CA 90000",
    "Executed at Anytown, California.",
)
COVER = ("FAX TRANSMITTAL", "To: Claims Administrator", "Re: Case Number: see attached", "Pages: 3")
COVER_OF_ANOTHER_CASE = (
    "FAX TRANSMITTAL",
    "To: Claims Administrator",
    "Case Number: CM16-9999999",
    "Date of Injury: 01/02/2003",
)
Draw = Callable[[Canvas, int, int], None]
"""Draws on page n (from 1) of so many."""


def read_pages(data: bytes) -> list[PageObject]:
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        reader.decrypt("")
    return list(reader.pages)


def join(*pages: Sequence[PageObject]) -> bytes:
    writer = PdfWriter()
    for group in pages:
        for page in group:
            writer.add_page(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def make_page(lines: Sequence[str], top: float = 90) -> PageObject:
    """A page of its own with one text line below the other."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=LETTER, invariant=1)
    canvas.setFont("Helvetica", 11)
    for number, line in enumerate(lines):
        canvas.drawString(72, HEIGHT - top - 16 * number, line)
    canvas.save()
    return read_pages(out.getvalue())[0]


def stamp(data: bytes, draw: Draw, *, under: bool = False) -> bytes:
    """Draw over (or `under`) each page."""
    pages = read_pages(data)
    writer = PdfWriter()
    for number, page in enumerate(pages, 1):
        out = BytesIO()
        canvas = Canvas(out, pagesize=LETTER, invariant=1)
        draw(canvas, number, len(pages))
        canvas.showPage()  # a page also if nothing is drawn on it
        canvas.save()
        writer.add_page(page).merge_page(read_pages(out.getvalue())[0], over=not under)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def write(x: float, y: float, text: str, size: float = 9, pages: Sequence[int] = ()) -> Draw:
    """Return what draws a text with `{n}`, `{next}`, `{of}` and `{bates}` filled in, on all pages or on some."""

    def draw(canvas: Canvas, number: int, of: int) -> None:
        if not pages or number in pages:
            canvas.setFont("Helvetica", size)
            canvas.drawString(x, y, text.format(n=number, next=number + 1, of=of, bates=f"{122 + number:06d}"))

    return draw


def draw_line_numbers(canvas: Canvas, number: int, of: int) -> None:
    """Number the lines at the left edge, as on pleading paper."""
    canvas.setFont("Helvetica", 9)
    for line in range(1, 29):
        canvas.drawString(30, HEIGHT - 60 - 24 * line, str(line))


def draw_watermark(canvas: Canvas, number: int, of: int) -> None:
    """Write a word across the page."""
    canvas.saveState()
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(45)
    canvas.setFont("Helvetica", 60)
    canvas.setFillGray(0.85)
    canvas.drawCentredString(0, 0, "CONFIDENTIAL")
    canvas.restoreState()


STAMPS: dict[str, Draw] = {
    "bates": write(420, 20, "SAMPLE-IMR {bates}"),
    "bates of a party": write(40, 20, "Doe v. Roe {bates}"),
    "page number": write(280, 20, "Page {n} of {of}"),
    "bare page number": write(300, 20, "{n}"),
    "number but on page 1": lambda canvas, n, of: write(280, 20, "- {n} -")(canvas, n, of) if n > 1 else None,
    "fax line": write(40, 775, "DEC-12-2016 10:42 From: OFFICE To: CLAIMS Page: {n}/{of}"),
    "copy": write(500, 775, "COPY"),
    "footer": write(72, 25, "Sample Records Service - Exhibit B"),
    "line numbers": draw_line_numbers,
    "watermark": draw_watermark,
}
