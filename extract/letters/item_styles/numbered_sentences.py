"""Numbered sentences: `1. X is not medically necessary and appropriate.` (domain.md 1.2, 1.3).

What belongs to a decision follows its sentence or, where the format declares a `detail` pattern, stands
in a numbered block of its own further down. The guidelines are sentences; the rationale has a label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from extract.letters.item_styles.item import NECESSARY, NOT_NECESSARY, Item, Label, below, incomplete, text_of
from extract.letters.registry import ItemRule
from extract.letters.sections import Span
from extract.lines import Document
from extract.record import Flag

_GUIDELINES = ("claims_admin_guideline", "reviewer_guideline")
_SENTENCE_BREAK = re.compile(r"[.?!][\"'”’)\]]*\s+(?=[A-Z])")


@dataclass(frozen=True)
class _Sentence:
    """A sentence with the words of a decision; a rationale may hold such a one too.

    `is_headed`: the claims administrator's guideline follows, so it is a decision. `is_phrase`: the
    request is no more than a phrase, so it may well be one.
    """

    number: int | None
    request: Span
    verdict: Span
    is_against: bool
    start: int
    end: int
    is_headed: bool
    is_phrase: bool


def applies(document: Document, rule: ItemRule, sections: dict[str, Span]) -> bool:
    """Whether the section has a deciding sentence."""
    return bool(_candidates(document, rule, sections["decisions"]))


def read_items(document: Document, rule: ItemRule, sections: dict[str, Span]) -> list[Item]:
    """Return the decisions by their printed numbers.

    Raises `UnreadableError` (incomplete letter) where there is none, a number or a block is missing, or a
    block lacks its rationale.
    """
    candidates = _candidates(document, rule, sections["decisions"])
    sentences = _in_sequence(document, candidates)
    flags = list(_passed_over(document, candidates, sentences))
    if rule.repeated_in is not None:
        repeated = _in_sequence(document, _candidates(document, rule, sections[rule.repeated_in]))
        flags += _differences(document, sentences, repeated)
        sentences = repeated | sentences
    if not sentences:
        raise incomplete(document, "no decision stands in the section", "decisions", sections["decisions"].start)
    if "detail" in rule.patterns:
        blocks = _blocks_apart(document, rule, sections.get("details", Span(0, 0)), sentences)
    else:
        blocks = _blocks_below(sentences, sections["decisions"].end)
    items = {n: _item(document, rule, n, sentences[n], blocks[n]) for n in sorted(sentences)}
    return [replace(item, flags=tuple(f for f in flags if f.decision_number == n)) for n, item in items.items()]


def find_labels(document: Document, rule: ItemRule, sections: dict[str, Span]) -> Iterator[Label]:
    """Yield what parts the blocks: the labels, and the first words of sentences that stand for one."""
    span = sections["details" if "detail" in rule.patterns else "decisions"]
    for name, pattern in rule.labels.items():
        for match in pattern.finditer(document.text, span.start, span.end):
            yield Label(name, match.start(), match.end())


def _candidates(document: Document, rule: ItemRule, span: Span) -> list[_Sentence]:
    found = []
    claims = rule.labels["claims_admin_guideline"]
    for match in rule.patterns["decision"].finditer(document.text, span.start, span.end):
        followed = claims.match(document.text, match.end() + _blanks_at(document.text, match.end()), span.end)
        found.append(
            _Sentence(
                number=int(match["number"]) if match["number"] else None,
                request=Span(*match.span("request")),
                verdict=Span(*match.span("verdict")),
                is_against=match["against"] is not None,
                start=match.start(),
                end=match.end(),
                is_headed=followed is not None,
                is_phrase=not _SENTENCE_BREAK.search(match["request"]),
            )
        )
    return found


def _blanks_at(text: str, offset: int) -> int:
    return len(text[offset : offset + 20]) - len(text[offset : offset + 20].lstrip())


def _in_sequence(document: Document, candidates: list[_Sentence]) -> dict[int, _Sentence]:
    """Return the sentences numbered 1, 2, 3 ... in printed order; one without a number counts as the next.

    A list inside a rationale is passed over. Raises `UnreadableError` for a gap.
    """
    taken: dict[int, _Sentence] = {}
    left = candidates
    while True:
        number = len(taken) + 1
        fitting = [c for c in left if c.number in (number, None) and (c.is_headed or c.is_phrase)]
        chosen = next((c for c in fitting if c.is_headed), fitting[0] if fitting else None)
        if chosen is None:
            break
        taken[number] = chosen
        left = [c for c in left if c.start > chosen.start]
    lost = [c for c in candidates if c not in taken.values() and (c.is_headed or (c.number or 0) > len(taken) + 1)]
    if lost:
        raise incomplete(document, f"a decision is numbered {lost[0].number}, out of order", "decisions", lost[0].start)
    return taken


def _passed_over(document: Document, candidates: list[_Sentence], taken: dict[int, _Sentence]) -> Iterator[Flag]:
    """Yield a flag, at the last decision, for a sentence that has the next number but reads as its rationale's."""
    last = len(taken)
    for candidate in candidates:
        if last and candidate.number == last + 1 and candidate.start > taken[last].start:
            told = text_of(document, Span(candidate.start, candidate.end))
            yield Flag("numbered_sentence_passed_over", told, last)


