"""What must hold across the decisions of a batch before they are loaded."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN

NAME = "batch_decisions"


def suite() -> gx.ExpectationSuite:
    """Return the suite for a frame of `decisions` rows joined to their letters' case number and file name."""
    return gx.ExpectationSuite(
        NAME,
        expectations=[
            gxe.ExpectColumnValuesToBeInSet(
                column="outcome",
                value_set=["upheld", "overturned", "partially_overturned"],
                severity=BLOCK,
                notes="A decision in other words was kept as printed. If it is a new wording, add it to "
                "extract/letters/vocabulary/outcomes.csv.",
            ),
            gxe.ExpectColumnValueLengthsToBeBetween(
                column="treatment_requested",
                min_value=3,
                max_value=2000,
                severity=BLOCK,
                notes="A longer request has swallowed a rationale; a shorter one is a fragment.",
            ),
            gxe.ExpectCompoundColumnsToBeUnique(column_list=["letter_id", "decision_number"], severity=BLOCK),
            gxe.ExpectColumnValuesToBeInSet(
                column="rationale_finding",
                value_set=["necessary", "not_necessary"],
                mostly=0.9,
                severity=WARN,
                notes="What the rationale concludes could not be told from its words.",
            ),
        ],
    )
