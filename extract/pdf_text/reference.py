"""The reference route: reads text lines with fonts from pdfplumber's characters, as far as they can be seen."""

from __future__ import annotations

import io
import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdftypes import resolve1
from pdfplumber.page import Page
from pdfplumber.utils.exceptions import PdfminerException

from extract.limits import check_page_count
from extract.lines import DRAWN_HYPHEN, LOOK_ALIKES, SOFT_HYPHEN, Document, Line
from extract.pdf_text import REFERENCE_ROUTE
from extract.pdf_text.annotations import Annotation, find_annotations
from extract.pdf_text.anomalies import NOT_DRAWN, flag_layout, flag_not_drawn, make_unseen
from extract.pdf_text.bold import is_bold_font
from extract.pdf_text.visible import Place, draw_page, find_hidden
from extract.reasons import Reason, UnreadableError
from extract.record import Flag

OnLine = Callable[[dict[str, Any]], None]
_NO_WIDTH = 0.5
"""Points; a soft hyphen that is no wider is not drawn."""
_LOWEST_BOX = 1.5
"""Points; fonts whose boxes are lower do not state their height."""


def read_lines(data: bytes, *, max_pages: int, on_line: OnLine = lambda _: None) -> Document:
    """Return the lines of a PDF; `on_line` is called with each line as pdfplumber returns it.

    Opens files with an empty user password, as published letters have. Raises `UnreadableError` for a file that is
    damaged or locked, has more than `max_pages` pages, or no text.
    """
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            page_count = len(pdf.pages)
            check_page_count(page_count, max_pages)
            reader = _Reader(data, on_line)
            for page in pdf.pages:
                reader.read_page(page)
            reader.close()
    except PdfminerException as error:
        raise _make_error(error) from error
    except (MemoryError, UnreadableError):
        raise
    except Exception as error:  # on garbled bytes the library raises any exception
        raise UnreadableError(Reason.DAMAGED, f"{type(error).__name__}: {error}") from error
    if page_count == 0:
        raise UnreadableError(Reason.DAMAGED, "it has no pages")
    if not reader.lines:
        raise UnreadableError(Reason.NO_TEXT_LAYER, f"{page_count} pages without a character of text")
    return reader.make_document(page_count)


def _make_error(error: PdfminerException) -> UnreadableError:
    cause = error.args[0] if error.args else error
    if isinstance(cause, MemoryError):
        raise cause
    if isinstance(cause, PDFPasswordIncorrect):
        return UnreadableError(Reason.PASSWORD, "a user password is set")
    return UnreadableError(Reason.DAMAGED, f"{type(cause).__name__}: {cause}")


