"""Text lines as every extraction route returns them, and the flat text that the grammar searches."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from extract.record import Flag


class Line(NamedTuple):
    """One printed line: its text, its page from 1, and whether it begins in bold (`None`: unknown)."""

    text: str
    page: int
    begins_bold: bool | None = None

    @property
    def is_blank(self) -> bool:
        """Whether the line was blanked: it is on the page, but no part of the letter."""
        return not self.text or self.text.isspace()


@dataclass(frozen=True)
class Unseen:
    """Text of a file that is no fact of the letter: hidden, or written on its pages; it is searched for identity.

    `unredacted_page` is the first page on which text is only covered, or marked to be removed.
    """

    lines: tuple[Line, ...]
    unredacted_page: int | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class Document:
    """A file's non-blank lines in reading order, and the route that read them."""

    lines: tuple[Line, ...]
    page_count: int
    extractor: str
    flags: tuple[Flag, ...] = ()
    """What is odd about the file, whatever the letter says."""
    doubt: Flag | None = None
    """Why the lines may not be what the page shows: the reference route's are to be compared."""
    unseen: Unseen | None = None
    """What is in the file beside the text of its pages."""

    @classmethod
    def make(cls, lines: Iterable[Line], page_count: int, extractor: str, **more: Any) -> Document:
        """Return a document of lines as a route reads them, in the form that the grammar expects.

        A document without a line in bold, or with no other, is one whose fonts are unknown: bold may be unmarked.
        """
        found = _unify_characters(tuple(lines))
        document = cls(found, page_count, extractor, **more)
        if odd := next((line for line in found if "\ufffd" in line.text), None):
            flag = Flag(UNREADABLE_FLAG, f"page {odd.page}: {odd.text:.80}")
            document = replace(document, flags=(*document.flags, flag))
        return document.without_fonts() if len({line.begins_bold for line in found}) == 1 else document

    def without_fonts(self) -> Document:
        """Return the document as one whose fonts are unknown."""
        return replace(self, lines=tuple(line._replace(begins_bold=None) for line in self.lines))

    @cached_property
    def text(self) -> str:
        """All lines joined by newlines; a page break is a newline too, so no rule depends on it."""
        return "\n".join(line.text for line in self.lines)

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset in `text` at which each line begins."""
        return list(accumulate((len(line.text) + 1 for line in self.lines[:-1]), initial=0))

    @cached_property
    def printed_pages(self) -> list[tuple[int, list[int]]]:
        """Each page that has printed lines, with their indices."""
        pages: dict[int, list[int]] = {}
        for index, line in enumerate(self.lines):
            if not line.is_blank:
                pages.setdefault(line.page, []).append(index)
        return list(pages.items())

    def find_line(self, offset: int) -> int:
        """Return the index of the line that contains the character at `offset` of `text`."""
        return bisect_right(self.line_starts, offset) - 1

    def blank_ends(self, lengths: dict[int, int]) -> Document:
        """Return the document with spaces for so many characters at the end of lines, by their index."""
        if not lengths:
            return self
        lines = list(self.lines)
        for index, length in lengths.items():
            lines[index] = lines[index]._replace(text=lines[index].text[:-length] + " " * length)
        return replace(self, lines=tuple(lines))

    def find_end_of_line(self, index: int) -> int:
        """Return the offset in `text` at which a line ends."""
        return self.line_starts[index] + len(self.lines[index].text)

    def find_page(self, offset: int) -> int:
        """Return the page that contains the character at `offset` of `text`."""
        return self.lines[self.find_line(offset)].page if self.lines else 1

    def blank_lines(self, patterns: Sequence[re.Pattern[str]]) -> Document:
        """Return the document with spaces for every line that a pattern matches whole; offsets stay the same.

        Removes what is printed on each page and belongs to no section, such as a page footer.
        """
        if not patterns:
            return self
        return self.blank(i for i, line in enumerate(self.lines) if any(p.fullmatch(line.text) for p in patterns))

    def blank(self, indices: Iterable[int]) -> Document:
        """Return the document with spaces for the lines of these indices; offsets stay the same."""
        chosen = set(indices)
        if not chosen:
            return self
        lines = tuple(
            line._replace(text=" " * len(line.text)) if index in chosen else line
            for index, line in enumerate(self.lines)
        )
        return replace(self, lines=lines)

    @property
    def has_fonts(self) -> bool:
        """Whether the route could read fonts."""
        return any(line.begins_bold is not None for line in self.lines)


_CLOSING_MARKS = "\"'”’)]"
SOFT_HYPHEN = "\u00ad"
DRAWN_HYPHEN = "\u2010"
"""A hyphen that may be drawn for a soft one, at a line's end."""
UNREADABLE_FLAG = "unreadable_characters"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that steer a terminal, or turn the order of the characters around them."""
LOOK_ALIKES = dict.fromkeys(map(ord, "\u2011\u2012\u2043\u2212\ufe63\uff0d"), "-") | dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u2060\ufeff"), None
)
"""For `str.translate`: other hyphens become the common one, characters without a width nothing."""
_SOFT_INSIDE = re.compile(SOFT_HYPHEN + r"(?!\s*$)")
_DRAWN_INSIDE = re.compile(DRAWN_HYPHEN + r"(?=\w)")


def _unify_characters(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return the lines with one kind of hyphen, and without soft ones, except those that break a word at a line's end.

    Control characters become U+FFFD.
    The character U+2010 at a line's end is a soft one too, unless the document has it inside lines as well.
    """
    if all(line.text.isascii() and line.text.isprintable() for line in lines):
        return lines
    is_common = any(_DRAWN_INSIDE.search(line.text) for line in lines)
    table = LOOK_ALIKES | {ord(DRAWN_HYPHEN): "-" if is_common else SOFT_HYPHEN}

    def unify(text: str) -> str:
        if not (text.isascii() and text.isprintable()):
            text = _SOFT_INSIDE.sub("", _CONTROL.sub("\ufffd", text.translate(table)))
        return text.strip()

    return tuple(line._replace(text=text) for line in lines if (text := unify(line.text)))


_HYPHEN_AT_LINE_END = re.compile(r"-(?<=\S-)[ \t]*\n\s*")

_SOFT_HYPHEN_AT_LINE_END = re.compile(r"\s*" + SOFT_HYPHEN + r"\s*")


def ends_sentence(text: str) -> bool:
    """Whether a text ends with the end of a sentence; quotes and brackets may close it."""
    return text.rstrip(_CLOSING_MARKS)[-1:] in (".", "?", "!")


def tidy(text: str) -> str:
    """Return running text from printed lines: line-break hyphens closed, spaces single.

    A soft hyphen goes. A hyphen at a line's end stays ("Non-" + "MTUS" is "Non-MTUS"). A dash between spaces keeps
    them.
    """
    if SOFT_HYPHEN in text:
        text = _SOFT_HYPHEN_AT_LINE_END.sub("", text)
    if "-" in text:
        text = _HYPHEN_AT_LINE_END.sub("-", text)
    return " ".join(text.split())
