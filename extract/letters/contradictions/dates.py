"""Flags dates of the texts that contradict the header, the order of events or the calendar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from extract.letters.quantities import read_number
from extract.letters.text_dates import DatedText, StatedDate
from extract.letters.vocabularies import load_patterns
from extract.record import Flag, LetterRecord

Texts = list[tuple[int | None, DatedText]]
"""The summary (no number) and the rationales with their decision's number."""

_HEADER_DATES = (("injury", "date_of_injury"), ("review", "ur_denial_date"))
_DAYS = {"week": 7, "month": 30, "year": 365}
_TOLERANCE = timedelta(days=15)
"""How far a length of time in months may be off."""


def flag_dates(record: LetterRecord) -> Iterator[Flag]:
    """Yield the flags of the dates of a letter. One wrong date is one flag."""
    texts: Texts = [(None, DatedText.read(record.clinical_case_summary))]
    texts += [(d.decision_number, DatedText.read(d.rationale)) for d in record.decisions]
    of_header = list(_flag_header_dates(record, texts))
    yield from of_header
    contradicted = {flag.detail.split()[0] for flag in of_header}
    if record.ur_denial_date and "ur_denial_date" not in contradicted:
        yield from _flag_request_after_review(record.ur_denial_date, texts)
    if record.date_of_injury and "date_of_injury" not in contradicted:
        yield from _flag_care_before_injury(record.date_of_injury, texts)
        yield from _flag_lengths(record.date_of_injury, record.ur_denial_date, record.decision_date, texts)
    yield from _flag_impossible_dates(record.decision_date, texts)


def _flag_header_dates(record: LetterRecord, texts: Texts) -> Iterator[Flag]:
    seen = set()
    for number, text in texts:
        for meaning, name in _HEADER_DATES:
            value = getattr(record, name)
            others = [stated for stated in text.dates if value and stated.day and stated.day != value]
            found = {stated.day for stated in text.find(meaning, others) if stated.day}
            if not found or any(stated.day == value for stated in text.find(meaning)):
                continue
            if (name, frozenset(found)) not in seen:
                seen.add((name, frozenset(found)))
                place = "the summary" if number is None else "the rationale"
                yield Flag("header_date", f"{name} {value}, {place} says {_list(found)}", number)


def _flag_request_after_review(reviewed: date, texts: Texts) -> Iterator[Flag]:
    """Yield a flag if every request is dated after the review that denied it."""
    for number, text in texts:
        days = [stated for stated in text.dates if stated.day]
        if all(stated.day <= reviewed for stated in days if stated.day):
            continue
        requested = {stated.day for stated in text.find("request", days) if stated.day}
        if requested and min(requested) > reviewed:
            yield Flag("request_after_review", f"review of {reviewed}, the request is dated {_list(requested)}", number)
            return


def _flag_care_before_injury(injured: date, texts: Texts) -> Iterator[Flag]:
    for number, text in texts:
        earlier = [stated for stated in text.dates if stated.last and stated.last < injured]
        found = {stated.last for stated in text.find("care", earlier) if stated.last}
        if found:
            yield Flag("care_before_injury", f"injury of {injured}, but care is dated {_list(found)}", number)
            return


def _flag_lengths(injured: date, reviewed: date | None, decided: date | None, texts: Texts) -> Iterator[Flag]:
    """Yield a flag for a treatment longer than the time since the injury, and for an injury too long ago or not."""
    if decided is None:
        return
    words = load_patterns("dates", re.IGNORECASE)
    for number, text in texts:
        for match in words["treated_for"].finditer(text.text) if " has been " in text.text else ():
            if (length := _read_length(match)) and length > decided - injured + _TOLERANCE:
                detail = (
                    f"injury of {injured}, decided on {decided}, but treated for {match['number']} {match['unit']}s"
                )
                yield Flag("care_before_injury", detail, number)
        for match in words["injured_ago"].finditer(text.text) if " ago" in text.text else ():
            if (length := _read_length(match)) and not (
                (reviewed or injured) - injured - _TOLERANCE <= length <= decided - injured + _TOLERANCE
            ):
                yield Flag("header_date", f"date_of_injury {injured}, the text says {match.group()!r}", number)


def _read_length(match: re.Match[str]) -> timedelta | None:
    number = 1 if match["number"].lower() in {"a", "an"} else read_number(match["number"])
    return timedelta(days=number * _DAYS[match["unit"].lower()]) if number else None


def _flag_impossible_dates(decided: date | None, texts: Texts) -> Iterator[Flag]:
    """Yield a flag for a date that is none, or a day after the decision that is not planned."""
    planned = load_patterns("dates", re.IGNORECASE)["planned"]
    for number, text in texts:
        for stated in text.dates:
            is_late = decided is not None and stated.day is not None and stated.day > decided
            if stated.first is None or (is_late and not planned.search(stated.before)):
                yield Flag("impossible_date", repr(_quote(text, stated)), number)


def _quote(text: DatedText, stated: StatedDate) -> str:
    return text.text[stated.start : stated.end]


def _list(dates: Iterable[date]) -> str:
    return ", ".join(str(d) for d in sorted(dates))
