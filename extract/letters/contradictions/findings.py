"""Flags findings that a rationale denies although the summary states them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from extract.letters.contradictions.sentences import split_sentences
from extract.letters.vocabularies import FOLDER
from extract.record import Decision, Flag, LetterRecord


@dataclass(frozen=True)
class FindingWords:
    """`vocabulary/findings.toml`; the group of `denied` that matches names the finding, a key of `stated`."""

    denied: re.Pattern[str]
    stated: dict[str, re.Pattern[str]]
    quoted: re.Pattern[str]
    unaffirmed: re.Pattern[str]
    upper_half: re.Pattern[str]
    lower_half: re.Pattern[str]


@cache
def load_findings() -> FindingWords:
    """Return the words of the findings that are compared."""
    declared = tomllib.loads((FOLDER / "findings.toml").read_text("utf-8"))
    findings, denial = declared.pop("finding"), "|".join(declared.pop("denial"))
    named = "|".join(rf"(?P<{name}>{rule['denied']})" for name, rule in findings.items())
    return FindingWords(
        re.compile(rf"(?:{denial})(?:{named})"),
        {name: re.compile(rf"\b(?:{rule['stated']})", re.IGNORECASE) for name, rule in findings.items()},
        **{key: re.compile("|".join(listed), re.IGNORECASE) for key, listed in declared.items()},
    )


def flag_findings(record: LetterRecord) -> Iterator[Flag]:
    """Yield a flag for each decision whose rationale denies a finding of the summary."""
    words = load_findings()
    for decision in record.decisions:
        for finding in _find_denied(decision.rationale):
            if any(
                words.stated[finding].search(sentence)
                and not words.unaffirmed.search(sentence)
                and _may_concern(decision, sentence)
                for sentence in split_sentences(record.clinical_case_summary)
            ):
                detail = f"the rationale denies {finding.replace('_', ' ')}, which the summary states"
                yield Flag("finding", detail, decision.decision_number)
                break


def _find_denied(rationale: str) -> Iterator[str]:
    """Yield the name of each finding that a rationale denies in its own words."""
    words = load_findings()
    for denied in words.denied.finditer(rationale.lower()):
        sentence = rationale[rationale.rfind(". ", 0, denied.start()) + 1 : denied.end()]
        if not words.quoted.search(sentence):
            yield str(denied.lastgroup)


def _may_concern(decision: Decision, sentence: str) -> bool:
    """Whether a sentence is not about the other half of the spine and its limbs alone."""
    words = load_findings()
    request = decision.treatment_requested
    for own, other in ((words.upper_half, words.lower_half), (words.lower_half, words.upper_half)):
        if own.search(request) and not other.search(request):
            return bool(own.search(sentence) or not other.search(sentence))
    return True
