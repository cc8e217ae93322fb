"""Builds files that a load quarantines."""

from __future__ import annotations

from io import BytesIO
from time import gmtime

import pdfplumber
from PIL import Image
from reportlab.lib.pagesizes import LETTER
from reportlab.pdfgen.canvas import Canvas

from tests.support.letters.protect import protect

PASSWORD = "not known to the load"  # noqa: S105  # the point is that nothing else knows it
SCAN_DPI = 110
INVOICE = (
    ("Hypothetical Office Furniture Co.", "Invoice 2017-0042", ""),
    ("12 swivel chairs, grey", "12 x 129.00", "1,548.00"),
    ("12 floor mats", "12 x 24.50", "294.00"),
    ("Delivery to the third floor", "", "60.00"),
    ("Total, payable within 30 days", "", "1,902.00"),
)


def damaged(pdf: bytes) -> bytes:
    """Return the file as a broken transfer leaves it: cut off, with zeros at its end. No PDF reader opens it."""
    kept = len(pdf) // 3
    return pdf[: kept // 2] + bytes(kept // 2)


def scan(pdf: bytes) -> bytes:
    """Return a file with the pages as black and white pictures, without text."""
    with pdfplumber.open(BytesIO(pdf)) as document:
        pages = [
            page.to_image(resolution=SCAN_DPI).original.convert("1", dither=Image.Dither.NONE)
            for page in document.pages
        ]
    out = BytesIO()
    # Fixed times, as Pillow would write today's.
    long_ago = gmtime(0)
    pages[0].save(
        out,
        "PDF",
        resolution=SCAN_DPI,
        save_all=True,
        append_images=pages[1:],
        creationDate=long_ago,
        modDate=long_ago,
    )
    return out.getvalue()


def locked(pdf: bytes) -> bytes:
    """Return the letter protected by a password that a load does not have."""
    return protect(pdf, user_password=PASSWORD)


def not_a_letter() -> bytes:
    """Return a PDF with text that is not a letter: an invoice for office chairs."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=LETTER, invariant=1)
    canvas.setFont("Helvetica", 11)
    for number, columns in enumerate(INVOICE):
        baseline = 700 - 22 * number
        for x, text in zip((72, 300, 450), columns, strict=True):
            canvas.drawString(x, baseline, text)
    canvas.save()
    return protect(out.getvalue(), user_password=None)
