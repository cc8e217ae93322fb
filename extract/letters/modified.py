"""Splits modified requests: the original, the authorized and the disputed part (domain.md 1.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ORIGINAL = r"(?P<original_request>.+?)\s+(?:was|were)\s+the\s+original\s+request\s*\.\s*"
_SHAPES = (
    # The remainder is disputed.
    re.compile(
        _ORIGINAL
        + r"(?P<authorized_request>.+?)\s+(?:was|were)\s+authorized\s+by\s+the\s+claims\s+administrator\s*\.\s*"
        r"The\s+remaining\s+IMR\s+eligible\s+portion\s+of\s+the\s+original\s+request\s*,?\s*"
        r"(?P<disputed_request>.+?)(?:\s+(?:is|are))?\s*$",
        re.IGNORECASE | re.DOTALL,
    ),
    # The whole original request is disputed.
    re.compile(
        _ORIGINAL + r"The\s+claims\s+administrator\s+authorized\s+(?P<authorized_request>.+?)\s*,?\s*"
        r"leaving\s+the\s+original\s+request\s+IMR\s+eligible\s*\.\s*"
        r"The\s+original\s+request\s*,?\s*(?P<disputed_request>.+?)(?:\s+(?:is|are))?\s*$",
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

    original_request: str
    authorized_request: str
    disputed_request: str


def split_modified(heading: str) -> ModifiedRequest | None:
    """Return the parts of a heading that is a modified request, else `None`."""
    matches = (shape.match(heading) for shape in _SHAPES)
    return next((ModifiedRequest(**match.groupdict()) for match in matches if match), None)


def mentions_modification(heading: str) -> bool:
    """Whether a heading has the words of a modified request, understood or not."""
    return bool(_OPENING.search(heading) or _LATER_PART.search(heading))


def lacks_opening(heading: str) -> bool:
    """Whether a text is the later part of a modified request, so that the heading began further up."""
    return bool(_LATER_PART.search(heading)) and not _OPENING.search(heading)
