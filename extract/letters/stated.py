"""Compares the overall outcome that some formats state with the one that the decisions give (domain.md 1.3)."""

from __future__ import annotations

from collections.abc import Iterator

from extract.letters.fields import find_field
from extract.letters.registry import LetterFormat
from extract.letters.sections import Span
from extract.letters.vocabularies import load_outcome_words
from extract.lines import Document, tidy
from extract.record import Flag


def flag_stated_outcome(
    document: Document, letter_format: LetterFormat, sections: dict[str, Span], derived: str
) -> Iterator[Flag]:
    """Yield a flag if the letter states an outcome that is not the derived one, or one in unknown words."""
    for span in find_field("stated_outcome", document.text, letter_format, sections)[:1]:
        printed = tidy(document.text[span.start : span.end])
        outcome = load_outcome_words().get(printed.lower())
        if outcome is None:
            yield Flag("stated_outcome_not_understood", f"printed {printed!r}")
        elif outcome != derived:
            yield Flag("stated_outcome_contradicted", f"stated {printed!r}, but the decisions make it {derived}")
