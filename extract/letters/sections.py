"""Where a letter's sections begin and end: spans of offsets in the document's text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extract.letters.registry import LetterFormat
from extract.lines import Document
from extract.reasons import Reason, UnreadableError


@dataclass(frozen=True)
class Span:
    """A stretch of the document's text, from `start` up to `end`."""

    start: int
    end: int


def find_sections(document: Document, letter_format: LetterFormat) -> dict[str, Span]:
    """Return each section's span by its name; `header` is what stands before the first heading.

    A heading may wrap or fall apart over a page break; it begins and ends a line. The form's opening
    sentence of a section is left out of its span. Raises `UnreadableError` where a heading is missing
    or they stand in another order.
    """
    found = []
    at = 0
    for name, heading in letter_format.headings.items():
        words = r"\s+".join(re.escape(word) for word in heading.split())
        match = re.compile(rf"^{words}\s*?$", re.MULTILINE | re.IGNORECASE).search(document.text, at)
        if match is None:
            raise UnreadableError(
                Reason.INCOMPLETE_LETTER,
                f"the heading {heading!r} is missing or out of order",
                field=name,
                page=document.page_at(max(at - 1, 0)),
            )
        found.append((name, match))
        at = match.end()
    ends = [match.start() for _, match in found[1:]] + [len(document.text)]
    spans = {"header": Span(0, found[0][1].start())}
    for (name, match), end in zip(found, ends, strict=True):
        spans[name] = _without_opener(document.text, letter_format, name, Span(match.end(), end))
    return spans


def _without_opener(text: str, letter_format: LetterFormat, name: str, span: Span) -> Span:
    opener = letter_format.openers.get(name)
    match = re.compile(rf"\s*{opener.pattern}", opener.flags).match(text, span.start, span.end) if opener else None
    return Span(match.end() if match else span.start, span.end)
