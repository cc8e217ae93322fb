"""Reads the disputed treatments of a letter, in the style that its format declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from extract.letters.item_styles import labelled_blocks, numbered_sentences, one_block
from extract.letters.item_styles.item import Item, Label, raise_incomplete
from extract.letters.item_styles.labelled_blocks import split_heading
from extract.letters.registry import STYLES, ItemRule, LetterFormat
from extract.letters.sections import Span
from extract.lines import Document

__all__ = ["Item", "Label", "find_labels", "read_items", "split_heading"]

Sections = dict[str, Span]


class _Style(Protocol):
    """A module of `item_styles`."""

    def applies(self, document: Document, rule: ItemRule, sections: Sections) -> bool: ...
    def read_items(self, document: Document, rule: ItemRule, sections: Sections) -> list[Item]: ...
    def find_labels(self, document: Document, rule: ItemRule, sections: Sections) -> Iterator[Label]: ...


_STYLES: dict[str, _Style] = {
    "labelled_blocks": labelled_blocks,
    "numbered_sentences": numbered_sentences,
    "one_block": one_block,
}


def read_items(document: Document, letter_format: LetterFormat, sections: Sections) -> list[Item]:
    """Return the disputed treatments in printed order, at least one.

    Raises `UnreadableError` (incomplete letter) if there is none or one lacks a part.
    """
    rule = _choose_rule(document, letter_format, sections)
    return _STYLES[rule.style].read_items(document, rule, sections)


def find_labels(document: Document, letter_format: LetterFormat, sections: Sections) -> Iterator[Label]:
    """Yield the labels that separate the parts of blocks, of an incomplete letter those that are present."""
    rule = _choose_rule(document, letter_format, sections)
    return _STYLES[rule.style].find_labels(document, rule, sections)


def _choose_rule(document: Document, letter_format: LetterFormat, sections: Sections) -> ItemRule:
    """Return the first of the format's rules that finds something to read, else the first, whose style raises."""
    rules = letter_format.items
    for rule in rules:
        for name in STYLES[rule.style]["section"]:
            if name not in sections:
                raise_incomplete(document, "the section is missing", name)
    if len(rules) == 1:
        return rules[0]
    return next((r for r in rules if _STYLES[r.style].applies(document, r, sections)), rules[0])
