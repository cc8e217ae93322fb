"""Finds what the published version has coded of a letter."""

from __future__ import annotations

from extract.record import Flag
from imr.inspect.coded import CodedLetter, CodedReason
from warehouse.query import query_contents
from warehouse.versions.base import Version

_REASONS = """
SELECT decisions.decision_number, names.reason_name, reasons.reason_rule_id AS rule_id, reasons.sentence
FROM raw.decision_reasons AS reasons
INNER JOIN marts.fct_decisions AS decisions ON reasons.decision_key = decisions.decision_key
INNER JOIN marts.dim_reasons AS names ON reasons.reason = names.reason
WHERE reasons.letter_id = '{letter_id}'
ORDER BY decisions.decision_number, reasons.reason_order
"""
_CONTRADICTIONS = """
SELECT flag_kind AS code, flag_detail AS detail, decision_number
FROM marts.fct_flags
WHERE letter_id = '{letter_id}' AND is_contradiction
    AND flag_kind NOT IN (SELECT code FROM raw.flags WHERE letter_id = '{letter_id}')
ORDER BY ALL
"""


def find_coded(version: Version | None, letter_id: str) -> CodedLetter:
    """Return what is coded of a letter; nothing if it is not published."""
    if version is None or not letter_id.isalnum():
        return CodedLetter()
    reasons, contradictions = (
        query_contents(version.contents, sql.format(letter_id=letter_id)).to_pylist()
        for sql in (_REASONS, _CONTRADICTIONS)
    )
    return CodedLetter(tuple(CodedReason(**row) for row in reasons), tuple(Flag(**row) for row in contradictions))
