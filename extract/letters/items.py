"""The disputed treatments of a letter, read in the style that its format declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from extract.letters.item_styles import labelled_blocks, numbered_sentences, one_block
from extract.letters.item_styles.item import Item, Label, outcome_words
from extract.letters.item_styles.labelled_blocks import heading_spans
from extract.letters.registry import STYLES, ItemRule, LetterFormat
from extract.letters.sections import Span
from extract.lines import Document
from extract.reasons import Reason, UnreadableError

__all__ = ["Item", "Label", "find_labels", "heading_spans", "outcome_words", "read_items"]

Sections = dict[str, Span]


@dataclass(frozen=True)
class _Style:
    applies: Callable[[Document, ItemRule, Sections], bool]
    read: Callable[[Document, ItemRule, Sections], list[Item]]
    labels: Callable[[Document, ItemRule, Sections], Iterator[Label]]


_STYLES = {
    name: _Style(module.applies, module.read_items, module.find_labels)
    for name, module in (
        ("labelled_blocks", labelled_blocks),
        ("numbered_sentences", numbered_sentences),
        ("one_block", one_block),
    )
}


def read_items(document: Document, letter_format: LetterFormat, sections: Sections) -> list[Item]:
    """Return the disputed treatments in printed order, at least one.

    Raises `UnreadableError` (incomplete letter) where there is none, or one lacks a part.
    """
    rule = _rule(document, letter_format, sections)
    return _STYLES[rule.style].read(document, rule, sections)


def find_labels(document: Document, letter_format: LetterFormat, sections: Sections) -> Iterator[Label]:
    """Yield the labels that part the blocks, of an incomplete letter as far as there are any."""
    rule = _rule(document, letter_format, sections)
    return _STYLES[rule.style].labels(document, rule, sections)


def _rule(document: Document, letter_format: LetterFormat, sections: Sections) -> ItemRule:
    """Return the first of the format's rules that finds something to read, else the first: it says what is missing."""
    first = letter_format.items[0]
    for rule in letter_format.items:
        if missing := [name for name in STYLES[rule.style].sections if name not in sections]:
            raise UnreadableError(Reason.INCOMPLETE_LETTER, "the section is missing", field=missing[0])
    if len(letter_format.items) == 1:
        return first
    return next((r for r in letter_format.items if _STYLES[r.style].applies(document, r, sections)), first)
