"""Flags parts of the form that are missing or duplicated.

A lost or duplicated line of running text cannot be noticed; one of the form's own lines can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.letters.registry import LetterFormat
from extract.lines import Document, tidy
from extract.record import Flag, LetterRecord

LONGEST_OPENER = 140
"""Characters within which a section's opening sentence ends; the longest seen has 134."""


def flag_form(document: Document, letter_format: LetterFormat, record: LetterRecord) -> Iterator[Flag]:
    """Yield a flag for each part of the form that a letter lacks or has twice."""
    together = letter_format.required_together
    has_any = any(getattr(record, name) for name in together)
    for name in (*(together if has_any else ()), *letter_format.required_fields):
        if not getattr(record, name):
            yield Flag("field_missing", name)
    yield from _flag_headings(document, letter_format)
    if letter_format.labels_in_bold and document.has_fonts:
        yield from _flag_fonts(document, letter_format)


def find_headings_as_printed(document: Document, letter_format: LetterFormat) -> dict[str, list[re.Match[str]]]:
    """Return every match of each heading at a line's start, in bold where fonts are known."""
    text = document.text
    starts = [
        start for start, line in zip(document.line_starts, document.lines, strict=True) if line.begins_bold is not False
    ]
    return {
        name: [m for start in starts if (m := heading.pattern.match(text, start)) and m.group()]
        for name, heading in letter_format.headings.items()
    }


def find_repeated_headings(document: Document, letter_format: LetterFormat) -> list[str]:
    """Return the words of each heading that is printed more than once."""
    printed = find_headings_as_printed(document, letter_format)
    return [letter_format.headings[name].words for name, found in printed.items() if len(found) > 1]


def _flag_headings(document: Document, letter_format: LetterFormat) -> Iterator[Flag]:
    """Yield a flag for each heading that is printed twice, or lacks its opening sentence."""
    for name, found in find_headings_as_printed(document, letter_format).items():
        words = letter_format.headings[name].words
        if len(found) > 1:
            yield Flag("heading_repeated", words)
        opener = letter_format.openers.get(name)
        if opener and found and not is_opened(document.text, found[0].end(), opener):
            yield Flag("opening_sentence_missing", f"under {words}")


def is_opened(text: str, offset: int, opener: re.Pattern[str]) -> bool:
    """Whether a section's opening sentence stands at an offset, and ends where such a sentence does."""
    match = opener.match(text, offset)
    return match is not None and len(tidy(match.group())) <= LONGEST_OPENER


def _flag_fonts(document: Document, letter_format: LetterFormat) -> Iterator[Flag]:
    """Yield a flag for each label that is not in bold, and for a last line in bold: a request that is cut off."""
    labels = [label for rule in letter_format.items for label in rule.labels.values()]

    def is_label(at: int) -> bool:
        return any(label.match(document.text, document.line_starts[at]) for label in labels)

    for at, line in enumerate(document.lines):
        if not line.begins_bold and ":" in line.text and is_label(at):
            yield Flag("label_not_bold", line.text)
    last = document.printed_pages[-1][1][-1]
    if document.lines[last].begins_bold and not is_label(last):
        yield Flag("ends_in_a_heading", document.lines[last].text)
