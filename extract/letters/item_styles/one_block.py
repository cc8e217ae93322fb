"""One block: the requests in a list, then one guideline text and one rationale for all of them (domain.md 1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.letters.finding import read_finding
from extract.letters.item_styles.item import (
    NECESSARY,
    NOT_NECESSARY,
    Item,
    Label,
    raise_incomplete,
    read_span,
    split_after,
    trim_start,
)
from extract.letters.registry import ItemRule
from extract.letters.sections import Span
from extract.lines import Document
from extract.record import Flag

_PRINTED = {"necessary": NECESSARY, "not_necessary": NOT_NECESSARY}
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z“\"(])")
_CONCLUDES = re.compile(r"\bmedically\s+(?:un)?necessary\b|\bmedical\s+necessity\b", re.IGNORECASE)


def applies(document: Document, rule: ItemRule, sections: dict[str, Span]) -> bool:
    """Whether the letter has the list of requests."""
    return bool(read_span(document, sections["requests"]))


def find_labels(document: Document, rule: ItemRule, sections: dict[str, Span]) -> Iterator[Label]:
    """Yield nothing: headings separate the parts."""
    return iter(())


def read_items(document: Document, rule: ItemRule, sections: dict[str, Span]) -> list[Item]:
    """Return the requests in printed order, each with the shared guideline text and rationale.

    The decision is the rationale's conclusion, as its heading contains "not medically necessary" in every letter. Each
    is flagged as inferred.
    Raises `UnreadableError` (incomplete letter) if a text is missing, or the conclusion is unclear or not the
    same for all requests.
    """
    texts = {name: read_span(document, sections[name]) for name in ("requests", "guidelines", "rationale")}
    names = {"requests": "treatment_requested", "guidelines": "reviewer_guideline"}
    for name, text in texts.items():
        if not text:
            raise_incomplete(document, "the section is empty", names.get(name, name), sections[name].start)
    requests = _find_requests(document, rule, sections["requests"])
    findings = _find_conclusions(texts["rationale"], len(requests))
    if len(findings) != 1 or not findings <= _PRINTED.keys():
        detail = f"the decision depends on the rationale, which concludes {' and '.join(sorted(findings))}"
        raise_incomplete(document, detail, "outcome", sections["rationale"].start)
    shared = {"reviewer_guideline": sections["guidelines"], "rationale": sections["rationale"]}
    return [
        Item(
            heading=read_span(document, request),
            outcome_printed=_PRINTED[next(iter(findings))],
            claims_admin_guideline="",
            reviewer_guideline=texts["guidelines"],
            rationale=texts["rationale"],
            page=document.find_page(request.start),
            flags=(Flag("outcome_inferred", "no decision is printed: it is the rationale's conclusion", number),),
            spans={"treatment_requested": request, **shared},
        )
        for number, request in enumerate(requests, 1)
    ]


def _find_requests(document: Document, rule: ItemRule, span: Span) -> list[Span]:
    """Return the entries of a numbered list; a text that is not one is a single request."""
    entry = rule.patterns.get("entry")
    found = list(entry.finditer(document.text, span.start, span.end)) if entry else []
    if not found or [int(match["number"]) for match in found] != list(range(1, len(found) + 1)):
        return [trim_start(document, span)]
    return split_after(found, span.end)


def _find_conclusions(rationale: str, requests: int) -> set[str]:
    """Return what a rationale concludes: for several requests, what each sentence does, as they may differ."""
    whole = read_finding(rationale)
    if requests == 1:
        return {whole}
    sentences = (s for s in _SENTENCE.split(rationale) if _CONCLUDES.search(s))
    return {read_finding(s) for s in sentences} - {"unclear"} | {whole}
