"""What is odd inside a letter. A flag never drops it; the codes are the vocabulary of `raw.flags`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from extract.letters.items import Item, outcome_words
from extract.letters.modified import speaks_of_modification
from extract.record import Decision, Flag, LetterRecord

_DATES_IN_ORDER = (
    "date_of_injury",
    "ur_denial_date",
    "application_received",
    "date_assigned",
    "decision_date",
)
_FINDING_OF = {"upheld": "not_necessary", "overturned": "necessary"}


def letter_flags(record: LetterRecord, items: Iterable[Item]) -> Iterator[Flag]:
    """Yield the flags of a letter: those of its dates, then those of each decision in order."""
    stated = [(name, getattr(record, name)) for name in _DATES_IN_ORDER if getattr(record, name) is not None]
    for (earlier, first), (later, second) in pairwise(stated):
        if first > second:
            yield Flag("dates_out_of_order", f"{earlier} {first} is after {later} {second}")
    for decision, item in zip(record.decisions, items, strict=True):
        yield from _decision_flags(decision, item)


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
    if item.heading_start_is_disputed:
        yield Flag("heading_start_disputed", "bold face and wording disagree on where the request begins", number)
