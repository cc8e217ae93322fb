"""Detects the format of a letter: exactly one, or a reason why not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from extract.letters.registry import LetterFormat, load_formats
from extract.reasons import Reason, UnreadableError


def detect_format(text: str, formats: Sequence[LetterFormat] | None = None) -> LetterFormat:
    """Return the one format whose marks are all in the text and whose foreign marks are not.

    Headings and labels decide, never the file name or the year (domain.md 1.0). Raises `UnreadableError` with
    what the nearest format lacks, or with the names of the formats that match.
    """
    formats = formats or load_formats()
    lowered = text.lower()
    matching = [f for f in formats if has_marks(f, text, lowered)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise UnreadableError(Reason.AMBIGUOUS_FORMAT, "matches " + " and ".join(f.id for f in matching))
    nearest = find_nearest(text, formats)
    mismatches = ", ".join(find_mismatches(nearest, text))
    raise UnreadableError(Reason.UNKNOWN_FORMAT, f"matches no format; the nearest, {nearest.id}: {mismatches}")


def find_nearest(text: str, formats: Sequence[LetterFormat] | None = None) -> LetterFormat:
    """Return the format with the fewest mismatches for its number of marks."""
    return min(formats or load_formats(), key=lambda f: len(find_mismatches(f, text)) / len(f.marks))


def has_marks(letter_format: LetterFormat, text: str, lowered: str) -> bool:
    """Whether a text has all marks of a format and no foreign one; stops at the first mismatch, to save time."""

    def is_found(mark: re.Pattern[str]) -> bool:
        return all(word in text or word in lowered for word in _list_words(mark)) and mark.search(text) is not None

    return all(map(is_found, letter_format.marks)) and not any(map(is_found, letter_format.foreign_marks))


@cache
def _list_words(mark: re.Pattern[str]) -> tuple[str, ...]:
    """Return words that a text with the mark contains, as printed or in lower case: they are much faster to find."""
    words = describe_mark(mark)
    if "(?-i:" not in mark.pattern:
        words = words.lower()
    return tuple(words.split()) if re.fullmatch("[A-Za-z ]+", words) else ()


def find_mismatches(letter_format: LetterFormat, text: str) -> list[str]:
    """Return the marks of a format that are missing, and the foreign marks that are present."""
    missing = [f"no {describe_mark(m)!r}" for m in letter_format.marks if not m.search(text)]
    foreign = [f"but {describe_mark(m)!r}" for m in letter_format.foreign_marks if m.search(text)]
    return missing + foreign


def describe_mark(mark: re.Pattern[str]) -> str:
    """Return the words that a mark's pattern stands for."""
    plain = re.sub(r"\\s[*+]\??", " ", re.sub(r"\(\?[a-z-]+\)|\(\?[a-z-]*:|(?<!\\)\)|[$^]|\\b", "", mark.pattern))
    return re.sub(r"\s+", " ", re.sub(r"\\(.)", r"\1", plain)).strip()
