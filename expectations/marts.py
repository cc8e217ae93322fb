"""What must hold across the marts, and against the version that is published, before they replace it."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK

DECISIONS = "marts_decisions"
MONTHS = "marts_months"


def decisions_suite(published_rows: int) -> gx.ExpectationSuite:
    """Return the suite for `fct_determinations`; `published_rows` is how many cases readers see today."""
    return gx.ExpectationSuite(
        DECISIONS,
        expectations=[
            gxe.ExpectTableRowCountToBeBetween(
                min_value=published_rows,
                severity=BLOCK,
                notes="A load never loses a case: letters are added or reissued.",
            ),
        ],
    )


def months_suite() -> gx.ExpectationSuite:
    """Return the suite for the months of `fct_outcomes_by_month` that hold enough decisions to judge."""
    return gx.ExpectationSuite(
        MONTHS,
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="overturn_rate",
                min_value=0.0,
                max_value=0.5,
                severity=BLOCK,
                notes="In every published year between 8 and 16 % of the decisions were overturned "
                "(domain.md 3.2). Over half means that outcomes were read wrongly.",
            ),
        ],
    )
