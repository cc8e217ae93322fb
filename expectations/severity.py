"""The two severities of a rule: one stops the load, the other shows."""

from __future__ import annotations

from great_expectations.expectations.metadata_types import FailureSeverity

BLOCK = FailureSeverity.CRITICAL
WARN = FailureSeverity.WARNING


def least_share(share: float, rows: int) -> float:
    """Return the share of a batch that must be sound; two rows of any batch, however small, may not be."""
    return max(0.0, share - 2 / max(rows, 1))
