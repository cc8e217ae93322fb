"""What is odd inside a letter. A flag never drops it; the codes are the vocabulary of `raw.flags`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from extract.letters.items import Item, outcome_words
from extract.letters.modified import speaks_of_modification
from extract.letters.quantities import does_not_add_up
from extract.letters.summary_dates import injury_dates, review_dates
from extract.record import Decision, Flag, LetterRecord

_DATES_IN_ORDER = (
    "date_of_injury",
    "ur_denial_date",
    "application_received",
    "date_assigned",
    "decision_date",
)
# Names that were deleted leave their preposition: "according to the report by , the patient" (domain.md 6).
# Searched for from the hole backwards: a search skips to a blank before a comma, but not to any of five words.
_AFTER_WORD = r"(?:(?<=\bper {0})|(?<=\bby {0})|(?<=\bfrom {0})|(?<=\bwith {0})|(?<=\bDr\. {0}))"
_REDACTION_HOLE = re.compile(
    r" [,.](?=\s)" + _AFTER_WORD.format("[,.]") + "| are:" + _AFTER_WORD.format("are:"),
)
_FINISHED = re.compile(r"[.?!:][\"'”’)\]]*$")
_FINDING_OF = {"upheld": "not_necessary", "overturned": "necessary"}


def letter_flags(record: LetterRecord, items: Iterable[Item]) -> Iterator[Flag]:
    """Yield the flags of a letter: those of its dates, then those of each decision in order."""
    stated = [(name, getattr(record, name)) for name in _DATES_IN_ORDER if getattr(record, name) is not None]
    for (earlier, first), (later, second) in pairwise(stated):
        if first > second:
            yield Flag("dates_out_of_order", f"{earlier} {first} is after {later} {second}")
    yield from _summary_flags(record)
    for decision, item in zip(record.decisions, items, strict=True):
        yield from _decision_flags(decision, item)


def _summary_flags(record: LetterRecord) -> Iterator[Flag]:
    """Yield where the summary tells another date than the header, and where redaction left holes in it."""
    summary = record.clinical_case_summary
    for name, told in (("date_of_injury", injury_dates(summary)), ("ur_denial_date", review_dates(summary))):
        stated = getattr(record, name)
        if stated is not None and told and stated not in told:
            dates = ", ".join(str(d) for d in sorted(told))
            yield Flag("summary_contradicts_header", f"{name} {stated}, the summary says {dates}")
    for text, number in ((summary, None), *((d.rationale, d.decision_number) for d in record.decisions)):
        if hole := _REDACTION_HOLE.search(text):
            yield Flag("redaction_hole", f"{text[max(0, hole.start() - 24) : hole.end()]!r}", number)


def _decision_flags(decision: Decision, item: Item) -> Iterator[Flag]:
    number = decision.decision_number
    if decision.outcome not in set(outcome_words().values()):
        yield Flag("outcome_not_understood", f"printed {item.outcome_printed!r}", number)
    elif decision.rationale_finding == "unclear":
        yield Flag("finding_unclear", "the rationale does not say whether the treatment is necessary", number)
    elif _FINDING_OF.get(decision.outcome, decision.rationale_finding) != decision.rationale_finding:
        yield Flag(
            "decision_contradicted",
            f"{decision.outcome}, but the rationale finds {decision.rationale_finding}",
            number,
        )
    if speaks_of_modification(item.heading) and not decision.is_modified:
        yield Flag("modified_request_not_understood", item.heading, number)
    if decision.disputed_request and (wrong := does_not_add_up(*_modified_parts(decision))):
        yield Flag("quantities_do_not_add_up", wrong, number)
    if decision.reviewer_guideline and not any(c.cited_by == "reviewer" for c in decision.citations):
        yield Flag("no_guideline_cited", decision.reviewer_guideline, number)
    if not _FINISHED.search(decision.rationale):
        yield Flag("rationale_unfinished", f"ends in {decision.rationale[-40:]!r}", number)
    if item.heading_start_is_disputed:
        yield Flag("heading_start_disputed", "bold face and wording disagree on where the request begins", number)


def _modified_parts(decision: Decision) -> tuple[str, str, str]:
    """Return the parts that ought to add up; where the whole original stays disputed, nothing ought to."""
    original, authorized = decision.original_request or "", decision.authorized_request or ""
    disputed = decision.disputed_request or ""
    return (original, authorized, disputed) if disputed != original else ("", "", "")
