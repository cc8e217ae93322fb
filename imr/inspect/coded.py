"""What the warehouse codes of a letter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CodedReason:
    """A reason of a decision, with the rule that found it and the sentence of the rationale that it rests on."""

    decision_number: int
    reason_name: str
    rule_id: str
    sentence: str | None
