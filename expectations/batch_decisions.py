"""Rules about the decisions of a batch."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN

NAME = "batch_decisions"
QUERY = (
    "SELECT source_name, decision_number, page, outcome, rationale_finding, "
    "length(treatment_requested) AS request_characters FROM decisions JOIN letters USING (letter_id)"
)


def build_suite() -> gx.ExpectationSuite:
    """Return the suite for a frame of `decisions` rows, joined to their letters.

    Additional columns: `request_characters` (length of the request) and `identity_kind` (kind of personal identifier
    found in a text that BI tools show, else null). Messages must not repeat the text itself.
    """
    return gx.ExpectationSuite(
        NAME,
        expectations=[
            gxe.ExpectColumnValuesToBeInSet(
                column="outcome",
                value_set=["upheld", "overturned", "partially_overturned"],
                severity=BLOCK,
                description="Each outcome is a known one",
                notes="An unknown outcome is kept as printed. If the wording is new, add it to "
                "extract/letters/vocabulary/outcomes.csv.",
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="request_characters",
                min_value=3,
                max_value=2000,
                severity=BLOCK,
                description="Each request has 3 to 2000 characters",
                notes="A longer request contains a rationale; a shorter one is a fragment.",
            ),
            gxe.ExpectColumnValuesToBeNull(
                column="identity_kind",
                severity=BLOCK,
                description="No request identifies a person",
                notes="Requests are published (Labor Code 4610.6). Have the letter redacted, and find out why the "
                "parser did not quarantine it as identity_found.",
            ),
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
