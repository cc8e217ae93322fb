"""Finds the date of the request for authorization, by the words of `vocabulary/request_date.toml` around a date."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from extract.letters.text_dates import DatedText
from extract.letters.vocabularies import load_patterns

_REACH = 120
_OPENING = re.compile(r"(?:^|\bon (?:an? )?)$", re.IGNORECASE)


def find_request_date(summary: str, rationales: Iterable[str], denied_on: date | None) -> date | None:
    """Return the latest stated date of the request up to the utilization review's denial, else the latest of all.

    The rationales are searched only if the summary states none.
    """
    texts = (summary, *(text for text in rationales if "RFA" in text or "equest for authorization" in text))
    stated = (_find_in_text(text) for text in texts)
    dates = next((found for found in stated if found), set())
    in_time = {found for found in dates if denied_on is None or found <= denied_on}
    return max(in_time or dates, default=None)


def _find_in_text(text: str) -> set[date]:
    return {stated.day for stated in DatedText.read(text).dates if stated.day and _is_of_request(text, stated.start)}


def _is_of_request(text: str, at: int) -> bool:
    """Whether the words of the sentence around the date at an offset make it the request's."""
    before = text[max(0, at - _REACH) : at].rpartition(". ")[2]
    after = text[at : at + _REACH]
    if "equest" not in before + after and "RFA" not in before + after:  # far cheaper than the patterns
        return False
    words = load_patterns("request_date", re.IGNORECASE)
    return bool(
        words["before"].search(before)
        or words["after"].match(after)
        or (_OPENING.search(before) and words["opening"].match(after))
    )
