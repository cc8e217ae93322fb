"""Finds where each field of a letter is in its text, by the rules that read it; for `imr explain`, not for loads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from extract.letters.detect import detect_format, find_nearest
from extract.letters.diagnoses import find_lists
from extract.letters.extent import isolate_letter
from extract.letters.fields import find_ages, find_field, find_sex_words
from extract.letters.items import find_labels, read_items, split_heading
from extract.letters.registry import CHECKED_FIELDS, LIST_FIELDS, RECORD_FIELDS, LetterFormat
from extract.letters.sections import FoundHeading, Span, find_headings, make_sections
from extract.lines import Document
from extract.reasons import UnreadableError

HEADING, LABEL, MARK = "heading", "label", "mark"


@dataclass(frozen=True)
class Region:
    """A stretch of the document's text, from `start` up to `end`, and what is read from it.

    `name` is a key of the letter record or of a decision, the latter with its number. Other regions are section
    headings, the labels of blocks and, in a file of unknown format, the marks found; `kind` is one of these three,
    and for a field its name.
    """

    name: str
    start: int
    end: int
    decision: int | None = None
    kind: str = ""


def find_regions(document: Document) -> list[Region]:
    """Return the regions of a letter in reading order; of an unreadable one, all that are found."""
    letter_format = _detect(document)
    if letter_format:
        found = _find_in_format(_isolate(document, letter_format), letter_format)
    else:
        found = _find_in_unknown_format(document)
    return [region for region in (_trim(document.text, r) for r in found) if region.start < region.end]


def blank_page_furniture(document: Document) -> Document:
    """Return a document with what is no part of the letter blanked; offsets stay the same."""
    letter_format = _detect(document)
    return _isolate(document, letter_format) if letter_format else document


def _isolate(document: Document, letter_format: LetterFormat) -> Document:
    """Return the document without what is no part of the letter; of a file in disorder, all of it."""
    try:
        return isolate_letter(document, letter_format)[0]
    except UnreadableError:
        return document


def _detect(document: Document) -> LetterFormat | None:
    try:
        return detect_format(document.text)
    except UnreadableError:
        return None


def _trim(text: str, region: Region) -> Region:
    printed = text[region.start : region.end]
    start = region.start + len(printed) - len(printed.lstrip())
    return replace(region, start=start, end=start + len(printed.strip()), kind=region.kind or region.name)


def _find_in_format(document: Document, letter_format: LetterFormat) -> Iterator[Region]:
    headings: list[FoundHeading] = []
    is_whole = False
    with suppress(UnreadableError):  # the headings above the missing one are still shown
        for name, match in find_headings(document, letter_format):
            headings.append((name, match))
            yield Region(name, *match.span(), kind=HEADING)
        is_whole = True
    if not headings:
        return
    sections = make_sections(document, letter_format, headings)
    for field in (*RECORD_FIELDS, *CHECKED_FIELDS):
        spans = find_field(field, document.text, letter_format, sections)
        for span in spans if field in LIST_FIELDS else spans[:1]:
            if is_whole or span.end < len(document.text):
                yield Region(field, span.start, span.end)
    if not is_whole:  # the last section's end is unknown, as its next heading is missing
        del sections[headings[-1][0]]
    if "summary" in sections:
        yield from _find_in_summary(document, sections["summary"])
    with suppress(UnreadableError):  # of an incomplete block, the labels are still shown
        yield from _find_in_decisions(document, letter_format, sections)


def _find_in_summary(document: Document, span: Span) -> Iterator[Region]:
    yield Region("clinical_case_summary", span.start, span.end)
    summary = document.text[span.start : span.end]
    for name, matches in (("patient_age", find_ages(summary)), ("patient_sex", find_sex_words(summary))):
        shown = set()
        for match in matches:  # one region for each value: a second one shows that the letter contradicts itself
            if match[1].lower() not in shown:
                shown.add(match[1].lower())
                yield Region(name, span.start + match.start(1), span.start + match.end(1))
    for listed in find_lists(summary.replace("\n", " ")):
        yield Region("diagnoses", span.start + listed.start, span.start + listed.end)


def _find_in_decisions(document: Document, letter_format: LetterFormat, sections: dict[str, Span]) -> Iterator[Region]:
    for label in find_labels(document, letter_format, sections):
        yield Region(label.name, label.start, label.end, kind=LABEL)
    for number, item in enumerate(read_items(document, letter_format, sections), 1):
        parts = dict(item.spans)
        halves = split_heading(document.text, parts.pop("heading")) if "heading" in parts else None
        if halves is not None:
            parts = {"treatment_requested": halves[0], "outcome": halves[1], **parts}
        for name, part in parts.items():
            yield Region(name, part.start, part.end, decision=number)


def _find_in_unknown_format(document: Document) -> Iterator[Region]:
    """Yield the marks of the nearest format that are found, for and against it, and its headings."""
    nearest = find_nearest(document.text)
    for name, patterns in (("mark", nearest.marks), ("foreign mark", nearest.foreign_marks)):
        for pattern in patterns:
            if match := pattern.search(document.text):
                yield Region(name, *match.span(), kind=MARK)
    with suppress(UnreadableError):
        for name, match in find_headings(document, nearest):
            yield Region(name, *match.span(), kind=HEADING)
