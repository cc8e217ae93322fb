"""Dates in the running text, to set beside the header's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

_NUMERIC = re.compile(r"\d{1,2}[-/]\d{1,2}[-/](?:\d{4}|\d{2})(?!\d)")
_WRITTEN = re.compile(
    r"(January|February|March|April|May|June|July|August|September|October|November|December)\s+(\d{1,2}),?\s+(\d{4})\b"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
         "December"), 1,
    )
}  # fmt: skip
_INJURY = re.compile(
    r"\b(?:date of injury(?: of| is| was| on|:)?|injury date(?: of| is| was|:)?|DOI:?"
    r"|(?:injur(?:y|ies)|injured|accident)"
    r"(?: (?:that occurred|which occurred|dated|sustained|at work|occurring))* (?:on|of)"
    r"|(?:industrial injury|occupational claim|claim) (?:on|of|from|dated))\s*$",
    re.IGNORECASE,
)
_REVIEW = re.compile(r"\butilization review\b|\bUR\b|\bprior determination\b|\bprior denial\b", re.IGNORECASE)
_SENTENCE = re.compile(r" (?<=[a-z)\d][.?!] )(?=[A-Z])")  # of tidy text; begins with what can be skipped to


def dates_in(text: str) -> Iterator[tuple[int, date]]:
    """Yield (offset, date) of every date in a text: 1-9-17, 01/09/2017, January 9, 2017."""
    for match in _NUMERIC.finditer(text):
        month, day, year = (int(part) for part in re.split("[-/]", match.group()))
        yield from _valid(match.start(), year if year > 99 else 2000 + year, month, day)
    for match in _WRITTEN.finditer(text):
        yield from _valid(match.start(), int(match[3]), _MONTHS[match[1]], int(match[2]))


def _valid(at: int, year: int, month: int, day: int) -> Iterator[tuple[int, date]]:
    with suppress(ValueError):  # the 31st of June is no date
        yield at, date(year, month, day)


def injury_dates(summary: str) -> set[date]:
    """Return the dates that a summary gives the injury: those right after "injury on", "date of injury" and such."""
    return {found for at, found in dates_in(summary) if _INJURY.search(summary[max(0, at - 60) : at])}


def review_dates(summary: str) -> set[date]:
    """Return the dates in the sentences of a summary that speak of the utilization review."""
    sentences = [s for s in _SENTENCE.split(summary) if _REVIEW.search(s)]
    return {found for sentence in sentences for _, found in dates_in(sentence)}
