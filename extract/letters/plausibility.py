"""Flags facts that no letter can state: they are misprinted or misread."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from extract.letters.registry import DATE_FIELDS
from extract.record import Flag, LetterRecord

FIRST_DECISION = date(2013, 1, 1)
"""Review began with injuries of 2013 (Labor Code 4610.5)."""
OLDEST_DATE = date(1940, 1, 1)
REQUEST_CHARACTERS = range(3, 2001)
"""A longer request contains a rationale, a shorter one is a fragment."""
MAX_DECISIONS = 60
"""Of 194 real letters the longest has 21 disputed treatments (domain.md 1.5)."""


def flag_implausible(record: LetterRecord) -> Iterator[Flag]:
    """Yield a flag for each date, request and number of decisions out of all bounds."""
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)  # reviewers' time zones differ
    for name in DATE_FIELDS:
        first, value = FIRST_DECISION if name == "decision_date" else OLDEST_DATE, getattr(record, name)
        if value is not None and not first <= value <= tomorrow:
            yield Flag("implausible_fact", f"{name} {value} is not between {first} and today")
    if len(record.decisions) > MAX_DECISIONS:
        yield Flag("implausible_fact", f"{len(record.decisions)} disputed treatments, at most {MAX_DECISIONS}")
    for decision in record.decisions:
        if (length := len(decision.treatment_requested)) not in REQUEST_CHARACTERS:
            detail = f"the request has {length} characters, not {REQUEST_CHARACTERS[0]} to {REQUEST_CHARACTERS[-1]}"
            yield Flag("implausible_fact", detail, decision.decision_number)