class _Reader:
    """Reads the pages of one file, and collects what cannot be seen on them."""

    def __init__(self, data: bytes, on_line: OnLine) -> None:
        self.lines: list[Line] = []
        self._hidden: list[Line] = []
        self._flags: dict[str, Flag] = {}
        self._annotations: list[Annotation] = []
        self._blacked_out: int | None = None
        self._on_line = on_line
        try:
            self._drawn: pypdfium2.PdfDocument | None = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError:  # damaged; pdfplumber may still read it
            self._drawn = None

    def close(self) -> None:
        """Close the file."""
        if self._drawn is not None:
            self._drawn.close()

    def make_document(self, page_count: int) -> Document:
        """Return what was read."""
        unseen = make_unseen(self._hidden, self._annotations, blacked_out=self._blacked_out)
        flags = (*self._flags.values(), *unseen.flags)
        return Document.make(self.lines, page_count, REFERENCE_ROUTE, flags=flags, unseen=unseen)

    def read_page(self, page: Any) -> None:
        """Add the lines of a page."""
        page = turn_upright(page)
        bold = _find_bold_fonts(page.pdf)
        left_out = {id(char) for char in page.chars if not _unify_hyphens(char)}
        hidden = self._find_hidden(page, [char for char in page.chars if id(char) not in left_out])
        left_out |= hidden
        shown = page.filter(lambda item: id(item) not in left_out) if left_out else page
        for found in shown.extract_text_lines(return_chars=True):
            text = found["text"].strip()
            if text:
                font = str(found["chars"][0]["fontname"])
                begins_bold = bold.get(font, is_bold_font(font, 0, 0))
                self.lines.append(Line(text, page.page_number, begins_bold))
                self._on_line(found)
        if hidden:
            lines = page.filter(lambda item: id(item) in hidden).extract_text_lines()
            self._hidden += [Line(found["text"].strip(), page.page_number) for found in lines]
        page.close()  # frees the page's characters before the file is closed

    def _find_hidden(self, page: Any, chars: list[dict[str, Any]]) -> set[int]:
        """Return the ids of the characters that cannot be seen on the drawn page; notes its annotations."""
        shown = pdfium.FPDF_LoadPage(self._drawn, page.page_number - 1) if self._drawn is not None else None
        if not shown:
            return set()
        try:
            pdfium.FPDFPage_SetRotation(shown, page.rotation // 90)
            self._annotations += find_annotations(shown, page.page_number)
            picture = draw_page(shown)
        finally:
            pdfium.FPDF_ClosePage(shown)
        if picture is None:
            self._flags.setdefault(NOT_DRAWN, flag_not_drawn(page.page_number))
            return set()
        left, top = max(page.cropbox[0], page.mediabox[0]), max(page.cropbox[1], page.mediabox[1])
        found = find_hidden([char["text"] for char in chars], [_find_place(char, left, top) for char in chars], picture)
        for flag in flag_layout(found, page.page_number):
            self._flags.setdefault(flag.code, flag)
        if found.is_blacked_out and self._blacked_out is None:
            self._blacked_out = page.page_number
        return {id(char) for char, is_hidden in zip(chars, found.chars, strict=True) if is_hidden}


def turn_upright(page: Any) -> Any:
    """Return a page turned so that most of its text runs from left to right, whichever way it is shown."""
    turns = Counter(round(math.degrees(math.atan2(*char["matrix"][1::-1])) / 90) % 4 for char in page.chars)
    turn = turns.most_common(1)[0][0] if turns else 0
    if not turn:
        return page
    rotation = (page.rotation + 90 * turn) % 360
    page.page_obj.rotate = page.page_obj.attrs["Rotate"] = rotation
    return Page(page.pdf, page.page_obj, page.page_number, page.initial_doctop)


def _find_bold_fonts(pdf: Any) -> dict[str, bool]:
    """Return for each font that has been used so far whether it is bold; pdfplumber's characters only have its name."""
    fonts = {}
    for font in pdf.rsrcmgr._cached_fonts.values():  # no public way leads to a font's descriptor
        described = {name: resolve1(font.descriptor.get(name)) for name in ("Flags", "FontWeight", "StemV")}
        flags, weight, stem = (value if isinstance(value, int | float) else 0 for value in described.values())
        fonts[str(font.fontname)] = is_bold_font(str(font.fontname), int(flags), weight or stem * 5)
    return fonts


def _unify_hyphens(char: dict[str, Any]) -> bool:
    """Replace a character's text by its common form; return whether anything is left of it."""
    text = char["text"]
    if not text.isascii():
        if text == SOFT_HYPHEN:
            text = DRAWN_HYPHEN if char["x1"] - char["x0"] > _NO_WIDTH else ""
        char["text"] = text.translate(LOOK_ALIKES)
    return bool(char["text"])


def _find_place(char: dict[str, Any], left: float, top: float) -> Place:
    """Return the place of a character on the drawn page, whose upper left corner is `left` and `top`."""
    upper = min(char["top"], char["bottom"] - char["size"]) if _is_flat(char) else char["top"]
    return Place(char["x0"] - left, upper - top, char["x1"] - left, char["bottom"] - top)


def _is_flat(char: dict[str, Any]) -> bool:
    return bool(char["bottom"] - char["top"] < _LOWEST_BOX < char["size"])
