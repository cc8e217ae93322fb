"""Rules about the decisions of a batch."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN

NAME = "batch_decisions"
QUERY = (
    "SELECT source_name, decision_number, page, outcome, rationale_finding "
    "FROM decisions JOIN letters USING (letter_id)"
)


def build_suite() -> gx.ExpectationSuite:
    """Return the suite for a frame of `decisions` rows, joined to their letters."""
    return gx.ExpectationSuite(
        NAME,
        expectations=[
            gxe.ExpectCompoundColumnsToBeUnique(
                column_list=["letter_id", "decision_number"],
                severity=BLOCK,
                description="Each decision is in the batch once",
                notes="Raw keeps one decision of a number: the second would silently replace the first.",
            ),
            gxe.ExpectColumnValuesToBeInSet(
                column="rationale_finding",
                value_set=["necessary", "not_necessary"],
                mostly=0.9,
                severity=WARN,
                description="At least 90% of the rationales state a finding",
                notes="The wording of the others is unknown: see extract/letters/vocabulary/finding.toml.",
            ),
        ],
    )
