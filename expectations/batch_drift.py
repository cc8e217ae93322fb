"""What the last loads lead one to expect of a batch: rates, the mix of categories, and how fresh it is.

Limits are in `limits.py`; where there is not enough history there is no suite. A load that looks unusual
warns. Only what no honest batch does stops it: a rate that is next to impossible and off by a quarter besides.
That too passes where a person has looked and said so (`accept_drift`; see `gate.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.limits import Limits, Share, limits
from expectations.severity import BLOCK, WARN

DECISIONS, FILES, LETTERS, CATEGORIES = (f"batch_drift_{of}" for of in ("decisions", "files", "letters", "categories"))
LOADS = 30
"""History is this many loads."""
UNKNOWN_WORDING = ("outcome_not_understood", "finding_unclear", "modified_request_not_understood", "no_guideline_cited")
"""Flags that say of a decision: stated, but not understood."""

UNUSUAL = 1e-4
"""A sound batch is outside a warning limit once in ten thousand loads, on either side of a rate."""
IMPOSSIBLE = 1e-6
WORTH_A_LOOK = 0.03
MIX_WORTH_A_LOOK = 0.05
WRONG = 0.25
LATER = timedelta(days=30)
"""A batch may be this much staler than the stalest of the last loads."""

OUTCOME_NOTES = (
    "Look at the outcomes of some of these letters. If they are read rightly, the batch differs (another year, one "
    "kind of treatment)."
)
WORDING_NOTES = "Look at some of these letters: a wording that the vocabularies lack, or text that is read badly."


def decisions_suite(upheld: Sequence[Share], not_understood: Sequence[Share], letters: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of decisions with `outcome` and `wording` (`understood`, or a flag's code)."""
    rules: list[gxe.Expectation] = []
    for severity, tail, margin in ((BLOCK, IMPOSSIBLE, WRONG), (WARN, UNUSUAL, WORTH_A_LOOK)):
        uphold = limits(upheld, letters, tail=tail, margin=margin)
        rules += [
            gxe.ExpectColumnValuesToBeInSet(
                column="outcome",
                value_set=["upheld"],
                mostly=uphold.low,
                severity=severity,
                meta={"rule": "uphold_rate_low"},
                description=f"At least {uphold.low:.1%} of the decisions are upheld",
                notes=_notes(uphold, upheld, letters, OUTCOME_NOTES),
            ),
            gxe.ExpectColumnValuesToNotBeInSet(
                column="outcome",
                value_set=["upheld"],
                mostly=1 - uphold.high,
                severity=severity,
                meta={"rule": "uphold_rate_high"},
                description=f"At most {uphold.high:.1%} of the decisions are upheld",
                notes=_notes(uphold, upheld, letters, OUTCOME_NOTES),
            ),
        ]
        wording = limits(not_understood, letters, tail=tail, margin=margin)
        rules.append(
            gxe.ExpectColumnValuesToBeInSet(
                column="wording",
                value_set=["understood"],
                mostly=1 - wording.high,
                severity=severity,
                meta={"rule": "unknown_wording_rate"},
                description=f"At most {wording.high:.1%} of the decisions are worded in a way that is not understood",
                notes=_notes(wording, not_understood, letters, WORDING_NOTES),
            )
        )
    return gx.ExpectationSuite(DECISIONS, expectations=rules)


def files_suite(refused: Sequence[Share], files: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of the files that are no duplicates.

    It never stops a load: a refused file is safe in the quarantine and can be read again.
    """
    allowed = limits(refused, files, tail=UNUSUAL, margin=WORTH_A_LOOK)
    return gx.ExpectationSuite(
        FILES,
        expectations=[
            gxe.ExpectColumnValuesToNotBeInSet(
                column="status",
                value_set=["quarantined"],
                mostly=1 - allowed.high,
                severity=WARN,
                meta={"rule": "quarantine_rate"},
                description=f"At most {allowed.high:.1%} of the files are refused",
                notes=_notes(allowed, refused, files, "See their reasons in the report.", of="files"),
            )
        ],
    )


def letters_suite(stalest: timedelta, today: date) -> gx.ExpectationSuite:
    """Return the suite for a frame of letters; `stalest` is the greatest age of a past load's newest determination."""
    oldest = datetime(today.year, today.month, today.day) - stalest - LATER
    return gx.ExpectationSuite(
        LETTERS,
        expectations=[
            gxe.ExpectColumnMaxToBeBetween(
                column="decision_date",
                min_value=oldest,
                severity=WARN,
                meta={"rule": "freshness"},
                description=f"The newest determination is of {oldest:%Y-%m-%d} or later",
                notes=f"Of each of the last loads the newest determination was at most {stalest.days} days old when "
                "it was loaded. Perhaps old letters were sent again.",
            )
        ],
    )


def categories_suite(history: Mapping[str, Sequence[Share]], letters: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of coded decisions with `treatment_category`; `history` is by category.

    It never stops a load: what is disputed is the world's affair. The more categories, the less each may
    be blamed: together they are outside their limits as rarely as one rate is.
    """
    rules = []
    for category, shares in sorted(history.items()):
        allowed = limits(shares, letters, tail=UNUSUAL / len(history), margin=MIX_WORTH_A_LOOK)
        notes = _notes(allowed, shares, letters, "Look at how some of these were coded: imr sql 'FROM coding'.")
        rules += [
            gxe.ExpectColumnValuesToNotBeInSet(
                column="treatment_category",
                value_set=[category],
                mostly=1 - allowed.high,
                severity=WARN,
                meta={"rule": f"category_high: {category}"},
                description=f"At most {allowed.high:.1%} of the decisions are {category}",
                notes=notes,
            ),
            gxe.ExpectColumnValuesToBeInSet(
                column="treatment_category",
                value_set=[category],
                mostly=allowed.low,
                severity=WARN,
                meta={"rule": f"category_low: {category}", "rows_are_not_at_fault": True},
                description=f"At least {allowed.low:.1%} of the decisions are {category}",
                notes=notes,
            ),
        ]
    return gx.ExpectationSuite(CATEGORIES, expectations=rules)


def _notes(allowed: Limits, history: Sequence[Share], size: int, advice: str, of: str = "letters") -> str:
    told = sum(load.letters for load in history)
    return (
        f"The last {len(history)} loads ({told} {of}): {allowed.usual:.1%}; of a batch of {size}, between "
        f"{allowed.low:.1%} and {allowed.high:.1%} may be. {advice}"
    )
