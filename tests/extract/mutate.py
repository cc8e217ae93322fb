"""Damages letters at random but repeatably: bytes of a file, or lines of a letter's text."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from extract.letters.registry import DATE_FIELDS, TEXT_FIELDS
from extract.pool import ReadResult
from extract.reasons import UnreadableError
from extract.record import LetterRecord

T = TypeVar("T")
Bytes = Callable[[bytes, Random], bytes]
Lines = Callable[[list[Any], int], list[Any]]
IN_PROSE_TOO = ("date_of_injury", "ur_denial_date")
"""Fields of the header that a letter without a header states in running text."""


def truncate(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(1, len(data))]


def flip_a_bit(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]


def change_bytes(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randint(2, 20)):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def insert(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + random.randbytes(random.randint(1, 40)) + data[at:]


def delete(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + data[at + random.randint(1, 40) :]


def blank_a_sector(data: bytes, random: Random) -> bytes:
    """Replace a run of bytes by zeros, as a failing disk does."""
    at = random.randrange(len(data))
    lost = data[at : at + 512]
    return data[:at] + bytes(len(lost)) + data[at + len(lost) :]


BYTE_MUTATIONS: tuple[Bytes, ...] = (truncate, flip_a_bit, change_bytes, insert, delete, blank_a_sector)


def drop_a_line(lines: list[T], at: int) -> list[T]:
    return [*lines[:at], *lines[at + 1 :]]


def double_a_line(lines: list[T], at: int) -> list[T]:
    return [*lines[: at + 1], *lines[at:]]


def find_clean_difference(before: LetterRecord, after: ReadResult, changed: str | None = None) -> str | None:
    """Return what a damaged letter reads differently without a new flag or a reason, or `None`.

    `changed` is the line that was dropped or doubled: a difference of only that line's own words in running text
    cannot be noticed.
    """
    if isinstance(after, UnreadableError) or set(after.flags) - set(before.flags):
        return None
    names = {"format", "page_count", *DATE_FIELDS, *TEXT_FIELDS}
    for name in names - set(IN_PROSE_TOO if before.date_assigned is None and changed else ()):
        if getattr(before, name) != getattr(after, name):
            return f"{name}: {getattr(before, name)!r} became {getattr(after, name)!r}"
    if [(d.outcome, d.is_modified) for d in before.decisions] != [(d.outcome, d.is_modified) for d in after.decisions]:
        decisions = [(d.treatment_requested, d.outcome) for d in after.decisions]
        return f"{len(before.decisions)} decisions became {decisions}"
    text, other = _join_running_text(before), _join_running_text(after)
    if text == other or (changed is not None and _differ_by(text, other, _strip_marks(changed))):
        return None
    at = _count_shared(text, other)
    return f"running text: {text[at : at + 60]!r} became {other[at : at + 60]!r}"


def _join_running_text(record: LetterRecord) -> str:
    """Return all printed wording in order, without spaces and marks, as a lost line may close a hyphen."""
    in_a_sentence = record.format != "table_header"  # then a lost line may join its end with the next sentence
    parts = [] if in_a_sentence else [*record.licensure_states, *record.specialties]
    parts.append(record.clinical_case_summary)
    for d in record.decisions:
        parts += [d.treatment_requested, d.claims_admin_guideline, d.reviewer_guideline, d.rationale]
    return _strip_marks(" ".join(part or "" for part in parts))


def _strip_marks(text: str) -> str:
    return re.sub(r"\W", "", text)


def _count_shared(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _differ_by(before: str, after: str, run: str) -> bool:
    """Whether one of two texts is the other with one additional stretch of `run`."""
    short, long = sorted((before, after), key=len)
    start = _count_shared(short, long)
    more = long[start : start + len(long) - len(short)]
    # A stretch that begins like the text after it is found later, and so rotated.
    return long == short[:start] + more + short[start:] and more in run + run
