"""What must hold across the candidate's marts, and against the version that readers see, before they replace it."""

from __future__ import annotations

from collections.abc import Sequence

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN

CASES, MONTHS = "marts_cases", "marts_months"
ENOUGH_TO_JUDGE = 200
"""Decisions that a month needs before its overturn rate says that something was read wrongly."""


def month_query(months: Sequence[str]) -> str:
    """Return SQL that lists the letters of months (`2016-12`, or `unknown`), of a candidate or what is published."""
    keys = ", ".join(f"'{month}'" for month in months)
    return (
        "SELECT case_number, source_name, decision_date, overturned_count, decision_count FROM fct_determinations "  # noqa: S608 - keys that the marts made
        f"WHERE coalesce(strftime(decision_date, '%Y-%m'), 'unknown') IN ({keys}) "
        "ORDER BY overturned_count DESC, case_number"
    )


def cases_suite() -> gx.ExpectationSuite:
    """Return the suite for a frame of the published cases with `status`: kept, renamed, withdrawn or lost."""
    return gx.ExpectationSuite(
        CASES,
        expectations=[
            gxe.ExpectColumnValuesToNotBeInSet(
                column="status",
                value_set=["lost"],
                severity=BLOCK,
                description="Each published case is in the candidate",
                notes="A load adds letters or replaces them; it never loses a case.",
            ),
            gxe.ExpectColumnValuesToNotBeInSet(
                column="status",
                value_set=["renamed"],
                severity=WARN,
                description="Each published case keeps its number",
                notes="The letter is still there, as one of another case: it was read again, and otherwise.",
            ),
        ],
    )


def months_suite() -> gx.ExpectationSuite:
    """Return the suite for a frame of months, of the candidate and of the published version.

    `decisions_missing`: how many fewer the month has than the published one, cases left out that this load
    brought letters for. `overturn_rate` is null where a month has less than `ENOUGH_TO_JUDGE` decisions.
    """
    return gx.ExpectationSuite(
        MONTHS,
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="decisions_missing",
                max_value=0,
                severity=BLOCK,
                description="No month has fewer decisions than it had, but for reissued letters",
                notes="Readers would see history change. Named are the letters that they would miss; `imr sql` lists "
                "the month as it is published, `imr sql --run` as the candidate has it.",
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="overturn_rate",
                min_value=0.0,
                max_value=0.5,
                severity=BLOCK,
                description=f"No month of {ENOUGH_TO_JUDGE} decisions or more is mostly overturned",
                notes="In every published year between 8 and 16 % of the decisions were overturned "
                "(domain.md 3.2). Over half means that outcomes were read wrongly.",
            ),
        ],
    )
