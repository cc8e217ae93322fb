"""Where each field of a letter stands in its text, by the same rules that read it; for people, not for the load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from extract.letters.detect import detect, lacking
from extract.letters.fields import find_ages, find_field, find_sex_words
from extract.letters.items import find_labels, heading_spans, read_items
from extract.letters.registry import CHECKED_FIELDS, DATE_FIELDS, LIST_FIELDS, TEXT_FIELDS, LetterFormat, formats
from extract.letters.sections import Span, find_headings, spans_below
from extract.lines import Document
from extract.reasons import UnreadableError

HEADING, LABEL, MARK = "heading", "label", "mark"


@dataclass(frozen=True)
class Region:
    """A stretch of the document's text, from `start` up to `end`, and what is read from it.

    `name` is a key of the letter record or of a decision, the latter with its number. Besides these
    there are what the reading leans on: section headings, the labels of the blocks, and, in a file of
    no known layout, the marks that it has. `kind` tells the three from a field, for which it is the name.
    """

    name: str
    start: int
    end: int
    decision: int | None = None
    kind: str = ""


def find_regions(document: Document) -> list[Region]:
    """Return the regions of a letter, in order of reading; of an unreadable one, all that is found in it.

    Nothing is searched by value: each region comes from the rule that reads the field.
    """
    letter_format = _layout(document)
    read = as_read(document)
    found = list(_of_layout(read, letter_format) if letter_format else _of_no_layout(read))
    return [region for region in (_without_blanks(document.text, r) for r in found) if region.start < region.end]


def as_read(document: Document) -> Document:
    """Return a document as its layout's rules see it: what is printed on every page is blank, offsets are the same."""
    letter_format = _layout(document)
    return document.without_furniture(letter_format.page_furniture) if letter_format else document


def _layout(document: Document) -> LetterFormat | None:
    try:
        return detect(document.text)
    except UnreadableError:
        return None


def _without_blanks(text: str, region: Region) -> Region:
    printed = text[region.start : region.end]
    start = region.start + len(printed) - len(printed.lstrip())
    return replace(region, start=start, end=start + len(printed.strip()), kind=region.kind or region.name)


def _of_layout(document: Document, letter_format: LetterFormat) -> Iterator[Region]:
    headings: list[tuple[str, re.Match[str]]] = []
    is_whole = False
    with suppress(UnreadableError):  # the headings above the missing one are shown all the same
        for name, match in find_headings(document, letter_format):
            headings.append((name, match))
            yield Region(name, *match.span(), kind=HEADING)
        is_whole = True
    if not headings:
        return
    sections = spans_below(document, letter_format, headings)
    for field in (*DATE_FIELDS, *TEXT_FIELDS, *LIST_FIELDS, *CHECKED_FIELDS):
        spans = find_field(field, document.text, letter_format, sections)
        for span in spans if field in LIST_FIELDS else spans[:1]:
            if is_whole or span.end < len(document.text):
                yield Region(field, span.start, span.end)
    if not is_whole:  # nobody knows where the last section ends whose next heading is missing
        del sections[headings[-1][0]]
    if "summary" in sections:
        yield from _of_summary(document, sections["summary"])
    with suppress(UnreadableError):  # a section is missing, or a block is incomplete: its labels are shown
        yield from _of_decisions(document, letter_format, sections)


def _of_summary(document: Document, span: Span) -> Iterator[Region]:
    yield Region("clinical_case_summary", span.start, span.end)
    summary = document.text[span.start : span.end]
    for name, words in (("patient_age", find_ages(summary)), ("patient_sex", find_sex_words(summary))):
        shown = set()
        for match in words:  # each thing said once; a second box means that the letter contradicts itself
            if match[1].lower() not in shown:
                shown.add(match[1].lower())
                yield Region(name, span.start + match.start(1), span.start + match.end(1))


def _of_decisions(document: Document, letter_format: LetterFormat, sections: dict[str, Span]) -> Iterator[Region]:
    for label in find_labels(document, letter_format, sections):
        yield Region(label.name, label.start, label.end, kind=LABEL)
    for number, item in enumerate(read_items(document, letter_format, sections), 1):
        parts = dict(item.spans)
        halves = heading_spans(document.text, parts.pop("heading")) if "heading" in parts else None
        if halves is not None:
            parts = {"treatment_requested": halves[0], "outcome": halves[1], **parts}
        for name, part in parts.items():
            yield Region(name, part.start, part.end, decision=number)


def _of_no_layout(document: Document) -> Iterator[Region]:
    """Yield what the nearest layout looks for and finds: marks for and against it, and any heading."""
    nearest = min(formats(), key=lambda f: len(lacking(f, document.text)))
    for names, patterns in (("mark", nearest.marks), ("foreign mark", nearest.foreign_marks)):
        for pattern in patterns:
            if match := pattern.search(document.text):
                yield Region(names, *match.span(), kind=MARK)
    with suppress(UnreadableError):
        for name, match in find_headings(document, nearest):
            yield Region(name, *match.span(), kind=HEADING)
