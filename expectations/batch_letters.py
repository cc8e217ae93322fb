"""What must hold across a batch of letters before it is loaded."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN

NAME = "batch_letters"
FIRST_DECISION = datetime(2013, 1, 1)
"""No determination is older: review began with injuries of 2013 (Labor Code 4610.5)."""


def suite(today: date) -> gx.ExpectationSuite:
    """Return the suite for a frame of `letters` rows; dates after `today` (plus a day, for zones) are refused."""
    tomorrow = datetime(today.year, today.month, today.day) + timedelta(days=1)
    return gx.ExpectationSuite(
        NAME,
        expectations=[
            gxe.ExpectColumnValuesToBeUnique(column="letter_id", severity=BLOCK),
            gxe.ExpectColumnValuesToMatchRegex(
                column="case_number",
                regex=r"^(?:CM|IMR)\s?-?\d{2}-\d{4,7}$",
                severity=BLOCK,
                notes="A case number of another shape would found a case of its own.",
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="decision_date",
                min_value=FIRST_DECISION,
                max_value=tomorrow,
                severity=BLOCK,
                notes="A determination is dated after review began and before it is published.",
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="date_of_injury",
                min_value=datetime(1940, 1, 1),
                max_value=tomorrow,
                severity=BLOCK,
            ),
            gxe.ExpectColumnValuesToNotBeNull(
                column="case_number",
                severity=WARN,
                notes="Letters of 2013-14 may print none; they are kept under their own id and counted apart.",
            ),
        ],
    )
