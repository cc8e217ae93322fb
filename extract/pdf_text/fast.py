"""The fast route: reads text lines with fonts by pdfium's own text extraction.

Some 40 times faster than walking characters in Python. Raises `UnsureError` for a file that it cannot read reliably;
the reference route then reads it.
"""

from __future__ import annotations

import ctypes
import re
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from extract.limits import check_page_count
from extract.lines import Document, Line
from extract.pdf_text.integrity import find_faults

NAME = "pdfium"
_HYPHEN = "\ufffe"  # pdfium's character for a hyphen at a line's end; no newline follows
_LINE = re.compile(r"([^\r\n\ufffe]*)(\ufffe|\r\n|\r|\n|$)")
_LONGEST_FONT_NAME = 128


class UnsureError(Exception):
    """This route cannot read the file reliably; the reference route has to."""

    flag = "fast_route_unsure"
    """Flag of a letter that the reference route then reads."""


class DamagedError(UnsureError):
    """The file's bytes are damaged: text may be missing by either route."""

    flag = "file_damaged"


def read_lines(data: bytes, *, max_pages: int) -> Document:
    """Return the lines of a PDF.

    Opens files with an empty user password. Raises `UnreadableError` for more than `max_pages` pages or a bomb, and
    `UnsureError` for any other anomaly, whose reason the reference route then finds.
    """
    for fault in find_faults(data):
        raise DamagedError(fault)
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnsureError(str(error)) from error
    try:
        page_count = len(pdf)
        check_page_count(page_count, max_pages)
        if not pdfium.FPDF_DocumentHasValidCrossReferenceTable(pdf):
            raise DamagedError("its cross-reference table is broken and was reconstructed")
        lines = [line for number in range(page_count) for line in _read_page(pdf, number)]
    except pypdfium2.PdfiumError as error:
        raise UnsureError(str(error)) from error
    finally:
        pdf.close()
    if not lines:
        raise UnsureError("no text")
    return Document(tuple(lines), page_count, NAME)


def _read_page(pdf: Any, number: int) -> list[Line]:
    """Return a page's lines by pdfium's C functions: the wrapper's objects take a tenth of a letter's time."""
    page = pdfium.FPDF_LoadPage(pdf, number)
    if not page:
        raise UnsureError(f"page {number + 1} does not load")
    text_page = pdfium.FPDFText_LoadPage(page)
    try:
        if not text_page:
            raise UnsureError(f"the text of page {number + 1} does not load")
        return _split_lines(text_page, _read_text(text_page, number + 1), number + 1)
    finally:
        if text_page:
            pdfium.FPDFText_ClosePage(text_page)
        pdfium.FPDF_ClosePage(page)


def _read_text(text_page: Any, number: int) -> str:
    """Return all text of a page, one character for each of pdfium's, so that an index is valid in both."""
    count = max(0, pdfium.FPDFText_CountChars(text_page))
    units = (ctypes.c_ushort * (2 * count + 2))()
    written = pdfium.FPDFText_GetText(text_page, 0, count, units) if count else 0
    text = bytes(memoryview(units).cast("B")[: 2 * max(0, written - 1)]).decode("utf-16-le", errors="ignore")
    if len(text) != count:
        raise UnsureError(f"page {number}: text and characters do not line up")
    return text


def _split_lines(text_page: Any, text: str, number: int) -> list[Line]:
    lines = []
    font = ctypes.create_string_buffer(_LONGEST_FONT_NAME)
    for match in _LINE.finditer(text):
        found, end = match.groups()
        printed = found.strip()
        if printed or end == _HYPHEN:
            first = match.start() + len(found) - len(found.lstrip())
            known = pdfium.FPDFText_GetFontInfo(text_page, first, font, _LONGEST_FONT_NAME, None)
            begins_bold = known > 0 and b"bold" in font.value.lower()
            lines.append(Line(printed + "-" if end == _HYPHEN else printed, number, begins_bold))
    return lines
