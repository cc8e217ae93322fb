"""Splits running text into sentences."""

from __future__ import annotations

import re
from functools import lru_cache

# Begins with a literal blank, to which the search can skip.
_END = re.compile(r" (?:(?<=[.?!] )|(?<=[.?!][\"”’)\]] ))(?=[A-Z\"“(\d])")
_ABBREVIATION = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|vs|No|approx|mg|St|e\.g|i\.e|[A-Z])\.$")


@lru_cache(maxsize=128)  # the texts of one letter, which several rules split
def split_sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a tidy text; an abbreviation ends none."""
    sentences: list[str] = []
    for part in _END.split(text):
        if sentences and _ABBREVIATION.search(sentences[-1][-8:]):
            sentences[-1] += f" {part}"
        else:
            sentences.append(part)
    return tuple(sentences)
