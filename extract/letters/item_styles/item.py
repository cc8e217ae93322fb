"""What every style makes of one disputed treatment, and what the styles share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from extract.letters.sections import Span
from extract.letters.vocabularies import table
from extract.lines import Document, tidy
from extract.reasons import Reason, UnreadableError
from extract.record import Flag

NOT_NECESSARY, NECESSARY = "not medically necessary", "medically necessary"
"""The decision of a letter that says it in a sentence, as `vocabulary/outcomes.csv` has it."""


@dataclass(frozen=True)
class Item:
    """One disputed treatment as printed: running text, the heading without its decision, and the page it begins on.

    A guideline is empty where the letter's layout, or the letter, prints none.
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
    """Where it stands in the document's text: `heading` with its decision, or `treatment_requested` and
    `outcome` apart, and the other parts by name."""


@dataclass(frozen=True)
class Label:
    """A printed label of a block, such as `Decision rationale:`, and where it stands."""

    name: str
    start: int
    end: int


@cache
def outcome_words() -> dict[str, str]:
    """Return the vocabulary of decisions: the printed words in lower case, and the outcome each means."""
    return {row["printed"]: row["outcome"] for row in table("outcomes")}


def text_of(document: Document, span: Span) -> str:
    """Return a span as running text."""
    return tidy(document.text[span.start : span.end])


def below(matches: Sequence[re.Match[str]], end: int) -> list[Span]:
    """Return what stands between each match and the next, for the last up to `end`."""
    ends = [match.start() for match in matches[1:]] + [end]
    return [Span(match.end(), its_end) for match, its_end in zip(matches, ends, strict=False)]


def incomplete(document: Document, detail: str, field_name: str, offset: int) -> UnreadableError:
    """Return the refusal of a letter that lacks a part, to be raised."""
    return UnreadableError(Reason.INCOMPLETE_LETTER, detail, field=field_name, page=document.page_at(offset))
