"""The two severities of a rule: `BLOCK` stops the load, `WARN` does not."""

from __future__ import annotations

from great_expectations.expectations.metadata_types import FailureSeverity

BLOCK = FailureSeverity.CRITICAL
WARN = FailureSeverity.WARNING


def tolerant_share(share: float, rows: int) -> float:
    """Return the share of rows that must hold, lowered so that two rows of a batch of any size may fail."""
    return max(0.0, share - 2 / max(rows, 1))
