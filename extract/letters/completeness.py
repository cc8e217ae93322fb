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
    yield from _form_flags(document, letter_format)
    if record.format in ALWAYS_PRINTED and _ends_in_a_heading(document, letter_format):
        yield Flag("ends_in_a_heading", document.lines[-1].text)


def _ends_in_a_heading(document: Document, letter_format: LetterFormat) -> bool:
    """Whether the last line begins in bold and with no label: a request whose decision is cut off."""
    begin = document.start_of(len(document.lines) - 1)
    labels = (label for rule in letter_format.items for label in rule.labels.values())
    return bool(document.lines[-1].begins_bold) and not any(label.match(document.text, begin) for label in labels)


def _form_flags(document: Document, letter_format: LetterFormat) -> Iterator[Flag]:
    """Yield the headings that stand there twice, and those without the sentence that the form prints under them."""
    for name, heading in letter_format.headings.items():
        found = [m for m in heading.pattern.finditer(document.text) if m.group()]  # a lookahead is no heading
        if len(found) > 1:
            yield Flag("heading_repeated", heading.words)
        opener = letter_format.openers.get(name)
        if opener and found and not opener.match(document.text, found[0].end(), found[0].end() + LONGEST_OPENER):
            yield Flag("opening_sentence_missing", f"under {heading.words}")
