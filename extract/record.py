"""The letter record: the parser's result for one letter.

The keys are also the warehouse's column names (`warehouse/schema.py`). A fact that the letter does not state is
`None`, never an empty string or a zero.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

PARSER_VERSION = "3"
"""Raise it whenever the same bytes could give another record: the ledger then reads such letters again."""


@dataclass(frozen=True)
class Flag:
    """An anomaly inside a letter; the letter is kept."""

    code: str
    detail: str
    decision_number: int | None = None


@dataclass(frozen=True)
class Citation:
    """A source that one side cites for one decision; `source` is MTUS, ODG, ACOEM or OTHER.

    `edition` is what a letter prints beside the year: "3rd ed.", "updated 11/23/16", "accessed 1/5/2017".
    """

    cited_by: str
    source: str
    raw: str
    title: str | None = None
    year: int | None = None
    sections: tuple[str, ...] = ()
    pages: str | None = None
    edition: str | None = None


@dataclass(frozen=True)
class Decision:
    """One disputed treatment with its outcome, as printed under the letter's decisions heading.

    `outcome` is `upheld`, `overturned` or `partially_overturned`; any other word is kept as printed and flagged.
    `page` is where the heading begins, counted from 1. A guideline is `None` if the letter or its format prints
    none.
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
    """One final determination letter, field by field (dates as `datetime.date`, age in years).

    `rfa_date` is the date of the request for authorization. `diagnoses` and `complaints` are as printed.
    """

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
    rfa_date: date | None
    diagnoses: tuple[str, ...]
    complaints: tuple[str, ...]
    clinical_case_summary: str
    case_outcome: str
    decisions: tuple[Decision, ...]
    flags: tuple[Flag, ...] = ()

    def add_flags(self, flags: Iterable[Flag]) -> LetterRecord:
        """Return the same record with more flags."""
        return replace(self, flags=(*self.flags, *flags))

    def to_json(self) -> str:
        """Return the record as one line of JSON, with ISO dates."""
        return json.dumps(vars(self), ensure_ascii=False, default=_convert)


def _convert(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else vars(value)
