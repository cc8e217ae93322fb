"""What a rationale itself concludes, to set beside the printed decision."""

from __future__ import annotations

import re

from extract.letters.vocabularies import patterns

_SENTENCE = re.compile(r"(?<=[.?!])[\"'”’)]*\s+(?=[A-Z\"'“(])")


def read_finding(rationale: str) -> str:
    """Return `necessary`, `not_necessary` or `unclear`.

    Read from the last sentence that speaks of medical necessity, since boilerplate (on weaning from
    opioids, say) may follow the conclusion; where no sentence does, from the last that grants or denies.
    The words are in `vocabulary/finding.toml`.
    """
    words = patterns("finding", re.IGNORECASE)
    sentences = [s for s in _SENTENCE.split(rationale) if s]
    concluding = [s for s in sentences if words["about_necessity"].search(s)] or sentences
    for sentence in reversed(concluding):
        if words["denies"].search(sentence):
            return "not_necessary"
        if words["grants"].search(sentence):
            return "necessary"
    return "unclear"
