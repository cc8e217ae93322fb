"""What must hold across the files of a batch: a reader that fails on many of them is broken itself."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN, least_share

NAME = "batch_files"
QUERY = "SELECT source_path, status, reason, field, detail, page FROM files ORDER BY status DESC, reason"


def suite(files: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of `files` rows with `ended` (the reason, else the status) on each.

    `files` is how many rows there are. (GX leaves nulls out of a share, so `reason` alone would not do.)
    """
    return gx.ExpectationSuite(
        NAME,
        expectations=[
            gxe.ExpectTableRowCountToBeBetween(
                min_value=1,
                severity=BLOCK,
                description="The batch has files",
                notes="A load without a file does not come this far: the run files are not there, or not whole.",
            ),
            gxe.ExpectColumnValuesToNotBeInSet(
                column="ended",
                value_set=["crashed", "timed_out"],
                mostly=least_share(0.9, files),
                severity=BLOCK,
                description="Few files killed their reader",
                notes="So many letters do not kill their reader by themselves: see what the detail says. "
                "Loaded like this, they would all be quarantined.",
            ),
            gxe.ExpectColumnValuesToNotBeInSet(
                column="status",
                value_set=["quarantined"],
                mostly=least_share(0.8, files),
                severity=WARN,
                description="Few files were refused",
                notes="Perhaps the letters have a new layout, or the drop folder holds something else.",
            ),
        ],
    )
