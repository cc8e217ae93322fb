"""Reads what a rationale concludes, to compare with the printed decision."""

from __future__ import annotations

import re

from extract.letters.vocabularies import load_patterns

# Begins with a set of characters to which the search can skip.
_SENTENCE = re.compile(r"[\s\"'”’)](?<=[.?!][\s\S])(?:(?<=\s)\s*|(?<!\s)[\"'”’)]*\s+)(?=[A-Z\"'“(])")
_CLAUSE_BREAK = re.compile(r"[,;:]|\b(?:therefore|thus|hence|but|because|since|so that|and so)\b", re.IGNORECASE)


def read_finding(rationale: str) -> str:
    """Return `necessary`, `not_necessary` or `unclear`.

    Uses the last sentence about medical necessity, as other text (on weaning from opioids, say) may follow the
    conclusion. If there is none, uses the last sentence that grants or denies. A sentence that does both, or says it
    in a roundabout way, is unclear. The words are in `vocabulary/finding.toml`.
    """
    words = load_patterns("finding", re.IGNORECASE)
    sentences = [s for s in _SENTENCE.split(rationale) if s]
    concluding = [s for s in sentences if words["about_necessity"].search(s)] or sentences
    return next((found for s in reversed(concluding) if (found := _read_sentence(s))), "unclear")


def _read_sentence(sentence: str) -> str | None:
    """Return the finding of one sentence, `None` if it neither grants nor denies."""
    words = load_patterns("finding", re.IGNORECASE)
    granting = list(words["grants"].finditer(sentence))
    denies = words["denies"].search(sentence) is not None
    if not granting and not denies:
        return None
    grants = any(_is_plain(sentence, match) for match in granting)
    if grants == denies or words["doubts"].search(sentence):
        return "unclear"
    return "necessary" if grants else "not_necessary"


def _is_plain(sentence: str, grant: re.Match[str]) -> bool:
    """Whether nothing in the sentence negates a grant, and nothing in its clause limits it."""
    words = load_patterns("finding", re.IGNORECASE)
    breaks = [match.end() for match in _CLAUSE_BREAK.finditer(sentence, 0, grant.start())]
    clause = sentence[breaks[-1] if breaks else 0 : grant.end()]
    return not (
        words["negates"].search(sentence)
        or words["negates_in_clause"].search(clause)
        or words["limits"].match(sentence, grant.end())
    )
