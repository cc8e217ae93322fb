"""The reference route: reads text lines with fonts from pdfplumber's characters."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from extract.limits import check_page_count
from extract.lines import Document, Line
from extract.reasons import Reason, UnreadableError

NAME = "pdfplumber"
OnLine = Callable[[dict[str, Any]], None]


def read_lines(data: bytes, *, max_pages: int, on_line: OnLine = lambda _: None) -> Document:
    """Return the lines of a PDF; `on_line` is called with each line as pdfplumber returns it.

    Opens files with an empty user password, as published letters have. Raises `UnreadableError` for a file that is
    damaged or locked, has more than `max_pages` pages, or no text.
    """
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            page_count = len(pdf.pages)
            check_page_count(page_count, max_pages)
            lines = [line for page in pdf.pages for line in _read_page(page, on_line)]
    except PdfminerException as error:
        raise _make_error(error) from error
    except (MemoryError, UnreadableError):
        raise
    except Exception as error:  # on garbled bytes the library raises any exception
        raise UnreadableError(Reason.DAMAGED, f"{type(error).__name__}: {error}") from error
    if page_count == 0:
        raise UnreadableError(Reason.DAMAGED, "it has no pages")
    if not lines:
        raise UnreadableError(Reason.NO_TEXT_LAYER, f"{page_count} pages without a character of text")
    return Document(tuple(lines), page_count, NAME)


def _make_error(error: PdfminerException) -> UnreadableError:
    cause = error.args[0] if error.args else error
    if isinstance(cause, PDFPasswordIncorrect):
        return UnreadableError(Reason.PASSWORD, "a user password is set")
    return UnreadableError(Reason.DAMAGED, f"{type(cause).__name__}: {cause}")


def _read_page(page: Any, on_line: OnLine) -> list[Line]:
    lines = []
    for found in page.extract_text_lines(return_chars=True):
        text = found["text"].strip()
        if text:
            font = str(found["chars"][0]["fontname"]).lower()
            lines.append(Line(text, page.page_number, begins_bold="bold" in font))
            on_line(found)
    page.close()  # frees the page's characters before the file is closed
    return lines
