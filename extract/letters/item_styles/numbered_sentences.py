"""Numbered sentences: `1. X is not medically necessary and appropriate.` (domain.md 1.2, 1.3).

The parts of a decision follow its sentence or, if the format declares a `detail` pattern, are printed in a numbered
block of their own further down. The guidelines are sentences; the rationale has a label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from extract.letters.item_styles.item import (
    NECESSARY,
    NOT_NECESSARY,
    Item,
    Label,
    raise_incomplete,
    read_span,
    split_after,
)
from extract.letters.registry import ItemRule
from extract.letters.sections import Span
from extract.lines import Document
from extract.record import Flag

_GUIDELINES = ("claims_admin_guideline", "reviewer_guideline")
_NEGATION = re.compile(r"^(?:none|neither|nothing)\b|^no\s|\bnor\b", re.IGNORECASE)
_SENTENCE_BREAK = re.compile(r"[.?!][\"'”’)\]]*\s+(?=[A-Z])")


@dataclass(frozen=True)
class _Sentence:
    """A sentence with the words of a decision; a rationale may contain one too.

    `is_headed`: the claims administrator's guideline follows, so it is a decision. `is_phrase`: the request is a
    single phrase, so it may be one.
    """

    whole: Span
    request: Span
    verdict: Span
    number: int | None
    is_against: bool
    is_headed: bool
    is_phrase: bool


_Sentences = dict[int, _Sentence]


def applies(document: Document, rule: ItemRule, sections: dict[str, Span]) -> bool:
    """Whether the section contains a sentence with the words of a decision."""
    return bool(_find_candidates(document, rule, sections["decisions"]))


def read_items(document: Document, rule: ItemRule, sections: dict[str, Span]) -> list[Item]:
    """Return the decisions by their printed numbers.

    Raises `UnreadableError` (incomplete letter) if there is none, a number or a block is missing, or a block has
    no rationale.
    """
    section = sections["decisions"]
    candidates = _find_candidates(document, rule, section)
    sentences = _choose_sequence(document, candidates)
    flags = list(_flag_skipped(document, candidates, sentences))
    if rule.repeated_in is not None:
        repeated = _choose_sequence(document, _find_candidates(document, rule, sections[rule.repeated_in]))
        flags += _flag_differences(document, sentences, repeated)
        sentences = repeated | sentences
    if not sentences:
        raise_incomplete(document, "there is no decision in the section", "decisions", section.start)
    if "detail" in rule.patterns:
        blocks = _find_details(document, rule, sections.get("details", Span(0, 0)), sentences)
    else:
        starts = [sentence.whole.start for sentence in sentences.values()] + [section.end]
        blocks = {number: Span(sentence.whole.end, starts[number]) for number, sentence in sentences.items()}
    items = {n: _read_item(document, rule, n, sentences[n], blocks[n]) for n in sorted(sentences)}
    return [replace(item, flags=tuple(f for f in flags if f.decision_number == n)) for n, item in items.items()]


def find_labels(document: Document, rule: ItemRule, sections: dict[str, Span]) -> Iterator[Label]:
    """Yield the labels, and the first words of the sentences that serve as one."""
    span = sections["details" if "detail" in rule.patterns else "decisions"]
    for name, pattern in rule.labels.items():
        for match in pattern.finditer(document.text, span.start, span.end):
            yield Label(name, match.start(), match.end())


def _find_candidates(document: Document, rule: ItemRule, span: Span) -> list[_Sentence]:
    text, claims = document.text, rule.labels["claims_admin_guideline"]
    return [
        _Sentence(
            whole=Span(*match.span()),
            request=Span(*match.span("request")),
            verdict=Span(*match.span("verdict")),
            number=int(match["number"]) if match["number"] else None,
            is_against=match["against"] is not None,
            is_headed=claims.match(text, _skip_blanks(text, match.end()), span.end) is not None,
            is_phrase=not _SENTENCE_BREAK.search(match["request"]),
        )
        for match in rule.patterns["decision"].finditer(text, span.start, span.end)
    ]


def _skip_blanks(text: str, offset: int) -> int:
    following = text[offset : offset + 20]
    return offset + len(following) - len(following.lstrip())


def _choose_sequence(document: Document, candidates: list[_Sentence]) -> _Sentences:
    """Return the sentences numbered 1, 2, 3 ... in printed order; one without a number counts as the next.

    A list inside a rationale is skipped. Raises `UnreadableError` for a gap.
    """
    taken: _Sentences = {}
    left = candidates
    while True:
        number = len(taken) + 1
        fitting = [c for c in left if c.number in (number, None) and (c.is_headed or c.is_phrase)]
        chosen = next((c for c in fitting if c.is_headed), fitting[0] if fitting else None)
        if chosen is None:
            break
        taken[number] = chosen
        left = [c for c in left if c.whole.start > chosen.whole.start]
    lost = [c for c in candidates if c not in taken.values() and (c.is_headed or (c.number or 0) > len(taken) + 1)]
    if lost:
        detail = f"a decision is numbered {lost[0].number}, out of order"
        raise_incomplete(document, detail, "decisions", lost[0].whole.start)
    return taken


def _flag_skipped(document: Document, candidates: list[_Sentence], taken: _Sentences) -> Iterator[Flag]:
    """Yield a flag, at the last decision, for a sentence with the next number that seems to be its rationale's."""
    last = len(taken)
    for candidate in candidates:
        if last and candidate.number == last + 1 and candidate.whole.start > taken[last].whole.start:
            yield Flag("numbered_sentence_passed_over", read_span(document, candidate.whole), last)


