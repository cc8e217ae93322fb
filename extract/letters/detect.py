"""Which format a letter is in: exactly one, or a named reason why not."""

from __future__ import annotations

import re
from functools import cache

from extract.letters.registry import LetterFormat, formats
from extract.reasons import Reason, UnreadableError


def detect(text: str) -> LetterFormat:
    """Return the one format whose marks all stand in the text and whose foreign marks do not.

    Decided by headings and labels, never by file name or year (domain.md 1.0). Raises
    `UnreadableError` with what the nearest format lacks, or with the names of two that match.
    """
    lowered = text.lower()
    matching = [f for f in formats() if has_marks(f, text, lowered)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise UnreadableError(Reason.AMBIGUOUS_FORMAT, "reads as " + " and as ".join(f.id for f in matching))
    nearest = min(formats(), key=lambda f: len(lacking(f, text)))
    raise UnreadableError(
        Reason.UNKNOWN_FORMAT,
        f"no layout's marks are in it; the nearest, {nearest.id}: {', '.join(lacking(nearest, text))}",
    )


def has_marks(letter_format: LetterFormat, text: str, lowered: str) -> bool:
    """Whether nothing speaks against a format; stops at the first thing that does, as each costs a pass."""

    def stands(mark: re.Pattern[str]) -> bool:
        return all(word in lowered for word in _needed(mark)) and mark.search(text) is not None

    return all(map(stands, letter_format.marks)) and not any(map(stands, letter_format.foreign_marks))


@cache
def _needed(mark: re.Pattern[str]) -> tuple[str, ...]:
    """Return words, in lower case, without which a mark cannot stand: to look for those costs next to nothing."""
    told = words(mark.pattern).lower()
    return tuple(told.split()) if re.fullmatch("[a-z ]+", told) else ()


def lacking(letter_format: LetterFormat, text: str) -> list[str]:
    """Return what speaks against a format: marks that are missing, foreign marks that are there."""
    missing = [f"no {words(m.pattern)!r}" for m in letter_format.marks if not m.search(text)]
    foreign = [f"but {words(m.pattern)!r}" for m in letter_format.foreign_marks if m.search(text)]
    return missing + foreign


def words(pattern: str) -> str:
    """Return a mark's pattern as the words that it stands for, for a person to look for."""
    plain = re.sub(r"\\s[*+]\??", " ", re.sub(r"\(\?[a-z-]+\)|\(\?[a-z-]*:|[$^]|\\b", "", pattern))
    return re.sub(r"\s+", " ", re.sub(r"\\(.)", r"\1", plain)).strip()
