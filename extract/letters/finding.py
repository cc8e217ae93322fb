"""What a rationale itself concludes, to set beside the printed decision."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"(?<=[.?!])[\"'”’)]*\s+(?=[A-Z\"'“(])")
_DENIES = re.compile(
    r"\b(?:not|cannot)[\s-]+(?:\w+[\s-]+){0,6}?(?:necessary|necessity|appropriate|indicated|warranted|justified|supported|"
    r"recommended|established|approved|certified|authorized|reasonable|met)\b"
    r"|\b(?:non|un)-?\s?(?:certif|necess|warrant|support)\w*"
    r"|\bmedically\s+unnecessary\b|\bnot\s+a\s+medical\s+necessity\b|\black(?:s|ing)?\s+(?:of\s+)?medical\s+necessity\b"
    r"|\bnecessity\s+(?:\w+\s+){0,6}?not\s+\w+|\bnot\s+medically\b|\bdenied\b|\bis\s+upheld\b",
    re.IGNORECASE,
)
_GRANTS = re.compile(
    r"\bmedically\s+(?:necessary|appropriate|indicated|warranted|reasonable)\b"
    r"|\bmedical\s+necessity\s+(?:\w+\s+){0,6}?(?:established|demonstrated|supported|met)\b"
    r"|\b(?:is|are|was|were|be)\s+(?:\w+\s+){0,3}?(?:necessary|appropriate|warranted|indicated|certified|approved)\b"
    r"|\brecommendation\s+is\s+for\s+approval\b|\bis\s+overturned\b|\ba\s+medical\s+necessity\b",
    re.IGNORECASE,
)
_NECESSITY = re.compile(
    r"medical(?:ly)?\s+(?:un)?(?:necess\w+|appropriate|indicated|warranted|reasonable)", re.IGNORECASE
)


def read_finding(rationale: str) -> str:
    """Return `necessary`, `not_necessary` or `unclear`.

    Read from the last sentence that speaks of medical necessity, since boilerplate (on weaning from
    opioids, say) may follow the conclusion; where no sentence does, from the last that grants or denies.
    """
    sentences = [s for s in _SENTENCE.split(rationale) if s]
    concluding = [s for s in sentences if _NECESSITY.search(s)] or sentences
    for sentence in reversed(concluding):
        if _DENIES.search(sentence):
            return "not_necessary"
        if _GRANTS.search(sentence):
            return "necessary"
    return "unclear"
