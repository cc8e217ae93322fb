"""What must hold across the decisions of a batch before they are loaded."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN

NAME = "batch_decisions"
QUERY = (
    "SELECT source_name, decision_number, page, outcome, rationale_finding, "
    "length(treatment_requested) AS request_characters FROM decisions JOIN letters USING (letter_id)"
)


def suite() -> gx.ExpectationSuite:
    """Return the suite for a frame of `decisions` rows joined to their letters, with what `imr.pipeline.gates` adds.

    `request_characters` is the length of the request; `shown_text_names` the kind of identity that a text
    which BI tools will show holds, else null. Neither repeats the text: a message is read by many.
    """
    return gx.ExpectationSuite(
        NAME,
        expectations=[
            gxe.ExpectColumnValuesToBeInSet(
                column="outcome",
                value_set=["upheld", "overturned", "partially_overturned"],
                severity=BLOCK,
                description="Each decision is in words that are known",
                notes="A decision in other words was kept as printed. If it is a new wording, add it to "
                "extract/letters/vocabulary/outcomes.csv.",
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="request_characters",
                min_value=3,
                max_value=2000,
                severity=BLOCK,
                description="Each request has the length of one",
                notes="A longer request has swallowed a rationale; a shorter one is a fragment.",
            ),
            gxe.ExpectColumnValuesToBeNull(
                column="shown_text_names",
                severity=BLOCK,
                description="No request names a person",
                notes="Readers see requests (Labor Code 4610.6). Have the letter redacted, and see why the parser "
                "did not refuse it as identity_found.",
            ),
            gxe.ExpectCompoundColumnsToBeUnique(
                column_list=["letter_id", "decision_number"],
                severity=BLOCK,
                description="A decision is in the batch once",
                notes="Raw keeps one decision of a number: the second would replace the first without a word.",
            ),
            gxe.ExpectColumnValuesToBeInSet(
                column="rationale_finding",
                value_set=["necessary", "not_necessary"],
                mostly=0.9,
                severity=WARN,
                description="Nearly every rationale says what it finds",
                notes="What the others conclude could not be told: see extract/letters/vocabulary/finding.toml.",
            ),
        ],
    )
