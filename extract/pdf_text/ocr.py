"""Reads scans by the tesseract program, if `Limits.ocr` is set.

Any word may be misread, so every letter read this way is flagged `read_by_ocr`.
"""

from __future__ import annotations

import io
import math
import os
import shutil
import subprocess
import time

import pypdfium2

from extract.limits import check_page_count
from extract.lines import Document, Line
from extract.reasons import Reason, UnreadableError

NAME = "tesseract"
FLAG = "read_by_ocr"
_DPI = 300
"""The resolution that tesseract recommends."""
_MOST_PIXELS = 30_000_000
"""An A3 page at 300 dpi has 17 million; a larger page is drawn at a lower resolution."""
_ONE_COLUMN = "4"
"""tesseract's page mode for a single column; a header table is then read as lines."""
_SHARE_OF_TIME = 0.9
"""Part of a letter's seconds after which tesseract is stopped, before the worker process is killed."""


def find_program() -> str | None:
    """Return the path of the tesseract program, `None` where there is none."""
    return shutil.which(NAME)


def read_lines(data: bytes, *, max_pages: int, seconds: float) -> Document:
    """Return the lines of a scanned PDF, fonts unknown.

    Raises `UnreadableError`: `no_text_layer` if nothing is recognised or tesseract fails, `timed_out` if the pages
    take more than `seconds`, `damaged` if a page cannot be drawn.
    """
    until = time.monotonic() + seconds * _SHARE_OF_TIME
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            page_count = len(pdf)
            check_page_count(page_count, max_pages)
            pages = [_recognise(_draw(page), number, until) for number, page in enumerate(pdf, 1)]
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(Reason.DAMAGED, f"a page of the scan cannot be drawn: {error}") from error
    lines = tuple(
        Line(text, number)
        for number, page in enumerate(pages, 1)
        for text in (" ".join(line.replace("|", " ").split()) for line in page.splitlines())  # "|" is a table line
        if text
    )
    if not lines:
        raise UnreadableError(Reason.NO_TEXT_LAYER, f"no text is recognised on {page_count} pages")
    return Document.make(lines, page_count, NAME)


def _draw(page: pypdfium2.PdfPage) -> bytes:
    width, height = page.get_size()
    scale = min(_DPI / 72, math.sqrt(_MOST_PIXELS / max(width * height, 1)))
    picture = io.BytesIO()
    page.render(scale=scale, grayscale=True).to_pil().save(picture, "PNG")
    return picture.getvalue()


def _recognise(picture: bytes, number: int, until: float) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the picture goes in by standard input
            [NAME, "-", "-", "--psm", _ONE_COLUMN, "--dpi", str(_DPI)],
            input=picture,
            capture_output=True,
            check=True,
            timeout=max(until - time.monotonic(), 0.1),
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},  # more threads are slower
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableError(Reason.TIMED_OUT, "text recognition took too long", page=number) from error
    except (subprocess.CalledProcessError, OSError) as error:
        message = getattr(error, "stderr", None) or str(error).encode()
        detail = f"text recognition failed: {message.decode(errors='replace').strip()[-200:]}"
        raise UnreadableError(Reason.NO_TEXT_LAYER, detail, page=number) from error
    return done.stdout.decode("utf-8", errors="replace")
