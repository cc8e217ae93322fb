"""Letters whose pages show something else than the text in the file, as other programs and people leave them."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
from reportlab.pdfgen.canvas import Canvas

Draw = Callable[[Canvas], None]


def edit(letter: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """Change a letter's objects and save it unencrypted."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter)) as pdf:
        change(pdf)
        pdf.save(out)
    return out.getvalue()


def overlay(letter: bytes, draw: Draw, page: int = 0) -> bytes:
    """Draw something on top of a page, in a form of its own."""
    return edit(letter, lambda pdf: _stamp(pdf, draw, page))


def add_content(letter: bytes, content: bytes, page: int = 0) -> bytes:
    """Add drawing commands to a page, in a stream of their own; the font /F9 is Times-Roman."""

    def change(pdf: pikepdf.Pdf) -> None:
        times = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name("/Times-Roman")
        )
        resources = pdf.pages[page].obj.Resources
        fonts = dict(resources.get("/Font", {}).items())
        resources["/Font"] = pikepdf.Dictionary({**fonts, "/F9": pdf.make_indirect(times)})
        pdf.pages[page].contents_add(b"q\n" + content + b"\nQ")

    return edit(letter, change)


def _stamp(pdf: pikepdf.Pdf, draw: Draw, page: int) -> None:
    target = pdf.pages[page]
    _, _, width, height = (float(number) for number in target.mediabox)
    drawn = io.BytesIO()
    canvas = Canvas(drawn, pagesize=(width, height))
    draw(canvas)
    canvas.save()
    with pikepdf.open(io.BytesIO(drawn.getvalue())) as other:
        target.add_overlay(other.pages[0])
