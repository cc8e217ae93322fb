"""Letters spoilt by chance, repeatably: bytes of a file, or lines of a letter's text."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from extract.pool import ReadResult
from extract.reasons import UnreadableError
from extract.record import LetterRecord

T = TypeVar("T")
Bytes = Callable[[bytes, Random], bytes]
Lines = Callable[[list[Any], int], list[Any]]
FIRM = ("format", "page_count", "case_number", "priority", "date_assigned", "decision_date", "application_received")
"""What stands in a letter's header or is counted: it never changes in silence, whatever line is lost."""
IN_PROSE_TOO = ("date_of_injury", "ur_denial_date")
"""The same, but in a letter without a header these stand in running text."""


def truncate(data: bytes, chance: Random) -> bytes:
    return data[: chance.randrange(1, len(data))]


def flip_a_bit(data: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def flip_bytes(data: bytes, chance: Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(chance.randint(2, 20)):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


def insert(data: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + chance.randbytes(chance.randint(1, 40)) + data[at:]


def delete(data: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randint(1, 40) :]


def blank_a_sector(data: bytes, chance: Random) -> bytes:
    """A disk's or a transfer's way of losing data: a run of zero bytes."""
    at = chance.randrange(len(data))
    lost = data[at : at + 512]
    return data[:at] + bytes(len(lost)) + data[at + len(lost) :]


BYTE_MUTATIONS: tuple[Bytes, ...] = (truncate, flip_a_bit, flip_bytes, insert, delete, blank_a_sector)


def drop_a_line(lines: list[T], at: int) -> list[T]:
    return [*lines[:at], *lines[at + 1 :]]


def double_a_line(lines: list[T], at: int) -> list[T]:
    return [*lines[: at + 1], *lines[at:]]


def cut_off(lines: list[T], at: int) -> list[T]:
    return lines[: at + 1]


def clean_difference(was: LetterRecord, outcome: ReadResult, changed: str | None = None) -> str | None:
    """Return what a spoilt letter reads as, if that is another letter and nothing says so; else `None`.

    It is said by a reason, or by a flag that the whole letter does not carry. `changed` is the line that was
    taken out or put in twice: where only that line's own words come or go in running text, no reader could know.
    """
    if isinstance(outcome, UnreadableError) or set(outcome.flags) - set(was.flags):
        return None
    for name in FIRM if was.date_assigned is None and changed else FIRM + IN_PROSE_TOO:
        if getattr(was, name) != getattr(outcome, name):
            return f"{name}: {getattr(was, name)!r} became {getattr(outcome, name)!r}"
    if [(d.outcome, d.is_modified) for d in was.decisions] != [(d.outcome, d.is_modified) for d in outcome.decisions]:
        return (
            f"{len(was.decisions)} decisions became {[(d.treatment_requested, d.outcome) for d in outcome.decisions]}"
        )
    before, after = _running_text(was), _running_text(outcome)
    if before == after or (changed is not None and _differ_by(before, after, _letters_of(changed))):
        return None
    at = _shared_start(before, after)
    return f"running text: {before[at : at + 60]!r} became {after[at : at + 60]!r}"


def _running_text(record: LetterRecord) -> str:
    """All that is printed as wording, in order, without spaces and marks: a lost line may close a hyphen."""
    in_a_sentence = record.format != "table_header"  # so a lost line may run its end together with the next sentence
    parts = [] if in_a_sentence else [*record.licensure_states, *record.specialties]
    parts.append(record.clinical_case_summary)
    for decision in record.decisions:
        parts += [decision.treatment_requested, decision.claims_admin_guideline, decision.reviewer_guideline]
        parts.append(decision.rationale)
    return _letters_of(" ".join(part or "" for part in parts))


def _letters_of(text: str) -> str:
    return re.sub(r"\W", "", text)


def _shared_start(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _differ_by(before: str, after: str, run: str) -> bool:
    """Whether one of two texts is the other with one stretch of `run` more."""
    short, long = sorted((before, after), key=len)
    start = _shared_start(short, long)
    more = long[start : start + len(long) - len(short)]
    # The stretch may begin earlier if it begins like what follows it; then it stands rotated here.
    return long == short[:start] + more + short[start:] and more in run + run
