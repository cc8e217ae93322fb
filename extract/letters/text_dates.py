"""Finds the dates in a summary or rationale, and what happened on each: injury, review, request or care."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from extract.letters.vocabularies import load_patterns

# Both patterns begin with a set of characters to which a search can skip, and look back from there.
_NUMERIC = re.compile(
    r"(\d(?<![\w/.-].)\d?)\s?(?:[-/]\s?(\d{1,2})\s?[-/]\s?(\d{4,5}|\d{2})(?![\d%]|\s?[-/]\s?\d)"
    r"|/\s?((?:19|20)\d{2,3})(?!\d))"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WRITTEN = re.compile(
    r"([JFMASOND](?<!\w.)(?:anuary|ebruary|arch|pril|ay|une|uly|ugust|eptember|ctober|ovember|ecember"
    r"|(?:an|eb|ar|pr|un|ul|ug|ept?|ct|ov|ec)\b))\.?\s*"
    r"(?:(\d{1,2})(?:st|nd|rd|th)?(?:\s*,\s*|\s+)|,?\s*)(?:of\s+)?(\d{4,5})(?!\d)"
)
_SENTENCE_END = re.compile(r" (?:(?<=[a-z)\d\"”][.?!] )(?=[A-Z])|(?<=; ))")
_WINDOW = 160
"""Characters before a date in which its meaning is sought."""
_LONGEST_ON = 40
"""Characters that the words of `on` have at most, directly before a date."""


@dataclass(frozen=True)
class StatedDate:
    """A day or month in a text.

    `first` and `last` are the days that it may be: equal for a day, `None` for a date that cannot be.
    """

    start: int
    end: int
    first: date | None
    last: date | None
    before: str
    """The words of its sentence that precede it."""

    @property
    def day(self) -> date | None:
        """The date if it is a day, not a month."""
        return self.first if self.first == self.last else None


def find_dates(text: str) -> Iterator[StatedDate]:
    """Yield each date of a text: 1-9-17, 01/09/ 2017, January 9, 2017, Jan. 2017, 01/2017."""
    for match in _NUMERIC.finditer(text):
        yield _make_date(match, match[3] or match[4], int(match[1]), match[2])
    for match in _WRITTEN.finditer(text):
        yield _make_date(match, match[3], _MONTHS.index(match[1][:3].lower()) + 1, match[2])


def _make_date(match: re.Match[str], printed_year: str, month: int, day: str | None) -> StatedDate:
    year = int(printed_year) + (2000 if len(printed_year) == 2 else 0)
    is_month = 1900 <= year <= 2100 and 1 <= month <= 12
    days = monthrange(year, month)[1] if is_month else 0
    first, last = (1, days) if day is None else (int(day), int(day))
    window = match.string[max(0, match.start() - _WINDOW) : match.start()]
    ends = [end.end() for end in _SENTENCE_END.finditer(window)]
    before = window[ends[-1] :] if ends else window
    if not is_month or not 1 <= first <= days:
        return StatedDate(match.start(), match.end(), None, None, before)
    return StatedDate(match.start(), match.end(), date(year, month, first), date(year, month, last), before)


@dataclass(frozen=True)
class DatedText:
    """A summary or rationale with its dates."""

    text: str
    dates: tuple[StatedDate, ...]

    @classmethod
    @lru_cache(maxsize=128)  # the texts of one letter, which several rules read
    def read(cls, text: str) -> DatedText:
        """Return a text with its dates."""
        return cls(text, tuple(find_dates(text)))

    def find(self, meaning: str, among: Iterable[StatedDate] | None = None) -> list[StatedDate]:
        """Return the dates of a meaning: `injury`, `review`, `request`, `care` or `birth`.

        The words before and after the date decide, in its own sentence; they are in `vocabulary/dates.toml`.
        """
        return [stated for stated in (self.dates if among is None else among) if self._means(stated, meaning)]

    def _means(self, stated: StatedDate, meaning: str) -> bool:
        words = load_patterns("dates", re.IGNORECASE)
        is_excluded, is_before, is_after = (
            words.get(key) for key in (f"not_{meaning}", f"{meaning}_before", f"{meaning}_after")
        )
        if is_excluded and is_excluded.search(stated.before):
            return False
        if is_before and is_before.search(stated.before):
            return True
        return bool(
            is_after
            and words["on"].search(stated.before, max(0, len(stated.before) - _LONGEST_ON))
            and is_after.match(self.text, stated.end)
        )
