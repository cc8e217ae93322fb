"""The fast route: reads text lines with fonts by pdfium's own text extraction.

Far faster than walking characters in Python. Raises `UnsureError` for a file that it cannot read reliably;
the reference route then reads it.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from extract.limits import check_page_count
from extract.lines import DRAWN_HYPHEN, SOFT_HYPHEN, Document, Line
from extract.pdf_text.annotations import Annotation, find_annotations
from extract.pdf_text.anomalies import (
    HIDDEN,
    NOT_DRAWN,
    PAGES_CHANGED,
    RECOGNISED,
    TURNED,
    flag_layout,
    flag_not_drawn,
    make_unseen,
)
from extract.pdf_text.bold import is_bold_font
from extract.pdf_text.integrity import find_faults
from extract.pdf_text.signs import Signs
from extract.pdf_text.visible import Place, draw_page, find_hidden, find_images, may_hide_text
from extract.record import Flag

NAME = "pdfium"
_HYPHEN = "\ufffe"  # pdfium's character for a hyphen at a line's end; no newline follows
_LINE = re.compile(r"([^\r\n\ufffe]*)(\ufffe|\r\n|\r|\n|$)")
_LONGEST_FONT_NAME = 128
_FONT_NAME, _FONT_FLAGS = ctypes.create_string_buffer(_LONGEST_FONT_NAME), ctypes.c_int()
_TURNED = 0.1
"""Radians that a line may be aslant."""
_SAMPLED = 20
"""Characters of a page sampled to decide whether its text is that of a scan."""
_INVISIBLE, _STROKED = (3, 7), (2, 6)
"""Render modes of text: drawn as nothing, filled and stroked (PDF 1.7, table 106)."""
_EDGE = 1.0
"""Points that a character may begin outside the page, as far as its first sign goes."""
_UP, _ROW, _ROWS = 2.0, 16.0, 1
"""Points by which a line may lie above the one before it: a raised sign; one cell of a table beside two lines."""


class UnsureError(Exception):
    """This route cannot read the file reliably; the reference route has to."""

    flag = "fast_route_unsure"
    """Flag of a letter that the reference route then reads."""


class DamagedError(UnsureError):
    """The file's bytes are damaged: text may be missing by either route."""

    flag = "file_damaged"


def read_lines(data: bytes, *, max_pages: int, on_slow: Callable[[], None] = lambda: None) -> Document:
    """Return the lines of a PDF.

    Opens files with an empty user password. `on_slow` is called before pages are drawn. Raises `UnreadableError` for
    more than `max_pages` pages or a bomb, and `UnsureError` for any other anomaly, whose reason the reference route
    then finds.
    """
    signs = Signs()
    for fault in find_faults(data, signs):
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
        reader = _Reader(pdf, signs, on_slow)
        for number in range(1, page_count + 1):
            reader.read_page(number)
    except pypdfium2.PdfiumError as error:
        raise UnsureError(str(error)) from error
    finally:
        pdf.close()
    return reader.make_document(page_count)


