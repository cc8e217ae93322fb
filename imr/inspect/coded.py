"""What the warehouse codes of a letter."""

from __future__ import annotations

from dataclasses import dataclass

from extract.record import Flag


@dataclass(frozen=True)
class CodedReason:
    """A reason of a decision, with the rule that found it and the sentence of the rationale that it rests on."""

    decision_number: int
    reason_name: str
    rule_id: str
    sentence: str | None


@dataclass(frozen=True)
class CodedLetter:
    """The reasons of a letter's decisions, the deciding one first, and the contradictions that only coding shows."""

    reasons: tuple[CodedReason, ...] = ()
    contradictions: tuple[Flag, ...] = ()
