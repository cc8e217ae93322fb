"""One block: the requests in a list, then one guideline text and one rationale for them all (domain.md 1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.letters.finding import read_finding
from extract.letters.item_styles.item import NECESSARY, NOT_NECESSARY, Item, Label, below, incomplete, text_of
from extract.letters.registry import ItemRule
from extract.letters.sections import Span
from extract.lines import Document

_PRINTED = {"necessary": NECESSARY, "not_necessary": NOT_NECESSARY}
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z“\"(])")
_CONCLUDES = re.compile(r"\bmedically\s+(?:un)?necessary\b|\bmedical\s+necessity\b", re.IGNORECASE)


def applies(document: Document, rule: ItemRule, sections: dict[str, Span]) -> bool:
    """Whether the letter has the list of requests."""
    return bool(text_of(document, sections["requests"]))


def find_labels(document: Document, rule: ItemRule, sections: dict[str, Span]) -> Iterator[Label]:
    """Yield nothing: headings part these blocks."""
    return iter(())


def read_items(document: Document, rule: ItemRule, sections: dict[str, Span]) -> list[Item]:
    """Return the requests in printed order, each with the guideline text and the rationale of them all.

    The decision is what the rationale concludes; the rationale's heading says "not medically necessary" in
    every letter. Raises `UnreadableError` (incomplete letter) where a text is missing, or where the
    conclusion is unclear or not the same for all.
    """
    texts = {name: text_of(document, sections[name]) for name in ("requests", "guidelines", "rationale")}
    names = {"requests": "treatment_requested", "guidelines": "reviewer_guideline"}
    for name, text in texts.items():
        if not text:
            raise incomplete(document, "nothing stands under the heading", names.get(name, name), sections[name].start)
    requests = _requests(document, rule, sections["requests"])
    findings = _conclusions(texts["rationale"], len(requests))
    if len(findings) != 1 or not findings <= _PRINTED.keys():
        raise incomplete(
            document,
            f"the rationale alone tells the decision, and it concludes {' and '.join(sorted(findings))}",
            "outcome",
            sections["rationale"].start,
        )
    shared = {"reviewer_guideline": sections["guidelines"], "rationale": sections["rationale"]}
    return [
        Item(
            heading=text_of(document, request),
            outcome_printed=_PRINTED[next(iter(findings))],
            claims_admin_guideline="",
            reviewer_guideline=texts["guidelines"],
            rationale=texts["rationale"],
            page=document.page_at(request.start),
            spans={"treatment_requested": request, **shared},
        )
        for request in requests
    ]


def _requests(document: Document, rule: ItemRule, span: Span) -> list[Span]:
    """Return the entries of a numbered list; a text without one is a single request."""
    entry = rule.patterns.get("entry")
    found = list(entry.finditer(document.text, span.start, span.end)) if entry else []
    printed = re.compile(r"\S").search(document.text, span.start, span.end)
    start = printed.start() if printed else span.start
    if [int(match["number"]) for match in found] != list(range(1, len(found) + 1)) or not found:
        return [Span(start, span.end)]
    return below(found, span.end)


def _conclusions(rationale: str, requests: int) -> set[str]:
    """Return what a rationale concludes: of several requests each sentence's word, as they may differ."""
    whole = read_finding(rationale)
    if requests == 1:
        return {whole}
    told = {read_finding(s) for s in _SENTENCE.split(rationale) if _CONCLUDES.search(s)} - {"unclear"}
    return told | {whole}
