"""Text recognition over a scan, by the tesseract program: off unless `Limits.ocr` is set.

What it reads may be misread in any place, so every letter read this way carries the flag `read_by_ocr`.
"""

from __future__ import annotations

import io
import math
import os
import shutil
import subprocess
import time

import pypdfium2

from extract.lines import Document, Line
from extract.reasons import Reason, UnreadableError

NAME = "tesseract"
FLAG = "read_by_ocr"
_DPI = 300
"""What tesseract is trained on; its own advice."""
_MOST_PIXELS = 30_000_000
"""An A3 page at 300 dpi has 17 million; a page that says it is larger is drawn smaller."""
_ONE_COLUMN = "4"
"""tesseract's page mode: a letter is one column, and its header table reads as lines."""
_SHARE_OF_TIME = 0.9
"""Of a letter's seconds: tesseract is stopped before the letter's own reader is killed around it."""


def find_program() -> str | None:
    """Return the path of the tesseract program, `None` where there is none."""
    return shutil.which(NAME)


def read_lines(data: bytes, *, max_pages: int, seconds: float) -> Document:
    """Return the lines of a scanned PDF, fonts unknown.

    Raises `UnreadableError`: `no_text_layer` where nothing is recognised either or tesseract fails,
    `timed_out` where all pages take more than `seconds`, `damaged` where a page cannot be drawn.
    """
    until = time.monotonic() + seconds * _SHARE_OF_TIME
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            page_count = len(pdf)
            if page_count > max_pages:
                raise UnreadableError(Reason.TOO_MANY_PAGES, f"{page_count} pages, at most {max_pages}")
            pages = [_recognised(_drawn(page), number, until) for number, page in enumerate(pdf, 1)]
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(Reason.DAMAGED, f"a page of the scan cannot be drawn: {error}") from error
    lines = tuple(
        Line(text, number)
        for number, page in enumerate(pages, 1)
        for text in (" ".join(line.replace("|", " ").split()) for line in page.splitlines())  # "|" is a table's rule
        if text
    )
    if not lines:
        raise UnreadableError(Reason.NO_TEXT_LAYER, f"{page_count} pages on which no text is recognised either")
    return Document(lines, page_count, NAME)


def _drawn(page: pypdfium2.PdfPage) -> bytes:
    width, height = page.get_size()
    scale = min(_DPI / 72, math.sqrt(_MOST_PIXELS / max(width * height, 1)))
    picture = io.BytesIO()
    page.render(scale=scale, grayscale=True).to_pil().save(picture, "PNG")
    return picture.getvalue()


def _recognised(picture: bytes, number: int, until: float) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the picture goes in by standard input
            [NAME, "-", "-", "--psm", _ONE_COLUMN, "--dpi", str(_DPI)],
            input=picture,
            capture_output=True,
            check=True,
            timeout=max(until - time.monotonic(), 0.1),
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},  # its threads only get into each other's way
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableError(Reason.TIMED_OUT, "text recognition took too long", page=number) from error
    except (subprocess.CalledProcessError, OSError) as error:
        told = getattr(error, "stderr", None) or str(error).encode()
        detail = f"text recognition failed: {told.decode(errors='replace').strip()[-200:]}"
        raise UnreadableError(Reason.NO_TEXT_LAYER, detail, page=number) from error
    return done.stdout.decode("utf-8", errors="replace")