class _Reader:
    """Reads the pages of one file, and collects what is odd about them."""

    def __init__(self, pdf: Any, signs: Signs, on_slow: Callable[[], None]) -> None:
        self._pdf = pdf
        self._signs = signs
        self._on_slow = on_slow
        self._images = signs.images
        self._rows_left = _ROWS
        self._fonts: dict[bytes, bool] = {}
        self._lines: list[Line] = []
        self._annotations: list[Annotation] = []
        self._flags: dict[str, Flag] = {}
        self._doubt = Flag("text_replaced", "the file replaces drawn text by other text") if signs.is_replaced else None

    def make_document(self, page_count: int) -> Document:
        """Return what was read. Raises `UnsureError` if that is nothing."""
        if not self._lines:
            raise UnsureError("no text")
        has_inner_hyphen = any(DRAWN_HYPHEN in line.text for line in self._lines)
        if self._doubt is None and self._signs.has_soft_hyphens and not has_inner_hyphen:
            # pdfium returns a soft hyphen at a line's end as a common one
            self._doubt = Flag("hyphens_unclear", "hyphens at the ends of lines may be part of a word or not")
        lines = self._lines
        if RECOGNISED in self._flags:
            lines = [line._replace(begins_bold=None) for line in lines]
        if change := self._signs.find_page_changes(page_count):
            self._flags[PAGES_CHANGED] = Flag(PAGES_CHANGED, change)
        unseen = make_unseen([], self._annotations, blacked_out=None)
        flags = (*self._flags.values(), *unseen.flags)
        return Document.make(lines, page_count, NAME, flags=flags, doubt=self._doubt, unseen=unseen)

    def read_page(self, number: int) -> None:
        """Read a page by pdfium's C functions: the wrapper's objects take a tenth of a letter's time."""
        page = pdfium.FPDF_LoadPage(self._pdf, number - 1)
        if not page:
            raise UnsureError(f"page {number} does not load")
        rotation = pdfium.FPDFPage_GetRotation(page)
        if rotation:
            pdfium.FPDFPage_SetRotation(page, 0)  # pdfium orders text as it is shown, not as it runs
        text_page = pdfium.FPDFText_LoadPage(page)
        if rotation and text_page and _is_turned(text_page):
            pdfium.FPDFText_ClosePage(text_page)
            pdfium.FPDFPage_SetRotation(page, rotation)
            text_page = pdfium.FPDFText_LoadPage(page)
            self._doubt = Flag(TURNED, f"page {number}: the text is turned, and the page as well")
        try:
            if not text_page:
                raise UnsureError(f"the text of page {number} does not load")
            text = _read_text(text_page, number)
            ends = self._split_lines(text_page, text, number, _find_page_box(page))
            is_odd = self._signs.is_odd or ends is None
            has_annotations = self._find_annotations(page, number)
            is_turned = self._doubt is not None and self._doubt.code == TURNED  # then the reference route compares
            if not is_turned and (has_annotations or is_odd or self._is_painted(page, ends or [])):
                self._compare_with_picture(page, text_page, text, number)
        finally:
            if text_page:
                pdfium.FPDFText_ClosePage(text_page)
            pdfium.FPDF_ClosePage(page)

    def _split_lines(self, text_page: Any, text: str, number: int, box: Any) -> list[tuple[float, float]] | None:
        """Add the page's lines; return where each ends, or `None` if one does not end within the page's box."""
        left, bottom, right, top = box.left - _EDGE, box.bottom - _EDGE, box.right + _EDGE, box.top + _EDGE
        x, y = ctypes.c_double(), ctypes.c_double()
        find_origin = pdfium.FPDFText_GetCharOrigin
        is_outside, before, end = False, top, left
        ends = []
        for match in _LINE.finditer(text):
            found, break_ = match.groups()
            printed = found.strip()
            if not printed and break_ != _HYPHEN:
                continue
            first = match.start() + len(found) - len(found.lstrip())
            find_origin(text_page, max(first, first + len(printed) - 1), x, y)  # of the line's last character
            is_outside = is_outside or not (left < x.value < right and bottom < y.value < top)
            if y.value > before + _UP:
                self._note_order(number, is_beside=x.value > end and y.value < before + _ROW)
            before, end = y.value, x.value
            ends.append((end, before))
            if SOFT_HYPHEN in printed:
                printed = _show_soft_hyphens(text_page, match.start(), found)
            begins_bold = self._is_bold(text_page, first)
            self._lines.append(Line(printed + "-" if break_ == _HYPHEN else printed, number, begins_bold))
        return None if is_outside else ends

    def _note_order(self, page: int, *, is_beside: bool) -> None:
        """Note a line that lies above the one before it.

        A cell beside one of two lines does so as well: each letter's header table has one.
        """
        if is_beside and page == 1 and self._rows_left:
            self._rows_left -= 1
        elif self._doubt is None:
            self._doubt = Flag("text_out_of_order", f"page {page}: lines are drawn in another order than they stand in")

    def _is_bold(self, text_page: Any, at: int) -> bool:
        """Return whether a character is bold, by its font or by the way it is drawn."""
        name, flags = _FONT_NAME, _FONT_FLAGS
        known = pdfium.FPDFText_GetFontInfo(text_page, at, name, _LONGEST_FONT_NAME, flags)
        key = name.value if known > 0 else b""
        is_bold = self._fonts.get(key)
        if is_bold is None:
            weight = pdfium.FPDFText_GetFontWeight(text_page, at)
            is_bold = self._fonts[key] = is_bold_font(key.decode("latin-1"), flags.value if known > 0 else 0, weight)
        return is_bold or (self._signs.is_odd and _find_render_mode(text_page, at) in _STROKED)

    def _find_annotations(self, page: Any, number: int) -> bool:
        """Note what is written on a page; return whether there is anything."""
        found = find_annotations(page, number) if pdfium.FPDFPage_GetAnnotCount(page) else []
        self._annotations += found
        return bool(found)

    def _is_painted(self, page: Any, ends: list[tuple[float, float]]) -> bool:
        """Return whether something may cover or clip the text of a page, whose lines have these ends.

        Which stream belongs to which page is not known, so all pages are searched if one stream has such objects.
        """
        images = find_images(page) if self._images > 0 else []
        self._images -= len(images)
        for left, bottom, _, top in images:
            if any(left < x and bottom < y < top for x, y in ends):
                return True
        return (self._signs.painted > 0 or self._images > 0) and may_hide_text(page)

    def _compare_with_picture(self, page: Any, text_page: Any, text: str, number: int) -> None:
        """Note text that cannot be seen, and text that lies under a picture of it."""
        self._on_slow()
        picture = draw_page(page)
        if picture is None:
            self._flags.setdefault(NOT_DRAWN, flag_not_drawn(number))
            return
        hidden = find_hidden(text, _find_places(page, text_page, text), picture)
        if any(hidden.chars):
            self._doubt = Flag(HIDDEN, f"page {number} has text that cannot be seen")
        for flag in flag_layout(hidden, number):
            self._flags.setdefault(flag.code, flag)
        letters = [at for at, char in enumerate(text) if char.isalnum()]
        sample = letters[:: max(1, len(letters) // _SAMPLED)]
        if 2 * sum(_find_render_mode(text_page, at) in _INVISIBLE for at in sample) > len(sample):
            self._flags.setdefault(RECOGNISED, Flag(RECOGNISED, f"page {number} is a scan: any word may be misread"))


def _read_text(text_page: Any, number: int) -> str:
    """Return all text of a page, one character for each of pdfium's, so that an index is valid in both."""
    count = max(0, pdfium.FPDFText_CountChars(text_page))
    units = bytearray(4 * count + 4)
    written = pdfium.FPDFText_GetText(text_page, 0, count, ctypes.c_ushort.from_buffer(units)) if count else 0
    text = units[: 2 * max(0, written - 1)].decode("utf-16-le", errors="ignore")
    if len(text) != count:
        raise UnsureError(f"page {number}: text and characters do not line up")
    return text


def _find_page_box(page: Any) -> Any:
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    return box


def _is_turned(text_page: Any) -> bool:
    """Whether the text does not run from left to right, going by the character in the middle of the page."""
    angle = pdfium.FPDFText_GetCharAngle(text_page, pdfium.FPDFText_CountChars(text_page) // 2)
    return bool(_TURNED < angle < 2 * math.pi - _TURNED)


def _find_render_mode(text_page: Any, at: int) -> int:
    return int(pdfium.FPDFTextObj_GetTextRenderMode(pdfium.FPDFText_GetTextObject(text_page, at)))


def _find_places(page: Any, text_page: Any, text: str) -> list[Place | None]:
    """Return the place of each character, as high as its font; `None` for one that pdfium has inferred."""
    box, rectangle = _find_page_box(page), pdfium.FS_RECTF()
    places: list[Place | None] = []
    for at, char in enumerate(text):
        if char.isspace() or char == _HYPHEN or not pdfium.FPDFText_GetLooseCharBox(text_page, at, rectangle):
            places.append(None)
            continue
        left, right = rectangle.left - box.left, rectangle.right - box.left
        places.append(Place(left, box.top - rectangle.top, right, box.top - rectangle.bottom))
    return places


def _show_soft_hyphens(text_page: Any, start: int, found: str) -> str:
    """Return a line whose soft hyphens are drawn ones where they have a width: then some font's hyphen is so called."""
    rectangle = pdfium.FS_RECTF()
    chars = list(found)
    for at, char in enumerate(chars):
        if char == SOFT_HYPHEN and pdfium.FPDFText_GetLooseCharBox(text_page, start + at, rectangle):
            chars[at] = DRAWN_HYPHEN if rectangle.right - rectangle.left > _EDGE else SOFT_HYPHEN
    return "".join(chars).strip()
