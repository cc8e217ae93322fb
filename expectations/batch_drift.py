"""Rules that compare a batch with the last loads: rates, the mix of categories, freshness.

An unusual batch warns. It is blocked only if a rate is next to impossible and 25 points off, and a person who has
checked the batch can accept that (`accept_drift`). Without enough history there are no suites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.expectations.metadata_types import FailureSeverity

from expectations.control_limits import ControlLimits, Share, calculate_limits
from expectations.severity import BLOCK, WARN

DECISIONS, FILES, LETTERS, CATEGORIES = (f"batch_drift_{of}" for of in ("decisions", "files", "letters", "categories"))
HISTORY_LOADS = 30
UNKNOWN_WORDING = ("outcome_not_understood", "finding_unclear", "modified_request_not_understood", "no_guideline_cited")
"""Flags of a decision that is stated, but not understood."""

WARN_TAIL = 1e-4
"""A sound batch is beyond a warning limit once in ten thousand loads, on either side of a rate."""
BLOCK_TAIL = 1e-6
WARN_MARGIN = 0.03
MIX_MARGIN = 0.05
BLOCK_MARGIN = 0.25
FRESHNESS_TOLERANCE = timedelta(days=30)
"""A batch may be this much staler than the stalest of the last loads."""

OUTCOME_ADVICE = (
    "Check the outcomes of some of these letters. If they are right, the batch itself differs (another year, one kind "
    "of treatment)."
)
WORDING_ADVICE = "Check some of these letters for wording that the vocabularies lack, or for damaged text."


@dataclass(frozen=True)
class _Rate:
    """A rate with its limits; `text` completes "At least 90% ..."."""

    name: str
    column: str
    value: str
    text: str
    limits: ControlLimits
    notes: str

    def at_least(self, severity: FailureSeverity, **meta: bool) -> gxe.Expectation:
        return gxe.ExpectColumnValuesToBeInSet(
            column=self.column,
            value_set=[self.value],
            mostly=self.limits.low,
            severity=severity,
            meta={"rule": f"{self.name}, low", **meta},
            description=f"At least {self.limits.low:.1%} {self.text}",
            notes=self.notes,
        )

    def at_most(self, severity: FailureSeverity) -> gxe.Expectation:
        return gxe.ExpectColumnValuesToNotBeInSet(
            column=self.column,
            value_set=[self.value],
            mostly=1 - self.limits.high,
            severity=severity,
            meta={"rule": f"{self.name}, high"},
            description=f"At most {self.limits.high:.1%} {self.text}",
            notes=self.notes,
        )


def build_decisions_suite(upheld: Sequence[Share], understood: Sequence[Share], letters: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of decisions with `outcome` and `wording` (`understood`, or a flag's code)."""
    rules = []
    for severity, tail, margin in ((BLOCK, BLOCK_TAIL, BLOCK_MARGIN), (WARN, WARN_TAIL, WARN_MARGIN)):
        limits = calculate_limits(upheld, letters, tail=tail, margin=margin)
        notes = _describe_limits(limits, upheld, letters, OUTCOME_ADVICE)
        rate = _Rate("uphold rate", "outcome", "upheld", "of the decisions are upheld", limits, notes)
        rules += [rate.at_least(severity), rate.at_most(severity)]
        limits = calculate_limits(understood, letters, tail=tail, margin=margin)
        notes = _describe_limits(limits, understood, letters, WORDING_ADVICE)
        text = "of the decisions have known wording"
        rules.append(_Rate("known wording", "wording", "understood", text, limits, notes).at_least(severity))
    return gx.ExpectationSuite(DECISIONS, expectations=rules)


def build_files_suite(quarantined: Sequence[Share], files: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of the files that are not duplicates.

    It never blocks: files in quarantine are kept and can be read again.
    """
    limits = calculate_limits(quarantined, files, tail=WARN_TAIL, margin=WARN_MARGIN)
    notes = _describe_limits(limits, quarantined, files, "See their reasons in the report.", of="files")
    rate = _Rate("quarantine rate", "status", "quarantined", "of the files are quarantined", limits, notes)
    return gx.ExpectationSuite(FILES, expectations=[rate.at_most(WARN)])


def build_letters_suite(stalest: timedelta, today: date) -> gx.ExpectationSuite:
    """Return the suite for a frame of letters; `stalest` is the greatest age of a past load's newest determination."""
    oldest = datetime(today.year, today.month, today.day) - stalest - FRESHNESS_TOLERANCE
    return gx.ExpectationSuite(
        LETTERS,
        expectations=[
            gxe.ExpectColumnMaxToBeBetween(
                column="decision_date",
                min_value=oldest,
                severity=WARN,
                meta={"rule": "freshness"},
                description=f"The newest determination is dated {oldest:%Y-%m-%d} or later",
                notes=f"In each of the last loads the newest determination was at most {stalest.days} days old. "
                "Old letters may have been sent again.",
            )
        ],
    )


def build_categories_suite(history: Mapping[str, Sequence[Share]], letters: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of coded decisions with `treatment_category`; `history` is by category.

    It never blocks: the mix of disputes may change. The tail is divided among the categories, so that together they
    warn as rarely as one rate does.
    """
    rules = []
    for category, shares in sorted(history.items()):
        limits = calculate_limits(shares, letters, tail=WARN_TAIL / len(history), margin=MIX_MARGIN)
        notes = _describe_limits(limits, shares, letters, "Check how some of them were coded: imr sql 'FROM coding'.")
        rate = _Rate(category, "treatment_category", category, f"of the decisions are {category}", limits, notes)
        # The rows that break a lower limit are those of all other categories.
        rules += [rate.at_most(WARN), rate.at_least(WARN, omit_rows=True)]
    return gx.ExpectationSuite(CATEGORIES, expectations=rules)


def _describe_limits(
    limits: ControlLimits, history: Sequence[Share], size: int, advice: str, of: str = "letters"
) -> str:
    total = sum(load.letters for load in history)
    return (
        f"Last {len(history)} loads ({total} {of}): {limits.usual:.1%}. Limits for a batch of {size}: "
        f"{limits.low:.1%} to {limits.high:.1%}. {advice}"
    )
