"""Labelled blocks: request with its decision word, both guidelines, rationale (domain.md 1.4, 1.5).

Each part but the first begins with its label, at a line's start and in bold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from extract.letters.item_styles.item import Item, Label, raise_incomplete, read_span, trim_start
from extract.letters.modified import lacks_opening
from extract.letters.registry import ItemRule
from extract.letters.sections import Span
from extract.letters.vocabularies import load_outcome_words
from extract.lines import Document, Line, ends_sentence, tidy
from extract.reasons import Reason, UnreadableError

_Labels = tuple[Label, Label, Label]


def applies(document: Document, rule: ItemRule, sections: dict[str, Span]) -> bool:
    """Whether the section contains the first label of a block."""
    span = sections["decisions"]
    return rule.labels["claims_admin_guideline"].search(document.text, span.start, span.end) is not None


def read_items(document: Document, rule: ItemRule, sections: dict[str, Span]) -> list[Item]:
    """Return the blocks of the decisions section, in printed order.

    Raises `UnreadableError` (incomplete letter) if there is none or a block lacks a part.
    """
    span = trim_start(document, sections["decisions"])
    blocks = _find_blocks(document, rule, sections)
    starts = [(span.start, False)]
    starts += [_find_heading_start(document, before[-1], claims) for before, (claims, *_) in pairwise(blocks)]
    ends = [start for start, _ in starts[1:]] + [span.end]
    return [
        _read_item(document, number, labels, Span(start, end), disputed)
        for number, (labels, (start, disputed), end) in enumerate(zip(blocks, starts, ends, strict=True), 1)
    ]


def _read_item(document: Document, number: int, labels: _Labels, block: Span, is_disputed: bool) -> Item:
    claims, reviewer, rationale = labels
    heading = Span(block.start, claims.start)
    # Requests contain colons too, so the last one separates the decision.
    match = _make_heading_pattern().fullmatch(text := read_span(document, heading))
    if match is None:
        detail = f"decision {number} has no decision word after its request, which ends in {text[-40:]!r}"
        raise_incomplete(document, detail, "outcome", block.start)
    spans = {
        "claims_admin_guideline": Span(claims.end, reviewer.start),
        "reviewer_guideline": Span(reviewer.end, rationale.start),
        "rationale": Span(rationale.end, block.end),
    }
    parts: dict[str, Any] = {name: read_span(document, part) for name, part in spans.items()}
    for name, part in parts.items():
        if not part:
            raise_incomplete(document, f"decision {number} has nothing after the label", name, claims.start)
    return Item(
        heading=match["request"],
        outcome_printed=match["word"],
        **parts,
        page=document.find_page(block.start),
        heading_start_is_disputed=is_disputed,
        spans={**spans, "heading": heading},
    )


def _find_blocks(document: Document, rule: ItemRule, sections: dict[str, Span]) -> list[_Labels]:
    """Return the three labels of each block; any other order of labels is an incomplete letter."""
    labels = sorted(find_labels(document, rule, sections), key=lambda label: label.start)
    order = tuple(rule.labels)
    if not labels:
        raise_incomplete(document, "there is no decision under the decisions heading", "decisions")
    for at, label in enumerate(labels):
        expected = order[at % len(order)]
        if label.name != expected:
            detail = f"decision {at // len(order) + 1} has no {expected}: {label.name} comes first"
            raise_incomplete(document, detail, expected, label.start)
    if over := len(labels) % len(order):
        detail = f"the letter ends before decision {len(labels) // len(order) + 1} is complete"
        raise UnreadableError(Reason.INCOMPLETE_LETTER, detail, field=order[over], page=document.page_count)
    return list(zip(labels[::3], labels[1::3], labels[2::3], strict=True))


def find_labels(document: Document, rule: ItemRule, sections: dict[str, Span]) -> Iterator[Label]:
    """Yield labels that begin a line, and begin it in bold where fonts are known."""
    span = sections["decisions"]
    starts = [
        start
        for start, line in zip(document.line_starts, document.lines, strict=True)
        if span.start <= start < span.end and line.begins_bold is not False
    ]
    for name, pattern in rule.labels.items():
        matches = (pattern.match(document.text, start, span.end) for start in starts)
        yield from (Label(name, *match.span()) for match in matches if match)


def _find_heading_start(document: Document, rationale: Label, claims: Label) -> tuple[int, bool]:
    """Return where the heading before a `claims` label begins, and whether font and wording disagree on it.

    A request directly follows the previous rationale's last line; only bold face marks it. Where fonts are
    unknown, the wording decides: the heading begins after a line that ends a sentence.
    """
    start, end = document.find_line(rationale.start) + 1, document.find_line(claims.start)
    between = [index for index in range(start, end) if not document.lines[index].is_blank]
    if not between:
        raise_incomplete(document, "there is no request before the label", "treatment_requested", claims.start)
    lines = [document.lines[index] for index in between]
    by_wording = _find_start_by_wording(lines)
    by_font = _find_start_by_font(lines)
    start = by_wording if by_font is None else by_font
    return document.line_starts[between[start]], start != by_wording


def _find_start_by_font(lines: list[Line]) -> int | None:
    """Return which of the lines between a rationale's label and the next block's begins the heading, by bold face."""
    at = len(lines) - 1
    decision = re.compile(_make_decision_pattern(), re.IGNORECASE)
    if at > 0 and not lines[at].begins_bold and decision.fullmatch(lines[at].text):
        at -= 1
    if not lines[at].begins_bold:
        return None
    while at > 0 and lines[at - 1].begins_bold:
        at -= 1
    return at


def _find_start_by_wording(lines: list[Line]) -> int:
    """Return which of the lines begins the heading: one after the end of a sentence."""
    at = len(lines) - 1
    while at > 0:
        collected = tidy("\n".join(line.text for line in lines[at:]))
        if ends_sentence(lines[at - 1].text) and not lacks_opening(collected):
            break
        at -= 1
    return at


@cache
def _make_decision_pattern() -> str:
    """Return a pattern of the decision: one of the vocabulary, or up to three words, which are kept as printed."""
    known = "|".join(r"\s+".join(words.split()) for words in load_outcome_words())
    return rf"(?P<word>{known}|[A-Za-z]+(?:\s+[A-Za-z]+){{0,2}})\.?"


@cache
def _make_heading_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?P<request>.*\S)\s*:\s*{_make_decision_pattern()}", re.IGNORECASE | re.DOTALL)


def split_heading(text: str, heading: Span) -> tuple[Span, Span] | None:
    """Return the spans of the request and its decision word within a heading; `None` if it has no decision."""
    end = heading.start + len(text[heading.start : heading.end].rstrip())
    match = _make_heading_pattern().fullmatch(text, heading.start, end)
    return (Span(*match.span("request")), Span(*match.span("word"))) if match else None
