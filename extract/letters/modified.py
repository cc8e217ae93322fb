"""Modified requests: what was asked, what was authorized, what is still disputed (domain.md 1.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WAS_ORIGINAL = r"(?P<original>.+?)\s+(?:was|were)\s+the\s+original\s+request\s*\.\s*"
_SHAPES = (
    # The remainder is disputed.
    re.compile(
        _WAS_ORIGINAL + r"(?P<authorized>.+?)\s+(?:was|were)\s+authorized\s+by\s+the\s+claims\s+administrator\s*\.\s*"
        r"The\s+remaining\s+IMR\s+eligible\s+portion\s+of\s+the\s+original\s+request\s*,?\s*"
        r"(?P<disputed>.+?)(?:\s+(?:is|are))?\s*$",
        re.IGNORECASE | re.DOTALL,
    ),
    # The whole original request is disputed.
    re.compile(
        _WAS_ORIGINAL + r"The\s+claims\s+administrator\s+authorized\s+(?P<authorized>.+?)\s*,?\s*"
        r"leaving\s+the\s+original\s+request\s+IMR\s+eligible\s*\.\s*"
        r"The\s+original\s+request\s*,?\s*(?P<disputed>.+?)(?:\s+(?:is|are))?\s*$",
        re.IGNORECASE | re.DOTALL,
    ),
)
_OPENING = re.compile(r"\b(?:was|were)\s+the\s+original\s+request\b", re.IGNORECASE)
_LATER_PART = re.compile(
    r"\bremaining\s+IMR\s+eligible\b|\boriginal\s+request\s+IMR\s+eligible\b|\bauthorized\s+by\s+the\s+claims\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ModifiedRequest:
    """The three parts of a modified request, as printed."""

    original: str
    authorized: str
    disputed: str


def read_modified(heading: str) -> ModifiedRequest | None:
    """Return the parts of a heading that is a modified request, else `None`. Never search a rationale."""
    for shape in _SHAPES:
        match = shape.match(heading)
        if match:
            return ModifiedRequest(match["original"], match["authorized"], match["disputed"])
    return None


def speaks_of_modification(heading: str) -> bool:
    """Whether a heading has the words of a modified request, read or not."""
    return bool(_OPENING.search(heading) or _LATER_PART.search(heading))


def lacks_its_opening(heading: str) -> bool:
    """Whether a heading's text is the later part of a modified request, so that it began further up."""
    return bool(_LATER_PART.search(heading)) and not _OPENING.search(heading)
