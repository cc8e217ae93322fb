"""From a document's lines to the letter record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from extract.letters.citations import read_citations
from extract.letters.detect import detect
from extract.letters.fields import read_age, read_fields, read_sex
from extract.letters.finding import read_finding
from extract.letters.flags import letter_flags
from extract.letters.identity import refuse_identity
from extract.letters.items import Item, outcome_words, read_items
from extract.letters.modified import read_modified
from extract.letters.sections import Span, find_sections
from extract.letters.stated import stated_outcome_flags
from extract.lines import Document, tidy
from extract.reasons import Reason, UnreadableError
from extract.record import PARSER_VERSION, Decision, Flag, LetterRecord

RELEASED = "released_by_person"
"""The flag of a letter that seems to name somebody, and that a person has let through."""


def parse_letter(document: Document, *, letter_id: str, source_name: str, released: bool = False) -> LetterRecord:
    """Return the letter record of a document.

    `letter_id` is the sha256 of the file's bytes, `source_name` its name without folders. A letter that seems
    to name somebody is read all the same where a person has `released` it, and carries a flag. Raises
    `UnreadableError`: unknown or ambiguous format, a part of the letter missing, or identity in it.
    """
    letter_format = detect(document.text)
    document = document.without_furniture(letter_format.page_furniture)
    sections = find_sections(document, letter_format)
    of_release = _release_flags(document, sections) if released else ()
    if not released:
        refuse_identity(document, sections)
    fields, flags = read_fields(document.text, letter_format, sections)
    summary = tidy(document.text[sections["summary"].start : sections["summary"].end])
    if not summary:
        raise UnreadableError(
            Reason.INCOMPLETE_LETTER, "nothing stands under the heading", field="clinical_case_summary"
        )
    items = read_items(document, letter_format, sections)
    decisions = tuple(_decision(number, item) for number, item in enumerate(items, 1))
    named: dict[str, Any] = dict(fields)  # the registry knows which fields are dates, texts or lists
    record = LetterRecord(
        letter_id=letter_id,
        source_name=source_name,
        format=letter_format.id,
        parser_version=PARSER_VERSION,
        extractor=document.extractor,
        page_count=document.page_count,
        **named,
        patient_age=read_age(summary),
        patient_sex=read_sex(summary),
        clinical_case_summary=summary,
        case_outcome=case_outcome([d.outcome for d in decisions]),
        decisions=decisions,
    )
    stated = stated_outcome_flags(document, letter_format, sections, record.case_outcome)
    of_items = (flag for item in items for flag in item.flags)
    return record.with_flags((*of_release, *flags, *stated, *letter_flags(record, items), *of_items))


def _release_flags(document: Document, sections: Mapping[str, Span]) -> tuple[Flag, ...]:
    """Return the flag of a letter that is only read because a person has released it; it never says whose name."""
    try:
        refuse_identity(document, sections)
    except UnreadableError as found:
        return (Flag(RELEASED, f"page {found.page}: {found.detail}"),)
    return ()


def _decision(number: int, item: Item) -> Decision:
    modified = read_modified(item.heading)
    printed = re.sub(r"\s+", " ", item.outcome_printed)
    return Decision(
        decision_number=number,
        treatment_requested=item.heading,
        outcome=outcome_words().get(printed.lower(), printed),
        is_modified=modified is not None,
        original_request=modified.original if modified else None,
        authorized_request=modified.authorized if modified else None,
        disputed_request=modified.disputed if modified else None,
        claims_admin_guideline=item.claims_admin_guideline or None,
        reviewer_guideline=item.reviewer_guideline or None,
        rationale=item.rationale,
        rationale_finding=read_finding(item.rationale),
        page=item.page,
        citations=(
            *read_citations(item.claims_admin_guideline, "claims_admin"),
            *read_citations(item.reviewer_guideline, "reviewer"),
        ),
    )


def case_outcome(outcomes: list[str]) -> str:
    """Return the case's outcome: that of all its decisions where they agree, else partially overturned."""
    return outcomes[0] if len(set(outcomes)) == 1 else "partially_overturned"
