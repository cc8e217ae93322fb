"""What must hold across the files of a batch: a reader that fails on many of them is broken itself."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN

NAME = "batch_files"


def least_share(share: float, files: int) -> float:
    """Return the share of a batch that must be sound; two files of any batch, however small, may not be."""
    return max(0.0, share - 2 / max(files, 1))


def suite(files: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of `files` rows with `ended` (the reason, else the status) on each.

    `files` is how many rows there are. (GX leaves nulls out of a share, so `reason` alone would not do.)
    """
    return gx.ExpectationSuite(
        NAME,
        expectations=[
            gxe.ExpectColumnValuesToNotBeInSet(
                column="ended",
                value_set=["crashed", "timed_out"],
                mostly=least_share(0.9, files),
                severity=BLOCK,
                notes="So many letters do not kill their reader by themselves: see what the ledger's detail says. "
                "Loaded like this, they would all be quarantined.",
            ),
            gxe.ExpectColumnValuesToNotBeInSet(
                column="status",
                value_set=["quarantined"],
                mostly=least_share(0.8, files),
                severity=WARN,
                notes="Perhaps the letters have a new layout, or the drop folder holds something else.",
            ),
        ],
    )
