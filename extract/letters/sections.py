"""Finds where a letter's sections begin and end: spans of offsets in the document's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extract.letters.registry import Heading, LetterFormat
from extract.lines import Document
from extract.reasons import Reason, UnreadableError

FoundHeading = tuple[str, re.Match[str]]
"""A section's name and the match of its heading."""


@dataclass(frozen=True)
class Span:
    """A stretch of the document's text, from `start` up to `end`."""

    start: int
    end: int


def find_sections(document: Document, letter_format: LetterFormat) -> dict[str, Span]:
    """Return each section's span by its name; `header` is the text before the first heading.

    A span excludes the form's opening sentence. Raises `UnreadableError` if a heading is missing or out of order.
    """
    return make_sections(document, letter_format, list(find_headings(document, letter_format)))


def find_headings(document: Document, letter_format: LetterFormat) -> Iterator[FoundHeading]:
    """Yield each section's name with its heading, in printed order.

    An optional heading is searched for between its neighbours only. Raises `UnreadableError` at the first
    required heading that is missing or out of order.
    """
    at = 0
    optional: list[tuple[str, Heading]] = []
    for name, heading in letter_format.headings.items():
        if heading.optional:
            optional.append((name, heading))
            continue
        match = heading.pattern.search(document.text, at)
        if match is None:
            raise UnreadableError(
                Reason.INCOMPLETE_LETTER,
                f"the heading {heading.words!r} is missing or out of order",
                field=name,
                page=document.find_page(max(at - 1, 0)),
            )
        yield from _find_optional(document, optional, Span(at, match.start()))
        optional = []
        yield name, match
        at = match.end()
    yield from _find_optional(document, optional, Span(at, len(document.text)))


def _find_optional(document: Document, headings: list[tuple[str, Heading]], span: Span) -> Iterator[FoundHeading]:
    at = span.start
    for name, heading in headings:
        if match := heading.pattern.search(document.text, at, span.end):
            yield name, match
            at = match.end()


def make_sections(document: Document, letter_format: LetterFormat, found: list[FoundHeading]) -> dict[str, Span]:
    """Return the spans of the header and of the sections under the headings found, at least one.

    A section whose optional heading the letter does not print is empty.
    """
    text = document.text
    empty = Span(len(text), len(text))
    spans = {name: empty for name, heading in letter_format.headings.items() if heading.optional}
    spans["header"] = Span(0, found[0][1].start())
    ends = [match.start() for _, match in found[1:]] + [len(text)]
    for (name, match), end in zip(found, ends, strict=True):
        opener = letter_format.openers.get(name)
        opening = opener.match(text, match.end(), end) if opener else None
        spans[name] = Span(opening.end() if opening else match.end(), end)
    return spans
