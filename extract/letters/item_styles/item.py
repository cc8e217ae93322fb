"""The disputed treatment as every style returns it, and helpers that the styles share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from extract.letters.sections import Span
from extract.lines import Document, tidy
from extract.reasons import Reason, UnreadableError
from extract.record import Flag

NOT_NECESSARY, NECESSARY = "not medically necessary", "medically necessary"
"""The decision of a letter that states it in a sentence, as listed in `vocabulary/outcomes.csv`."""


@dataclass(frozen=True)
class Item:
    """One disputed treatment as printed: running text, the heading without its decision, and its first page.

    A guideline is empty if the letter or its format prints none. `spans` holds where the parts are in the
    document's text: `heading` with its decision, or `treatment_requested` and `outcome`, and the others by name.
    """

    heading: str
    outcome_printed: str
    claims_admin_guideline: str
    reviewer_guideline: str
    rationale: str
    page: int
    heading_start_is_disputed: bool = False
    flags: tuple[Flag, ...] = ()
    spans: dict[str, Span] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Label:
    """A printed label of a block, such as `Decision rationale:`, and its place in the text."""

    name: str
    start: int
    end: int


def read_span(document: Document, span: Span) -> str:
    """Return a span as running text."""
    return tidy(document.text[span.start : span.end])


def trim_start(document: Document, span: Span) -> Span:
    """Return a span from its first printed character on."""
    printed = re.compile(r"\S").search(document.text, span.start, span.end)
    return Span(printed.start(), span.end) if printed else span


def split_after(matches: Sequence[re.Match[str]], end: int) -> list[Span]:
    """Return the text between each match and the next, for the last match up to `end`."""
    ends = [match.start() for match in matches[1:]] + [end]
    return [Span(match.end(), its_end) for match, its_end in zip(matches, ends, strict=False)]


def raise_incomplete(document: Document, detail: str, field_name: str, offset: int | None = None) -> NoReturn:
    """Raise `UnreadableError` for a letter that lacks a part; `offset` is where it was expected in the text."""
    page = None if offset is None else document.find_page(offset)
    raise UnreadableError(Reason.INCOMPLETE_LETTER, detail, field=field_name, page=page)
