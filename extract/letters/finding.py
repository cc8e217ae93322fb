"""Reads what a rationale concludes, to compare with the printed decision."""

from __future__ import annotations

import re

from extract.letters.vocabularies import load_patterns

_SENTENCE = re.compile(r"(?<=[.?!])[\"'”’)]*\s+(?=[A-Z\"'“(])")


def read_finding(rationale: str) -> str:
    """Return `necessary`, `not_necessary` or `unclear`.

    Uses the last sentence about medical necessity, as other text (on weaning from opioids, say) may follow the
    conclusion. If there is none, uses the last sentence that grants or denies. The words are in
    `vocabulary/finding.toml`.
    """
    words = load_patterns("finding", re.IGNORECASE)
    sentences = [s for s in _SENTENCE.split(rationale) if s]
    concluding = [s for s in sentences if words["about_necessity"].search(s)] or sentences
    for sentence in reversed(concluding):
        if words["denies"].search(sentence):
            return "not_necessary"
        if words["grants"].search(sentence):
            return "necessary"
    return "unclear"
