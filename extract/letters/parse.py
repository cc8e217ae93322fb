"""Parses a document's lines into the letter record."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from extract.letters.citations import read_citations
from extract.letters.completeness import flag_form
from extract.letters.detect import detect_format
from extract.letters.diagnoses import read_complaints, read_diagnoses
from extract.letters.extent import isolate_letter
from extract.letters.fields import read_age, read_fields, read_sex
from extract.letters.finding import read_finding
from extract.letters.flags import flag_letter, flag_stated_outcome
from extract.letters.identity import check_identity, check_published_texts
from extract.letters.items import Item, read_items
from extract.letters.modified import split_modified
from extract.letters.order import (
    check_labels,
    check_pages,
    check_running_text,
    flag_repeated_decisions,
    flag_short_pages,
    flag_stamps,
)
from extract.letters.plausibility import flag_implausible
from extract.letters.registry import LetterFormat
from extract.letters.request_date import find_request_date
from extract.letters.sections import Span, find_sections
from extract.letters.vocabularies import load_outcome_words
from extract.lines import Document, tidy
from extract.reasons import Reason, UnreadableError
from extract.record import PARSER_VERSION, Decision, Flag, LetterRecord

RELEASED = "released_by_person"
"""Flag of a letter that may identify somebody and was released by a person."""
INFERRED = "outcome_inferred"
"""Flag of a decision that is in no rate, until a real letter of the layout has shown that it is read rightly."""


def parse_letter(
    document: Document,
    *,
    letter_id: str,
    source_name: str,
    released: bool = False,
    formats: Sequence[LetterFormat] | None = None,
) -> LetterRecord:
    """Return the letter record of a document.

    `letter_id` is the sha256 of the file's bytes, `source_name` its name without folders. A letter that a person
    has `released` is read although it may identify somebody, and is flagged. `formats` replaces the registry's.
    Raises `UnreadableError`: unknown or ambiguous format, a missing part, several letters, pages out of order or of
    another document, or identity in the letter.
    """
    letter_format = detect_format(document.text, formats)
    document, of_extent = isolate_letter(document, letter_format)
    check_pages(document, letter_format)
    sections = find_sections(document, letter_format)
    check_labels(document, letter_format, sections)
    of_release = _check_release(partial(check_identity, document, sections), released)
    fields, of_fields = read_fields(document.text, letter_format, sections)
    summary = tidy(document.text[sections["summary"].start : sections["summary"].end])
    if not summary:
        raise UnreadableError(Reason.INCOMPLETE_LETTER, "the section is empty", field="clinical_case_summary")
    items = read_items(document, letter_format, sections)
    decisions = tuple(_make_decision(number, item) for number, item in enumerate(items, 1))
    rationales = [decision.rationale for decision in decisions]
    values: dict[str, Any] = dict(fields)  # the registry defines which fields are dates, texts or lists
    record = LetterRecord(
        letter_id=letter_id,
        source_name=source_name,
        format=letter_format.id,
        parser_version=PARSER_VERSION,
        extractor=document.extractor,
        page_count=document.page_count,
        **values,
        patient_age=read_age(summary),
        patient_sex=read_sex(summary),
        rfa_date=find_request_date(summary, rationales, values["ur_denial_date"]),
        diagnoses=read_diagnoses(summary, rationales),
        complaints=read_complaints(summary),
        clinical_case_summary=summary,
        case_outcome=derive_case_outcome([d.outcome for d in decisions]),
        decisions=decisions,
    )
    of_release = of_release or _check_release(partial(check_published_texts, record), released)
    of_outcome = flag_stated_outcome(document, letter_format, sections, record.case_outcome)
    of_items = [flag for item in items for flag in item.flags]
    if letter_format.seen_on_real_letters:
        of_items = [flag for flag in of_items if flag.code != INFERRED]
    of_form = flag_form(document, letter_format, record)
    of_order = [
        *flag_repeated_decisions(decisions),
        *check_running_text(document, sections["summary"], items),
        *flag_stamps(document),
        *flag_short_pages(document, sections.get("decisions", Span(0, 0))),
    ]
    of_text = [*flag_letter(record, items), *flag_implausible(record), *of_items, *of_form, *of_order]
    return record.add_flags([*of_release, *of_extent, *of_fields, *of_outcome, *of_text])


def _check_release(check: Callable[[], None], released: bool) -> list[Flag]:
    """Return the flag of a released letter; the identity in it is never quoted. Raises `UnreadableError`."""
    try:
        check()
    except UnreadableError as error:
        if not released:
            raise
        return [Flag(RELEASED, f"page {error.page}: {error.detail}")]
    return []


def _make_decision(number: int, item: Item) -> Decision:
    modified = split_modified(item.heading)
    printed = re.sub(r"\s+", " ", item.outcome_printed)
    return Decision(
        decision_number=number,
        treatment_requested=item.heading,
        outcome=load_outcome_words().get(printed.lower(), printed),
        is_modified=modified is not None,
        **(vars(modified) if modified else {}),
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


def derive_case_outcome(outcomes: list[str]) -> str:
    """Return the outcome that all decisions share, else `partially_overturned`."""
    return outcomes[0] if len(set(outcomes)) == 1 else "partially_overturned"
