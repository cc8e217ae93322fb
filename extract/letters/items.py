"""The blocks of disputed treatments: heading with decision, both guidelines, rationale (domain.md 1.5)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from extract.letters.modified import lacks_its_opening
from extract.letters.registry import LetterFormat
from extract.letters.sections import Span
from extract.lines import Document, tidy
from extract.reasons import Reason, UnreadableError


@dataclass(frozen=True)
class Item:
    """One block as printed: running text, the heading without its decision, and the page it begins on."""

    heading: str
    outcome_printed: str
    claims_admin_guideline: str
    reviewer_guideline: str
    rationale: str
    page: int
    heading_start_is_disputed: bool


@dataclass(frozen=True)
class _Label:
    name: str
    start: int
    end: int


def read_items(document: Document, letter_format: LetterFormat, span: Span) -> list[Item]:
    """Return the blocks of the decisions section, in printed order.

    Raises `UnreadableError` (incomplete letter) where there is none, or a block lacks a part.
    """
    blocks = list(_blocks(document, letter_format, span))
    items = []
    begin, disputed = _first_heading(document, span), False
    for number, (claims, reviewer, rationale) in enumerate(blocks, 1):
        if number < len(blocks):
            next_begin, next_disputed = _heading_start(document, rationale, blocks[number][0])
        else:
            next_begin, next_disputed = span.end, False
        heading, outcome = _split_heading(tidy(document.text[begin : claims.start]), document.page_at(begin), number)
        parts = {
            "claims_admin_guideline": tidy(document.text[claims.end : reviewer.start]),
            "reviewer_guideline": tidy(document.text[reviewer.end : rationale.start]),
            "rationale": tidy(document.text[rationale.end : next_begin]),
        }
        for name, text in parts.items():
            if not text:
                raise UnreadableError(
                    Reason.INCOMPLETE_LETTER,
                    f"decision {number} has nothing after the label",
                    field=name,
                    page=document.page_at(claims.start),
                )
        items.append(Item(heading, outcome, **parts, page=document.page_at(begin), heading_start_is_disputed=disputed))
        begin, disputed = next_begin, next_disputed
    return items


def _blocks(document: Document, letter_format: LetterFormat, span: Span) -> Iterator[tuple[_Label, _Label, _Label]]:
    """Yield the three labels of each block; any other order of labels is an incomplete letter."""
    labels = sorted(_labels(document, letter_format, span), key=lambda label: label.start)
    order = tuple(letter_format.labels)
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


def _labels(document: Document, letter_format: LetterFormat, span: Span) -> Iterator[_Label]:
    """Yield labels that begin a line, and begin it in bold where fonts are known."""
    for name, pattern in letter_format.labels.items():
        at_line_start = re.compile(rf"^{pattern.pattern}", pattern.flags | re.MULTILINE)
        for match in at_line_start.finditer(document.text, span.start, span.end):
            if document.lines[document.line_index(match.start())].begins_bold is not False:
                yield _Label(name, match.start(), match.end())


def _first_heading(document: Document, span: Span) -> int:
    """Return where the first block begins: the first printed character of the section."""
    printed = re.compile(r"\S").search(document.text, span.start, span.end)
    return printed.start() if printed else span.start


def _heading_start(document: Document, rationale: _Label, claims: _Label) -> tuple[int, bool]:
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


_WORD_ALONE = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)?\.?")


def _start_by_font(document: Document, first: int, last: int) -> int | None:
    at = last
    if at > first and not document.lines[at].begins_bold and _WORD_ALONE.fullmatch(document.lines[at].text):
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
def outcome_words() -> dict[str, str]:
    """Return the vocabulary of decisions: the printed words in lower case, and the outcome each means."""
    table = (files("extract.letters") / "vocabulary" / "outcomes.csv").read_text("utf-8")
    return {row["printed"]: row["outcome"] for row in csv.DictReader(table.splitlines())}


_LAST_COLON = re.compile(r"(?P<request>.*\S)\s*:\s*(?P<word>[A-Za-z]+(?: [A-Za-z]+){0,2})\.?")


def _split_heading(heading: str, page: int, number: int) -> tuple[str, str]:
    """Return the request and the decision as printed: split on the last colon, as requests hold colons too."""
    match = _LAST_COLON.fullmatch(heading)
    if match is None:
        raise UnreadableError(
            Reason.INCOMPLETE_LETTER,
            f"decision {number} has no decision word after its request, which ends in {heading[-40:]!r}",
            field="outcome",
            page=page,
        )
    return match["request"], match["word"]
