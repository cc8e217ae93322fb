"""Checks that a modified request adds up: the original amount less the authorized one is the disputed one."""

from __future__ import annotations

import re

_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_NUMBERS = {word: value for value, word in enumerate(_WORDS, 1)}
_NUMBER = rf"(\d+|{'|'.join(_NUMBERS)})"
_UNITS = re.compile(
    rf"\b{_NUMBER}\s+(?!(?:times|x|weeks?|months?|days?|hours?)\b)(?:[^\W\d]+\s+){{0,4}}?(?:sessions?|visits?|treatments?)\b",
    re.IGNORECASE,
)
_UNITS_AFTER = re.compile(
    rf"\b(?:sessions?|visits?|treatments?)\s*(?:#|x|times|for)?\s*{_NUMBER}\b(?!\s*(?:weeks?|times|x))", re.IGNORECASE
)
_STRENGTH = re.compile(r"\d[\d./-]*\s?(?:mg|mcg)\b", re.IGNORECASE)
_COUNT = re.compile(r"#\s?(\d+)\b")


def parse_amount(request: str) -> int | None:
    """Return the number of units in a request, or `None` if it is not a single number that can be subtracted."""
    found = [] if "refill" in request.lower() else list_amounts(request)
    return found[0] if len(found) == 1 else None


def list_amounts(text: str) -> list[int]:
    """Return every number of units in a text: counts after `#` and numbers of sessions, visits or treatments."""
    found = [*_COUNT.findall(text), *_UNITS.findall(text)] or _UNITS_AFTER.findall(text)
    return [number for printed in found if (number := read_number(printed)) is not None]


def read_number(printed: str) -> int | None:
    """Return the number that digits or a word up to twenty stand for, `None` for any other text."""
    return int(printed) if printed.isdigit() else _NUMBERS.get(printed.lower())


def check_amounts(original: str, authorized: str, disputed: str) -> str | None:
    """Return the sum that does not add up, or `None` if the amounts add up or one is not stated."""
    whole, given, left = (parse_amount(request) for request in (original, authorized, disputed))
    if whole is None or given is None or left is None or whole - given == left:
        return None
    return f"{whole} - {given} is not {left}"


def find_other_strengths(request: str, repeated: str) -> str | None:
    """Return the strengths of a request and of its repetition if both state one and none is the same."""
    first, second = (
        {re.sub(r"\s", "", found.lower()) for found in _STRENGTH.findall(text)} for text in (request, repeated)
    )
    if not first or not second or first & second:
        return None
    return f"{', '.join(sorted(first))} in the original request, {', '.join(sorted(second))} in the disputed one"
