"""Rules about the files of a batch: many failures mean that the reader is broken, not the files."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN, tolerant_share

NAME = "batch_files"
QUERY = "SELECT source_path, status, reason, field, detail, page FROM files ORDER BY status DESC, reason"


def build_suite(files: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of so many `files` rows with `result`: the reason, or else the status.

    (GX leaves nulls out of a share, so `reason` alone would not do.)
    """
    return gx.ExpectationSuite(
        NAME,
        expectations=[
            gxe.ExpectTableRowCountToBeBetween(
                min_value=1,
                severity=BLOCK,
                description="The batch has files",
                notes="A run without files ends before this gate, so run files are missing or truncated.",
            ),
            gxe.ExpectColumnValuesToNotBeInSet(
                column="result",
                value_set=["crashed", "timed_out"],
                mostly=tolerant_share(0.9, files),
                severity=BLOCK,
                description="Few files crashed their reader or timed out",
                notes="This many failures point to the reader, not to the letters: see the details. Loading the "
                "batch would quarantine all of these files.",
            ),
            gxe.ExpectColumnValuesToNotBeInSet(
                column="result",
                value_set=["outcome_not_understood", "implausible_fact", "case_number_malformed"],
                mostly=tolerant_share(0.9, files),
                severity=BLOCK,
                description="Few letters state what cannot be counted",
                notes="This many unknown outcomes, impossible facts or case numbers point to a new wording, to the "
                "grammar or to this machine's clock, not to the letters: see the details. Loading the batch would "
                "quarantine all of these letters.",
            ),
            gxe.ExpectColumnValuesToNotBeInSet(
                column="status",
                value_set=["quarantined"],
                mostly=tolerant_share(0.8, files),
                severity=WARN,
                description="Few files were quarantined",
                notes="The letters may have a new format, or the inbox may hold other files.",
            ),
        ],
    )
