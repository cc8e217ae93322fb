"""Labelled blocks: request with its decision word, both guidelines, rationale (domain.md 1.4, 1.5).

Each part but the first begins with a label of its own, at a line's start and in bold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from extract.letters.item_styles.item import Item, Label, incomplete, outcome_words, text_of
from extract.letters.modified import lacks_its_opening
from extract.letters.registry import ItemRule
from extract.letters.sections import Span
from extract.lines import Document, tidy
from extract.reasons import Reason, UnreadableError

_Labels = tuple[Label, Label, Label]


def applies(document: Document, rule: ItemRule, sections: dict[str, Span]) -> bool:
    """Whether the section has the first label of such a block."""
    span = sections["decisions"]
    return rule.labels["claims_admin_guideline"].search(document.text, span.start, span.end) is not None


def read_items(document: Document, rule: ItemRule, sections: dict[str, Span]) -> list[Item]:
    """Return the blocks of the decisions section, in printed order.

    Raises `UnreadableError` (incomplete letter) where there is none, or a block lacks a part.
    """
    span = sections["decisions"]
    blocks = list(_blocks(document, rule, span))
    starts = [(_first_heading(document, span), False)]
    starts += [_heading_start(document, before[-1], claims) for before, (claims, *_) in pairwise(blocks)]
    ends = [start for start, _ in starts[1:]] + [span.end]
    return [
        _item(document, number, labels, Span(start, end), disputed)
        for number, (labels, (start, disputed), end) in enumerate(zip(blocks, starts, ends, strict=True), 1)
    ]


def _item(document: Document, number: int, labels: _Labels, block: Span, is_disputed: bool) -> Item:
    claims, reviewer, rationale = labels
    page = document.page_at(block.start)
    heading = Span(block.start, claims.start)
    request, outcome = _split_heading(text_of(document, heading), page, number)
    spans = {
        "claims_admin_guideline": Span(claims.end, reviewer.start),
        "reviewer_guideline": Span(reviewer.end, rationale.start),
        "rationale": Span(rationale.end, block.end),
    }
    parts = {name: text_of(document, part) for name, part in spans.items()}
    for name, text in parts.items():
        if not text:
            raise incomplete(document, f"decision {number} has nothing after the label", name, claims.start)
    return Item(
        heading=request,
        outcome_printed=outcome,
        claims_admin_guideline=parts["claims_admin_guideline"],
        reviewer_guideline=parts["reviewer_guideline"],
        rationale=parts["rationale"],
        page=page,
        heading_start_is_disputed=is_disputed,
        spans={**spans, "heading": heading},
    )


def _blocks(document: Document, rule: ItemRule, span: Span) -> Iterator[_Labels]:
    """Yield the three labels of each block; any other order of labels is an incomplete letter."""
    labels = sorted(_labels(document, rule, span), key=lambda label: label.start)
    order = tuple(rule.labels)
    if not labels:
        raise UnreadableError(
            Reason.INCOMPLETE_LETTER, "no decision stands under the decisions heading", field="decisions"
        )
    for at, label in enumerate(labels):
        expected = order[at % len(order)]
        if label.name != expected:
            raise UnreadableError(
                Reason.INCOMPLETE_LETTER,
                f"decision {at // len(order) + 1} has no {expected}: {label.name} comes first",
                field=expected,
                page=document.page_at(label.start),
            )
    if len(labels) % len(order):
        raise UnreadableError(
            Reason.INCOMPLETE_LETTER,
            f"the letter ends before decision {len(labels) // len(order) + 1} is complete",
            field=order[len(labels) % len(order)],
            page=document.page_count,
        )
    for at in range(0, len(labels), len(order)):
        claims, reviewer, rationale = labels[at : at + len(order)]
        yield claims, reviewer, rationale


def find_labels(document: Document, rule: ItemRule, sections: dict[str, Span]) -> Iterator[Label]:
    """Yield labels that begin a line, and begin it in bold where fonts are known."""
    return _labels(document, rule, sections["decisions"])


def _labels(document: Document, rule: ItemRule, span: Span) -> Iterator[Label]:
    for name, pattern in rule.labels.items():
        for match in pattern.finditer(document.text, span.start, span.end):
            if document.lines[document.line_index(match.start())].begins_bold is not False:
                yield Label(name, match.start(), match.end())


def _first_heading(document: Document, span: Span) -> int:
    """Return where the first block begins: the first printed character of the section."""
    printed = re.compile(r"\S").search(document.text, span.start, span.end)
    return printed.start() if printed else span.start


def _heading_start(document: Document, rationale: Label, claims: Label) -> tuple[int, bool]:
    """Return where the heading before a `claims` label begins, and whether font and wording disagree on it.

    Nothing marks that place but the bold face: a request follows the previous rationale's last line.
    Where fonts are unknown, the wording decides: up to a line that ends a sentence.
    """
    first = document.line_index(rationale.start) + 1
    last = document.line_index(claims.start) - 1
    if last < first:
        raise UnreadableError(
            Reason.INCOMPLETE_LETTER,
            "no request stands before the label",
            field="treatment_requested",
            page=document.page_at(claims.start),
        )
    by_wording = _start_by_wording(document, first, last)
    by_font = _start_by_font(document, first, last)
    if by_font is None:
        return document.start_of(by_wording), False
    return document.start_of(by_font), by_font != by_wording


def _start_by_font(document: Document, first: int, last: int) -> int | None:
    at = last
    if at > first and not document.lines[at].begins_bold and _word_alone().fullmatch(document.lines[at].text):
        at -= 1
    if not document.lines[at].begins_bold:
        return None
    while at > first and document.lines[at - 1].begins_bold:
        at -= 1
    return at


_SENTENCE_END = re.compile(r"[.?!][\"'”’)\]]*$")


def _start_by_wording(document: Document, first: int, last: int) -> int:
    at = last
    while at > first:
        collected = tidy("\n".join(line.text for line in document.lines[at : last + 1]))
        ends = _SENTENCE_END.search(document.lines[at - 1].text)
        if ends and not lacks_its_opening(collected):
            break
        at -= 1
    return at


@cache
def _decision_word() -> str:
    """Return a pattern of the decision: one of the vocabulary, or up to three words, to be kept as printed."""
    known = "|".join(r"\s+".join(words.split()) for words in outcome_words())
    return rf"(?P<word>{known}|[A-Za-z]+(?:\s+[A-Za-z]+){{0,2}})\.?"


@cache
def _word_alone() -> re.Pattern[str]:
    return re.compile(_decision_word(), re.IGNORECASE)


@cache
def _last_colon() -> re.Pattern[str]:
    return re.compile(rf"(?P<request>.*\S)\s*:\s*{_decision_word()}", re.IGNORECASE | re.DOTALL)


def heading_spans(text: str, heading: Span) -> tuple[Span, Span] | None:
    """Return where the request and its decision word stand within a heading; `None` where it has no decision."""
    end = heading.start + len(text[heading.start : heading.end].rstrip())
    match = _last_colon().fullmatch(text, heading.start, end)
    return (Span(*match.span("request")), Span(*match.span("word"))) if match else None


def _split_heading(heading: str, page: int, number: int) -> tuple[str, str]:
    """Return the request and the decision as printed: split on the last colon, as requests hold colons too."""
    match = _last_colon().fullmatch(heading)
    if match is None:
        raise UnreadableError(
            Reason.INCOMPLETE_LETTER,
            f"decision {number} has no decision word after its request, which ends in {heading[-40:]!r}",
            field="outcome",
            page=page,
        )
    return match["request"], match["word"]