def _flag_differences(document: Document, sentences: _Sentences, repeated: _Sentences) -> Iterator[Flag]:
    """Yield a flag for each decision that the letter's two lists print differently."""
    for number in sorted(sentences.keys() & repeated.keys()):
        one, other = sentences[number], repeated[number]
        requests = {read_span(document, s.request).casefold() for s in (one, other)}
        if len(requests) > 1 or one.is_against != other.is_against:
            printed = read_span(document, Span(other.request.start, other.verdict.end))
            yield Flag("decision_lists_differ", f"the cover says: {printed}", number)


def _find_details(document: Document, rule: ItemRule, span: Span, sentences: _Sentences) -> dict[int, Span]:
    """Return the block of each decision. Raises `UnreadableError` for a decision or a block without the other."""
    found = list(rule.patterns["detail"].finditer(document.text, span.start, span.end))
    blocks: dict[int, Span] = {}
    for match, block in zip(found, split_after(found, span.end), strict=True):
        number = int(match["number"])
        if number in blocks or number not in sentences:
            problem = "has two blocks" if number in blocks else "is in no list"
            raise_incomplete(document, f"decision {number} {problem}", "decisions", match.start())
        blocks[number] = block
    for number in sorted(sentences.keys() - blocks.keys()):
        detail = f"decision {number} has neither guidelines nor rationale: the letter ends before its block"
        raise_incomplete(document, detail, "rationale", len(document.text))
    return blocks


def _read_item(document: Document, rule: ItemRule, number: int, sentence: _Sentence, block: Span) -> Item:
    label = rule.labels["rationale"].search(document.text, block.start, block.end)
    if label is None:
        raise_incomplete(document, f"decision {number} has no rationale", "rationale", block.start)
    parts = _find_guidelines(document, rule, Span(block.start, label.start()))
    parts["rationale"] = Span(label.end(), block.end)
    texts: dict[str, Any] = {name: read_span(document, part) for name, part in parts.items()}
    if not texts["rationale"]:
        raise_incomplete(document, f"decision {number} has nothing after the label", "rationale", label.start())
    return Item(
        heading=read_span(document, sentence.request),
        outcome_printed=_read_outcome(document, sentence),
        **texts,
        page=document.find_page(sentence.request.start),
        spans={"treatment_requested": sentence.request, "outcome": sentence.verdict, **parts},
    )


def _read_outcome(document: Document, sentence: _Sentence) -> str:
    """Return the decision in the words of the vocabulary, or as printed if the request's words may turn it round."""
    if _NEGATION.search(read_span(document, sentence.request)):
        return read_span(document, Span(sentence.request.start, sentence.verdict.end))
    return NOT_NECESSARY if sentence.is_against else NECESSARY


def _find_guidelines(document: Document, rule: ItemRule, span: Span) -> dict[str, Span]:
    """Return what each side cites: its sentence up to the other's; a text in other words is the reviewer's.

    The wordings are known from descriptions only, so both sentences are optional.
    """
    heading = rule.labels.get("guidelines")
    if heading and (match := heading.search(document.text, span.start, span.end)):
        span = Span(match.end(), span.end)
    found = [(m, name) for name in _GUIDELINES if (m := rule.labels[name].search(document.text, span.start, span.end))]
    found.sort(key=lambda pair: pair[0].start())
    parts = dict.fromkeys(_GUIDELINES, Span(span.end, span.end))
    if not found:
        return parts | {"reviewer_guideline": span}
    spans = split_after([match for match, _ in found], span.end)
    return parts | dict(zip((name for _, name in found), spans, strict=True))
