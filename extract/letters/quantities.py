"""Whether a modified request adds up: what was asked, less what was authorized, is what is disputed."""

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


def amount(request: str) -> int | None:
    """Return how many units a request names, in a form that can be subtracted; `None` where it is not one number."""
    if "refill" in request.lower():
        return None
    found = [m.group(1) for p in (_COUNT, _UNITS) for m in p.finditer(request)] or [
        m.group(1) for m in _UNITS_AFTER.finditer(request)
    ]
    if len(found) != 1:
        return None
    return int(found[0]) if found[0].isdigit() else _NUMBERS[found[0].lower()]


def does_not_add_up(original: str, authorized: str, disputed: str) -> str | None:
    """Return what is wrong with the three amounts, as a sum, or `None` where they fit or are not stated."""
    asked, given, left = amount(original), amount(authorized), amount(disputed)
    if asked is None or given is None or left is None or asked - given == left:
        return None
    return f"{asked} - {given} is not {left}"
