"""What a letter of its layout always has: a letter that lacks some of it, or has it twice, is not as it was sent.

A line that is lost or doubled inside running text cannot be noticed; one of the form's own can.
"""

from __future__ import annotations

from collections.abc import Iterator

from extract.letters.registry import DATE_FIELDS, LIST_FIELDS, TEXT_FIELDS, LetterFormat, formats
from extract.lines import Document
from extract.record import Flag, LetterRecord

ALWAYS_PRINTED = {
    "table_header": (*DATE_FIELDS, *TEXT_FIELDS, *LIST_FIELDS),
    "credentials_in_prose": LIST_FIELDS,
}
"""The fields that every letter of a layout has, of the layouts seen on real letters (domain.md 1.4, 1.5)."""

HEADER_TABLE = ("case_number", "date_assigned", "decision_date", "priority", "application_received")
"""Fields that stand in a header table only: of a letter of 2013-14 all of them or, without its table, none."""

LONGEST_OPENER = 140
"""Characters within which a section's opening sentence ends; the longest seen has 134."""


def completeness_flags(document: Document, record: LetterRecord) -> Iterator[Flag]:
    """Yield what the letter's form lacks or has twice."""
    needed = ALWAYS_PRINTED.get(record.format, ())
    if record.format == "credentials_in_prose" and any(getattr(record, name) for name in HEADER_TABLE):
        needed = (*HEADER_TABLE, *needed)
    for name in needed:
        if not getattr(record, name):
            yield Flag("field_missing", name)
    (letter_format,) = [f for f in formats() if f.id == record.format]
    yield from _heading_flags(document, letter_format)
    if record.format in ALWAYS_PRINTED and document.knows_bold:
        yield from _font_flags(document, letter_format)


def _heading_flags(document: Document, letter_format: LetterFormat) -> Iterator[Flag]:
    """Yield the headings that stand there twice, and those without the sentence that the form prints under them."""
    text = document.text
    may_begin = [document.start_of(at) for at, line in enumerate(document.lines) if line.begins_bold is not False]
    for name, heading in letter_format.headings.items():
        found = [m for begin in may_begin if (m := heading.pattern.match(text, begin)) and m.group()]
        if len(found) > 1:
            yield Flag("heading_repeated", heading.words)
        opener = letter_format.openers.get(name)
        if opener and found and not opener.match(text, found[0].end(), found[0].end() + LONGEST_OPENER):
            yield Flag("opening_sentence_missing", f"under {heading.words}")


def _font_flags(document: Document, letter_format: LetterFormat) -> Iterator[Flag]:
    """Yield the labels that are not in bold, and a last line that is, without being one: a request cut off."""
    labels = [label for rule in letter_format.items for label in rule.labels.values()]

    def is_label(at: int) -> bool:
        begin = document.start_of(at)
        return any(label.match(document.text, begin) for label in labels)

    for at, line in enumerate(document.lines):
        if not line.begins_bold and ":" in line.text and is_label(at):
            yield Flag("label_not_bold", line.text)
    last = len(document.lines) - 1
    if document.lines[last].begins_bold and not is_label(last):
        yield Flag("ends_in_a_heading", document.lines[last].text)
