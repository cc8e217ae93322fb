"""Flags anomalies inside a letter. A flag never drops it; the codes are the vocabulary of `raw.flags`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from extract.letters.contradictions.dates import flag_dates
from extract.letters.contradictions.findings import flag_findings
from extract.letters.contradictions.patient import flag_patient
from extract.letters.contradictions.rationales import flag_rationales
from extract.letters.contradictions.sides import flag_sides
from extract.letters.fields import find_field
from extract.letters.items import Item
from extract.letters.modified import mentions_modification
from extract.letters.quantities import check_amounts, find_other_strengths
from extract.letters.registry import LetterFormat
from extract.letters.sections import Span
from extract.letters.vocabularies import load_outcome_words
from extract.lines import Document, tidy
from extract.record import Decision, Flag, LetterRecord

_DATES_IN_ORDER = ("date_of_injury", "ur_denial_date", "application_received", "date_assigned", "decision_date")
# A deleted name leaves its preposition: "according to the report by , the patient" (domain.md 6).
# The pattern begins with the hole and looks back: a search skips to a blank before a comma, but not to five words.
_AFTER_WORD = r"(?:(?<=\bper {0})|(?<=\bby {0})|(?<=\bfrom {0})|(?<=\bwith {0})|(?<=\bDr\. {0}))"
_REDACTION_HOLE = re.compile(
    r" [,.](?=\s)" + _AFTER_WORD.format("[,.]") + "| are:" + _AFTER_WORD.format("are:"),
)
_FINISHED = re.compile(r"[.?!:][\"'”’)\]]*$")
_ENDS_IN_OUTCOME = re.compile(
    r"(?::\s*|\b)(?:partial(?:ly)?\s+)?(?:upheld|overturned|uphold|overturn)\W*$"
    r"|:\s*(?:not\s+)?medically\s+necessary(?:\s+and\s+appropriate)?\W*$",
    re.IGNORECASE,
)
_EXPECTED_FINDING = {"upheld": "not_necessary", "overturned": "necessary"}


def flag_letter(record: LetterRecord, items: Sequence[Item]) -> Iterator[Flag]:
    """Yield the flags of a letter: of its dates, of its text, then of each decision in order."""
    stated = [(name, value) for name in _DATES_IN_ORDER if (value := getattr(record, name)) is not None]
    for (earlier, first), (later, second) in pairwise(stated):
        if first > second:
            yield Flag("dates_out_of_order", f"{earlier} {first} is after {later} {second}")
    summary = record.clinical_case_summary
    yield from flag_dates(record)
    yield from flag_patient(record)
    yield from flag_sides(record)
    if len({item.spans.get("rationale") for item in items}) == len(record.decisions):  # not one for all by the form
        yield from flag_rationales(record.decisions)
    yield from flag_findings(record)
    for text, number in ((summary, None), *((d.rationale, d.decision_number) for d in record.decisions)):
        if hole := _REDACTION_HOLE.search(text):
            yield Flag("redaction_hole", f"{text[max(0, hole.start() - 24) : hole.end()]!r}", number)
    for decision, item in zip(record.decisions, items, strict=True):
        for code, detail in (*_find_anomalies(decision, item), *_find_outcome_in_request(item)):
            yield Flag(code, detail, decision.decision_number)


def _find_outcome_in_request(item: Item) -> Iterator[tuple[str, str]]:
    """Yield a flag for a second decision word, printed before the one that is read."""
    if _ENDS_IN_OUTCOME.search(item.heading):
        yield "outcome_in_request", f"ends in {item.heading[-40:]!r}, before the decision {item.outcome_printed!r}"


def _find_anomalies(decision: Decision, item: Item) -> Iterator[tuple[str, str]]:
    """Yield (flag code, detail) for each anomaly of one decision."""
    finding = decision.rationale_finding
    if decision.outcome not in load_outcome_words().values():
        yield "outcome_not_understood", f"printed {item.outcome_printed!r}"
    elif finding == "unclear":
        yield "finding_unclear", "the rationale does not say whether the treatment is necessary"
    elif _EXPECTED_FINDING.get(decision.outcome, finding) != finding:
        yield "outcome", f"{decision.outcome}, but the rationale finds {finding}"
    if mentions_modification(item.heading) and not decision.is_modified:
        yield "modified_request_not_understood", item.heading
    yield from _check_modified(decision)
    if decision.reviewer_guideline and not any(c.cited_by == "reviewer" for c in decision.citations):
        yield "no_guideline_cited", decision.reviewer_guideline
    if not _FINISHED.search(decision.rationale):
        yield "rationale_unfinished", f"ends in {decision.rationale[-40:]!r}"
    if item.heading_start_is_disputed:
        yield "heading_start_disputed", "bold face and wording disagree on where the request begins"


def _check_modified(decision: Decision) -> Iterator[tuple[str, str]]:
    """Yield a flag for amounts of a modified request that do not add up, and for another strength."""
    original, disputed = decision.original_request, decision.disputed_request
    if not original or not disputed or original == disputed:
        return  # where the whole original request stays disputed, the amounts need not add up
    if strengths := find_other_strengths(original, disputed):
        yield "self", strengths
    elif wrong := check_amounts(original, decision.authorized_request or "", disputed):
        yield "quantity", wrong


def flag_stated_outcome(
    document: Document, letter_format: LetterFormat, sections: dict[str, Span], derived: str
) -> Iterator[Flag]:
    """Yield a flag if a letter states another overall outcome than the derived one (domain.md 1.3)."""
    for span in find_field("stated_outcome", document.text, letter_format, sections)[:1]:
        printed = tidy(document.text[span.start : span.end])
        outcome = load_outcome_words().get(printed.lower())
        if outcome is None:
            yield Flag("stated_outcome_not_understood", f"printed {printed!r}")
        elif outcome != derived:
            yield Flag("stated_outcome_contradicted", f"stated {printed!r}, but the decisions make it {derived}")
