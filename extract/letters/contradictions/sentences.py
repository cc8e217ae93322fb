"""Splits running text into sentences."""

from __future__ import annotations

import re
from functools import lru_cache

_ABBREVIATIONS = ("Dr", "Mr", "Mrs", "Ms", "vs", "No", "approx", "mg", "St", r"e\.g", r"i\.e", "[A-Z]")
# Begins with a literal blank, to which the search can skip.
_END = re.compile(
    r" (?:(?<=[.?!] )|(?<=[.?!][\"”’)\]] ))(?=[A-Z\"“(\d])"
    + "".join(rf"(?<!\b{abbreviation}\. )" for abbreviation in _ABBREVIATIONS)
)


@lru_cache(maxsize=128)  # the texts of one letter, which several rules split
def split_sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a tidy text; an abbreviation ends none."""
    return tuple(_END.split(text))
