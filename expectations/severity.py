"""The two severities of a rule: one stops the load, the other shows."""

from __future__ import annotations

from great_expectations.expectations.metadata_types import FailureSeverity

BLOCK = FailureSeverity.CRITICAL
WARN = FailureSeverity.WARNING
