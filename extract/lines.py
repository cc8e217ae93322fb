"""Text lines as both extraction routes give them, and the flat text that the grammar searches."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property


@dataclass(frozen=True)
class Line:
    """One printed line: its text, its page from 1, and whether it begins in bold (`None`: unknown)."""

    text: str
    page: int
    begins_bold: bool | None = None


@dataclass(frozen=True)
class Document:
    """A file's lines in reading order, without blank ones, and the route that read them."""

    lines: tuple[Line, ...]
    page_count: int
    extractor: str

    @cached_property
    def text(self) -> str:
        """All lines joined by newlines; page breaks are newlines too, so that no rule sees them."""
        return "\n".join(line.text for line in self.lines)

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for line in self.lines:
            starts.append(at)
            at += len(line.text) + 1
        return starts

    def line_index(self, offset: int) -> int:
        """Return the index of the line that holds the character at `offset` of `text`."""
        return bisect_right(self._starts, offset) - 1

    def page_at(self, offset: int) -> int:
        """Return the page that holds the character at `offset` of `text`."""
        return self.lines[self.line_index(offset)].page if self.lines else 1

    def start_of(self, line_index: int) -> int:
        """Return the offset in `text` at which a line begins."""
        return self._starts[line_index]

    def without_furniture(self, patterns: Sequence[re.Pattern[str]]) -> Document:
        """Return the document with every line that a pattern matches whole blanked out; offsets stay.

        For what is printed on each page and belongs to none of the sections, such as a page's foot.
        """
        if not patterns or not any(p.fullmatch(line.text) for line in self.lines for p in patterns):
            return self
        lines = (
            replace(line, text=" " * len(line.text)) if any(p.fullmatch(line.text) for p in patterns) else line
            for line in self.lines
        )
        return replace(self, lines=tuple(lines))

    @property
    def knows_bold(self) -> bool:
        """Whether this route could see fonts."""
        return any(line.begins_bold is not None for line in self.lines)


_HYPHEN_AT_LINE_END = re.compile(r"-(?<=\S-)[ \t]*\n\s*")


def tidy(text: str) -> str:
    """Return running text from printed lines: line-break hyphens closed, spaces single.

    A hyphen at a line's end keeps its place ("Non-" + "MTUS" is "Non-MTUS"); a dash that stands alone
    keeps its spaces.
    """
    if "-" in text:
        text = _HYPHEN_AT_LINE_END.sub("-", text)
    return " ".join(text.split())
