"""Finds the places of a document's characters on its pages; for `imr explain`, not for loads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from extract.lines import Document
from extract.pdf_text import reference


@dataclass(frozen=True)
class Box:
    """A rectangle on a page (from 1), in points from its upper left corner."""

    page: int
    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """The rectangle as pdfplumber expects it: x0, top, x1, bottom."""
        return self.x0, self.top, self.x1, self.bottom


_Char = tuple[float, float, float, float]


@dataclass(frozen=True)
class PlacedDocument:
    """A document with one place for each character of each line, `None` for an implied space."""

    document: Document
    places: tuple[tuple[_Char | None, ...], ...]

    def find_boxes(self, start: int, end: int) -> Iterator[Box]:
        """Yield one box for each line that has a visible character in `[start, end)` of the document's text."""
        if not self.document.lines:
            return
        for index in range(self.document.find_line(start), self.document.find_line(max(start, end - 1)) + 1):
            first, line = self.document.line_starts[index], self.document.lines[index]
            here = slice(max(0, start - first), max(0, end - first))
            letters = zip(line.text[here], self.places[index][here], strict=True)
            chars = [place for letter, place in letters if place is not None and not letter.isspace()]
            if chars:
                left, top, right, bottom = zip(*chars, strict=True)
                yield Box(line.page, min(left), min(top), max(right), max(bottom))


def read_placed(data: bytes, *, max_pages: int) -> PlacedDocument:
    """Return the lines of a PDF with their places. Raises `UnreadableError` as the reference route does."""
    places: list[tuple[_Char | None, ...]] = []
    document = reference.read_lines(data, max_pages=max_pages, on_line=lambda line: places.append(_find_places(line)))
    return PlacedDocument(document, tuple(places))


def _find_places(line: dict[str, Any]) -> tuple[_Char | None, ...]:
    """Return the place of each character of a line as printed.

    pdfplumber has one character object for each letter of the text (a ligature's is repeated for each of its
    letters), but none for a space inferred from a gap.
    """
    chars: Sequence[dict[str, Any]] = line["chars"]
    at = 0
    places: list[_Char | None] = []
    for letter in line["text"].strip():
        if letter.isspace() or at == len(chars):
            places.append(None)
            continue
        while at + 1 < len(chars) and chars[at]["text"].isspace():
            at += 1
        char = chars[at]
        places.append((char["x0"], char["top"], char["x1"], char["bottom"]))
        at += 1
    return tuple(places)
