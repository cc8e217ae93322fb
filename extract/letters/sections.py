"""Where a letter's sections begin and end: spans of offsets in the document's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extract.letters.registry import Heading, LetterFormat
from extract.lines import Document
from extract.reasons import Reason, UnreadableError


@dataclass(frozen=True)
class Span:
    """A stretch of the document's text, from `start` up to `end`."""

    start: int
    end: int


def find_sections(document: Document, letter_format: LetterFormat) -> dict[str, Span]:
    """Return each section's span by its name; `header` is what stands before the first heading.

    The form's opening sentence of a section is left out of its span. Raises `UnreadableError` where a
    heading is missing or they stand in another order.
    """
    return spans_below(document, letter_format, list(find_headings(document, letter_format)))


def find_headings(document: Document, letter_format: LetterFormat) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield each section's name with its heading, in printed order.

    An optional heading is searched for between its neighbours only. Raises `UnreadableError` at the
    first of the others that is missing or out of order.
    """
    at = 0
    may_stand: list[tuple[str, Heading]] = []
    for name, heading in letter_format.headings.items():
        if heading.optional:
            may_stand.append((name, heading))
            continue
        match = heading.pattern.search(document.text, at)
        if match is None:
            raise UnreadableError(
                Reason.INCOMPLETE_LETTER,
                f"the heading {heading.words!r} is missing or out of order",
                field=name,
                page=document.page_at(max(at - 1, 0)),
            )
        yield from _optional(document, may_stand, Span(at, match.start()))
        may_stand = []
        yield name, match
        at = match.end()
    yield from _optional(document, may_stand, Span(at, len(document.text)))


def _optional(
    document: Document, may_stand: list[tuple[str, Heading]], span: Span
) -> Iterator[tuple[str, re.Match[str]]]:
    at = span.start
    for name, heading in may_stand:
        if match := heading.pattern.search(document.text, at, span.end):
            yield name, match
            at = match.end()


def spans_below(
    document: Document, letter_format: LetterFormat, found: list[tuple[str, re.Match[str]]]
) -> dict[str, Span]:
    """Return the spans of the header and of the sections under the headings found, at least one.

    A section whose optional heading the letter does not print is empty.
    """
    nowhere = Span(len(document.text), len(document.text))
    spans = {name: nowhere for name, heading in letter_format.headings.items() if heading.optional}
    ends = [match.start() for _, match in found[1:]] + [len(document.text)]
    spans["header"] = Span(0, found[0][1].start())
    for (name, match), end in zip(found, ends, strict=True):
        spans[name] = _without_opener(document.text, letter_format, name, Span(match.end(), end))
    return spans


def _without_opener(text: str, letter_format: LetterFormat, name: str, span: Span) -> Span:
    opener = letter_format.openers.get(name)
    match = opener.match(text, span.start, span.end) if opener else None
    return Span(match.end() if match else span.start, span.end)
