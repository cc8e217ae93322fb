"""Flags the left side in one place and the right one in another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from extract.letters.contradictions.sentences import split_sentences
from extract.letters.vocabularies import load_patterns
from extract.record import Flag, LetterRecord

_SIDE = re.compile(r"[LlRrBb](?:eft|ight|ilateral|oth)\b|LEFT|RIGHT|BILATERAL|BOTH")
_OTHER = {"left": "right", "right": "left"}
_FEWEST = 3
"""Mentions of one side that make a single mention of the other one an error."""


@dataclass(frozen=True)
class SidedPart:
    """A part of the body with a side, `left`, `right` or `both`, and the sentence that names it."""

    side: str
    part: str
    sentence: str

    @property
    def is_compared(self) -> bool:
        """Whether the sentence has words that bring in the other side."""
        return load_patterns("sides", re.IGNORECASE)["compared"].search(self.sentence) is not None

    @cached_property
    def is_diagnosis(self) -> bool:
        """Whether the sentence says what the worker is treated for."""
        return load_patterns("sides", re.IGNORECASE)["diagnosed"].search(self.sentence) is not None


Counts = dict[str, Counter[str]]
"""How often each side of a part is named."""


def flag_sides(record: LetterRecord) -> Iterator[Flag]:
    """Yield a flag for a side that a rationale or the summary turns."""
    summary = find_sides(record.clinical_case_summary)
    requested = [find_sides(decision.treatment_requested) for decision in record.decisions]
    every_request = [mention for mentions in requested for mention in mentions]
    diagnosed = [mention for mention in summary if mention.is_diagnosis]
    reported = [mention for mention in summary if not mention.is_diagnosis]
    for part, side, other in _find_turned(count_sides(diagnosed), count_sides(every_request), reported):
        if not any((m.side, m.part) == (side, part) for m in reported):  # an examination compares both sides
            yield Flag("side", f"{side} {part} diagnosed, the summary also says {other} {part}")
    for part, side, other in _find_odd_sides(summary, count_sides(every_request)):
        yield Flag("side", f"{side} {part} once, {other} {part} elsewhere")
    for decision, asked in zip(record.decisions, requested, strict=True):
        argued = find_sides(decision.rationale) if asked else []
        for part, side, other in _find_turned(count_sides(asked), count_sides(summary), argued):
            detail = f"{side} {part} requested, the rationale says {other} {part}"
            yield Flag("side", detail, decision.decision_number)


def _find_turned(named: Counts, also: Counts, later: list[SidedPart]) -> Iterator[tuple[str, str, str]]:
    """Yield (part, side, other side) of parts named with one side only, which later have the other one."""
    for part, sides in named.items():
        known = sides + also.get(part, Counter())
        for side, other in _OTHER.items():
            if sides[side] and not known[other] and not known["both"]:
                mentions = [m for m in later if m.part == part]
                turned = [m for m in mentions if m.side == other and not m.is_compared]
                if turned and not any(m.side == "both" for m in mentions):
                    yield part, side, other


def _find_odd_sides(summary: list[SidedPart], requested: Counts) -> Iterator[tuple[str, str, str]]:
    """Yield (part, side, other side) of parts whose side differs in a single place of the summary."""
    for part, sides in count_sides(summary).items():
        total = sides + requested.get(part, Counter())
        for side, other in _OTHER.items():
            if sides[side] == total[side] == 1 and total[other] >= _FEWEST and not total["both"]:
                odd = next(m for m in summary if (m.side, m.part) == (side, part))
                if not odd.is_compared and not odd.is_diagnosis:
                    yield part, side, other


def find_sides(text: str) -> list[SidedPart]:
    """Return every part of the body that a text names with a side, in printed order."""
    if not _SIDE.search(text):  # the usual case, without splitting
        return []
    pattern = load_patterns("sides", re.IGNORECASE)["side"]
    return [
        SidedPart(
            "both" if (side := match["side"].lower()) in {"both", "bilateral"} else side,
            match["part"].lower().replace("feet", "foot"),
            sentence,
        )
        for sentence in split_sentences(text)
        if _SIDE.search(sentence)
        for match in pattern.finditer(sentence)
    ]


def count_sides(mentions: list[SidedPart]) -> Counts:
    """Return how often each side of a part is named."""
    counts: Counts = {}
    for mention in mentions:
        counts.setdefault(mention.part, Counter())[mention.side] += 1
    return counts