def _differences(document: Document, sentences: dict[int, _Sentence], repeated: dict[int, _Sentence]) -> Iterator[Flag]:
    """Yield a flag for each decision that the letter's two lists print differently."""
    for number in sorted(sentences.keys() & repeated.keys()):
        one, other = sentences[number], repeated[number]
        told = [text_of(document, s.request).casefold() for s in (one, other)]
        if told[0] != told[1] or one.is_against != other.is_against:
            printed = text_of(document, Span(other.request.start, other.verdict.end))
            yield Flag("decision_lists_differ", f"the cover says: {printed}", number)


def _blocks_below(sentences: dict[int, _Sentence], end: int) -> dict[int, Span]:
    """Return what follows each sentence, up to the next."""
    starts = [sentence.start for sentence in sentences.values()] + [end]
    return {number: Span(sentence.end, starts[number]) for number, sentence in sentences.items()}


def _blocks_apart(document: Document, rule: ItemRule, span: Span, sentences: dict[int, _Sentence]) -> dict[int, Span]:
    """Return the block of each decision; raises `UnreadableError` where one has none, or a block no decision."""
    found = list(rule.patterns["detail"].finditer(document.text, span.start, span.end))
    blocks: dict[int, Span] = {}
    for match, block in zip(found, below(found, span.end), strict=True):
        number = int(match["number"])
        if number in blocks or number not in sentences:
            what = "has two blocks" if number in blocks else "is in no list"
            raise incomplete(document, f"decision {number} {what}", "decisions", match.start())
        blocks[number] = block
    for number in sorted(sentences.keys() - blocks.keys()):
        raise incomplete(
            document,
            f"decision {number} has neither guidelines nor rationale: the letter ends before its block",
            "rationale",
            len(document.text),
        )
    return blocks


def _item(document: Document, rule: ItemRule, number: int, sentence: _Sentence, block: Span) -> Item:
    label = rule.labels["rationale"].search(document.text, block.start, block.end)
    if label is None:
        raise incomplete(document, f"decision {number} has no rationale", "rationale", block.start)
    guidelines = _guidelines(document, rule, Span(block.start, label.start()))
    rationale = Span(label.end(), block.end)
    if not (text := text_of(document, rationale)):
        raise incomplete(document, f"decision {number} has nothing after the label", "rationale", label.start())
    return Item(
        heading=text_of(document, sentence.request),
        outcome_printed=NOT_NECESSARY if sentence.is_against else NECESSARY,
        claims_admin_guideline=text_of(document, guidelines["claims_admin_guideline"]),
        reviewer_guideline=text_of(document, guidelines["reviewer_guideline"]),
        rationale=text,
        page=document.page_at(sentence.request.start),
        spans={
            "treatment_requested": sentence.request,
            "outcome": sentence.verdict,
            **guidelines,
            "rationale": rationale,
        },
    )


def _guidelines(document: Document, rule: ItemRule, span: Span) -> dict[str, Span]:
    """Return what each side cites: its sentence up to the other's; a text in other words is the reviewer's.

    The wordings are known from descriptions only, so that neither sentence has to be there.
    """
    heading = rule.labels.get("guidelines")
    if heading and (match := heading.search(document.text, span.start, span.end)):
        span = Span(match.end(), span.end)
    found = {
        name: match for name in _GUIDELINES if (match := rule.labels[name].search(document.text, span.start, span.end))
    }
    if not found:
        found_spans = {"reviewer_guideline": span}
    else:
        names = sorted(found, key=lambda name: found[name].start())
        found_spans = dict(zip(names, below([found[name] for name in names], span.end), strict=True))
    return {name: found_spans.get(name, Span(span.end, span.end)) for name in _GUIDELINES}
