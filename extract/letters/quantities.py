"""Checks that a modified request adds up: the original amount less the authorized one is the disputed one."""

from __future__ import annotations

import re

_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_NUMBERS = {word: value for value, word in enumerate(_WORDS, 1)}
_NUMBER = rf"(\d+|{'|'.join(_NUMBERS)})"
_UNITS = re.compile(rf"\b{_NUMBER}\s+(?:\w+\s+){{0,4}}?(?:sessions?|visits?|treatments?)\b", re.IGNORECASE)
_UNITS_AFTER = re.compile(
    rf"\b(?:sessions?|visits?|treatments?)\s*(?:#|x|times|for)?\s*{_NUMBER}\b(?!\s*(?:weeks?|times|x))", re.IGNORECASE
)
_COUNT = re.compile(r"#\s?(\d+)\b")


def parse_amount(request: str) -> int | None:
    """Return the number of units in a request, or `None` if it is not a single number that can be subtracted."""
    if "refill" in request.lower():
        return None
    found = [*_COUNT.findall(request), *_UNITS.findall(request)] or _UNITS_AFTER.findall(request)
    if len(found) != 1:
        return None
    return int(found[0]) if found[0].isdigit() else _NUMBERS[found[0].lower()]


def check_amounts(original: str, authorized: str, disputed: str) -> str | None:
    """Return the sum that does not add up, or `None` if the amounts add up or one is not stated."""
    whole, given, left = (parse_amount(request) for request in (original, authorized, disputed))
    if whole is None or given is None or left is None or whole - given == left:
        return None
    return f"{whole} - {given} is not {left}"
