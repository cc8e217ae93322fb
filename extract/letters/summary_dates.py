"""Finds dates in the case summary, to compare with the header's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

_NUMERIC = re.compile(r"\d{1,2}[-/]\d{1,2}[-/](?:\d{4}|\d{2})(?!\d)")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WRITTEN = re.compile(rf"({'|'.join(_MONTHS)})\s+(\d{{1,2}}),?\s+(\d{{4}})\b")
_INJURY = re.compile(
    r"\b(?:date of injury(?: of| is| was| on|:)?|injury date(?: of| is| was|:)?|DOI:?"
    r"|(?:injur(?:y|ies)|injured|accident)"
    r"(?: (?:that occurred|which occurred|dated|sustained|at work|occurring))* (?:on|of)"
    r"|(?:industrial injury|occupational claim|claim) (?:on|of|from|dated))\s*$",
    re.IGNORECASE,
)
_REVIEW = re.compile(r"\butilization review\b|\bUR\b|\bprior determination\b|\bprior denial\b", re.IGNORECASE)
_SENTENCE = re.compile(r" (?<=[a-z)\d][.?!] )(?=[A-Z])")  # begins with a literal space: the search can skip to it


def find_dates(text: str) -> Iterator[tuple[int, date]]:
    """Yield (offset, date) of every valid date in a text: 1-9-17, 01/09/2017, January 9, 2017."""
    for match in _NUMERIC.finditer(text):
        month, day, year = (int(part) for part in re.split("[-/]", match.group()))
        with suppress(ValueError):
            yield match.start(), date(year if year > 99 else 2000 + year, month, day)
    for match in _WRITTEN.finditer(text):
        with suppress(ValueError):
            yield match.start(), date(int(match[3]), _MONTHS.index(match[1]) + 1, int(match[2]))


def find_injury_dates(summary: str) -> set[date]:
    """Return the dates that directly follow "injury on", "date of injury" and the like."""
    return {found for at, found in find_dates(summary) if _INJURY.search(summary[max(0, at - 60) : at])}


def find_review_dates(summary: str) -> set[date]:
    """Return the dates in the sentences about the utilization review."""
    sentences = [s for s in _SENTENCE.split(summary) if _REVIEW.search(s)]
    return {found for sentence in sentences for _, found in find_dates(sentence)}
