"""What must hold across a batch of letters before it is loaded."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN, least_share

NAME = "batch_letters"
QUERY = "SELECT case_number, source_name, format, decision_date, date_of_injury, case_outcome FROM letters"

FIRST_DECISION = datetime(2013, 1, 1)
"""No determination is older: review began with injuries of 2013 (Labor Code 4610.5)."""
OLDEST_INJURY = datetime(1940, 1, 1)
MOST_DECISIONS = 60
"""Of 194 real letters the longest has 21 disputed treatments (domain.md 1.5)."""
KEY_FIELDS = ("case_number", "decision_date", "date_of_injury", "ur_denial_date", "date_assigned")


def suite(today: date, letters: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of so many `letters` rows, with what `imr.pipeline.gates` adds to each.

    Besides the columns of the run file: `decision_count`; `shown_text_names` (the kind of identity that a
    text which BI tools will show holds, else null); `missing_<field>` (the format where a key field is null
    that its format requires, else null). Dates after `today`, plus a day for time zones, are refused.
    """
    tomorrow = datetime(today.year, today.month, today.day) + timedelta(days=1)
    return gx.ExpectationSuite(
        NAME, expectations=[*_identity(), *_dates(tomorrow), *_completeness(letters), *_counts()]
    )


def _identity() -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeUnique(
            column="letter_id",
            severity=BLOCK,
            description="A letter is in the batch once",
            notes="Raw keeps one letter of an id: the second would replace the first without a word.",
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="case_number",
            regex=r"^(?:CM|IMR)\s?-?\d{2}-\d{4,7}$",
            severity=BLOCK,
            description="A case number has the form of one",
            notes="A case number of another shape would found a case of its own.",
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["case_number", "decision_date"],
            ignore_row_if="any_value_is_missing",
            severity=WARN,
            description="A case is decided once a day",
            notes="Two letters of one case and day differ in their bytes: perhaps one was sent twice.",
        ),
        gxe.ExpectColumnValuesToBeNull(
            column="shown_text_names",
            severity=BLOCK,
            description="No file name and no specialty names a person",
            notes="Readers see both. Rename the file, or have the letter redacted (Labor Code 4610.6).",
        ),
    ]


def _dates(tomorrow: datetime) -> list[gxe.Expectation]:
    told = {
        "decision_date": (FIRST_DECISION, "A determination is dated after review began and before it is published."),
        "date_of_injury": (OLDEST_INJURY, "Nobody injured before then is at work; and no injury is yet to come."),
    }
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column=column,
            min_value=first,
            max_value=tomorrow,
            severity=BLOCK,
            description=f"Each {column} is between {first:%Y-%m-%d} and today",
            notes=notes,
        )
        for column, (first, notes) in told.items()
    ]


def _completeness(letters: int) -> list[gxe.Expectation]:
    """Return what the share of letters without a fact may be; a single one has its flag (field_missing)."""
    full = [
        gxe.ExpectColumnValuesToBeNull(
            column=f"missing_{field}",
            mostly=least_share(0.9, letters),
            severity=BLOCK,
            description=f"Nearly every letter whose format requires it states its {field}",
            notes="These letters always print it (domain.md 1.5): the format has changed, or its pattern is broken.",
        )
        for field in KEY_FIELDS
    ]
    return [
        *full,
        gxe.ExpectColumnValuesToNotBeNull(
            column="case_number",
            severity=WARN,
            description="Each letter has a case number",
            notes="Letters of 2013-14 may print none; they are kept under their own id and counted apart.",
        ),
    ]


def _counts() -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="decision_count",
            max_value=MOST_DECISIONS,
            severity=WARN,
            description=f"A letter disputes at most {MOST_DECISIONS} treatments",
            notes="The longest of 194 real letters has 21. Perhaps text was cut into requests.",
        ),
    ]
