"""The letter record: what the parser makes of one letter.

The keys are the warehouse's column names too (`warehouse/schema.py`); a letter that does not state
a fact has `None` there, never an empty string or a zero.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

PARSER_VERSION = "1"
"""Changes whenever the same bytes could give another record: the ledger reads such letters again."""


@dataclass(frozen=True)
class Flag:
    """Something odd inside a letter; it never drops the letter."""

    code: str
    detail: str
    decision_number: int | None = None


@dataclass(frozen=True)
class Citation:
    """What one side cites for one decision; `source` is MTUS, ODG, ACOEM or OTHER."""

    cited_by: str
    source: str
    raw: str
    title: str | None = None
    year: int | None = None
    sections: tuple[str, ...] = ()
    pages: str | None = None


@dataclass(frozen=True)
class Decision:
    """One disputed treatment with its outcome, as printed under the letter's decisions heading.

    `outcome` is `upheld`, `overturned` or `partially_overturned`; a word outside that vocabulary is
    kept as printed and flagged, so that a gate can name the letter. `page` is where its heading
    begins, counted from 1. A guideline is `None` where the letter, or its whole layout, prints none.
    """

    decision_number: int
    treatment_requested: str
    outcome: str
    is_modified: bool
    claims_admin_guideline: str | None
    reviewer_guideline: str | None
    rationale: str
    rationale_finding: str
    page: int
    original_request: str | None = None
    authorized_request: str | None = None
    disputed_request: str | None = None
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class LetterRecord:
    """One final determination letter, field by field (dates as `datetime.date`, age in years)."""

    letter_id: str
    source_name: str
    format: str
    parser_version: str
    extractor: str
    page_count: int
    case_number: str | None
    date_assigned: date | None
    date_of_injury: date | None
    decision_date: date | None
    ur_denial_date: date | None
    application_received: date | None
    priority: str | None
    licensure_states: tuple[str, ...]
    specialties: tuple[str, ...]
    patient_age: int | None
    patient_sex: str | None
    clinical_case_summary: str
    case_outcome: str
    decisions: tuple[Decision, ...]
    flags: tuple[Flag, ...] = ()

    def with_flags(self, flags: tuple[Flag, ...]) -> LetterRecord:
        """Return the same record with these flags."""
        return replace(self, flags=flags)

    def as_json(self) -> dict[str, Any]:
        """Return the record as JSON-ready values: ISO dates, lists for tuples."""
        return _jsonable(asdict(self))  # type: ignore[no-any-return]  # a dataclass gives a dict


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
