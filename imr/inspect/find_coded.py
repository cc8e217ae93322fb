"""Finds what the published version has coded of a letter."""

from __future__ import annotations

from imr.inspect.coded import CodedReason
from warehouse.query import query
from warehouse.versions.base import Version

_REASONS = """
SELECT decisions.decision_number, names.reason_name, reasons.reason_rule_id AS rule_id, reasons.sentence
FROM intermediate.int_decision_reasons AS reasons
INNER JOIN staging.stg_imr__decisions AS decisions ON reasons.decision_key = decisions.decision_key
INNER JOIN marts.dim_reasons AS names ON reasons.reason = names.reason
WHERE reasons.letter_id = '{letter_id}'
ORDER BY decisions.decision_number, reasons.reason_order
"""


def find_reasons(version: Version | None, letter_id: str) -> list[CodedReason]:
    """Return the reasons of a letter's decisions, the deciding one first; none if the letter is not published."""
    if version is None or not letter_id.isalnum():
        return []
    return [CodedReason(**row) for row in query(version.full, _REASONS.format(letter_id=letter_id)).to_pylist()]
