"""Rules about the letters of a batch."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN, tolerant_share

NAME = "batch_letters"
QUERY = "SELECT case_number, source_name, format, decision_date, date_of_injury, case_outcome FROM letters"

FIRST_DECISION = datetime(2013, 1, 1)
"""Review began with injuries of 2013 (Labor Code 4610.5)."""
OLDEST_INJURY = datetime(1940, 1, 1)
MAX_DECISIONS = 60
"""Of 194 real letters the longest has 21 disputed treatments (domain.md 1.5)."""
KEY_FIELDS = ("case_number", "decision_date", "date_of_injury", "ur_denial_date", "date_assigned")


def build_suite(today: date, letters: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of so many `letters` rows.

    Additional columns: `decision_count`; `identity_kind` (kind of personal identifier found in a text that BI tools
    show, else null); `missing_<field>` (the format, if it requires this key field and the letter does not state it,
    else null).
    """
    tomorrow = datetime(today.year, today.month, today.day) + timedelta(days=1)  # reviewers' time zones differ
    return gx.ExpectationSuite(NAME, expectations=[*_identity_rules(), *_fact_rules(tomorrow, letters)])


def _identity_rules() -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeUnique(
            column="letter_id",
            severity=BLOCK,
            description="Each letter is in the batch once",
            notes="Raw keeps one letter of an id: the second would silently replace the first.",
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="case_number",
            regex=r"^(?:CM|IMR)\s?-?\d{2}-\d{4,7}$",
            severity=BLOCK,
            description="Each case number is well formed",
            notes="A malformed case number would create a case of its own.",
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["case_number", "decision_date"],
            ignore_row_if="any_value_is_missing",
            severity=WARN,
            description="Each case has one letter per decision date",
            notes="The files differ in their bytes: the same letter may have been sent twice.",
        ),
        gxe.ExpectColumnValuesToBeNull(
            column="identity_kind",
            severity=BLOCK,
            description="No file name and no specialty identifies a person",
            notes="Both are published. Rename the file, or have the letter redacted (Labor Code 4610.6).",
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="case_number",
            severity=WARN,
            description="Each letter has a case number",
            notes="Letters of 2013-14 may print none; they are kept under their own id and counted separately.",
        ),
    ]


def _fact_rules(tomorrow: datetime, letters: int) -> list[gxe.Expectation]:
    dates = [
        gxe.ExpectColumnValuesToBeBetween(
            column=column,
            min_value=first,
            max_value=tomorrow,
            severity=BLOCK,
            description=f"Each {column} is between {first:%Y-%m-%d} and today",
            notes="The date was printed wrongly or read wrongly: compare it with the page.",
        )
        for column, first in (("decision_date", FIRST_DECISION), ("date_of_injury", OLDEST_INJURY))
    ]
    completeness = [
        gxe.ExpectColumnValuesToBeNull(
            column=f"missing_{field}",
            mostly=tolerant_share(0.9, letters),  # a single such letter has a flag (field_missing)
            severity=BLOCK,
            description=f"Nearly every letter whose format requires it states its {field}",
            notes="These letters always print it (domain.md 1.5): the format has changed, or its pattern is broken.",
        )
        for field in KEY_FIELDS
    ]
    return [
        *dates,
        *completeness,
        gxe.ExpectColumnValuesToBeBetween(
            column="decision_count",
            max_value=MAX_DECISIONS,
            severity=WARN,
            description=f"Each letter disputes at most {MAX_DECISIONS} treatments",
            notes="The longest of 194 real letters has 21. Other text may have been split into requests.",
        ),
    ]
