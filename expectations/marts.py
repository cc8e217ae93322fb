"""Rules about the candidate's marts, compared with the published version."""

from __future__ import annotations

from collections.abc import Sequence

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN

CASES, MONTHS = "marts_cases", "marts_months"
MIN_MONTH_DECISIONS = 200
"""Overturn rates of months with fewer decisions are not checked."""


def build_month_query(months: Sequence[str]) -> str:
    """Return SQL that lists the letters of months (`2016-12`, or `unknown`) in a candidate or published version."""
    keys = ", ".join(f"'{month}'" for month in months)
    return (
        "SELECT case_number, source_name, decision_date, overturned_count, decision_count FROM fct_determinations "  # noqa: S608 - keys come from the marts
        f"WHERE month_key IN ({keys}) "
        "ORDER BY overturned_count DESC, case_number"
    )


def build_cases_suite(published: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of published cases that the candidate does not have under their number.

    `status` is renamed, withdrawn or lost; `published` is the number of all published cases.
    """
    meta, compared = {"of_rows": published}, f"{published:,} published cases were compared."
    return gx.ExpectationSuite(
        CASES,
        expectations=[
            gxe.ExpectColumnValuesToNotBeInSet(
                column="status",
                value_set=["lost"],
                severity=BLOCK,
                meta=meta,
                description="Each published case is in the candidate",
                notes=f"A load adds or replaces letters; it never loses a case. {compared}",
            ),
            gxe.ExpectColumnValuesToNotBeInSet(
                column="status",
                value_set=["renamed"],
                severity=WARN,
                meta=meta,
                description="Each published case keeps its number",
                notes=f"The letter was read again, and now belongs to another case. {compared}",
            ),
        ],
    )


def build_months_suite() -> gx.ExpectationSuite:
    """Return the suite for a frame of the months of the candidate and of the published version.

    `decisions_missing` is how many fewer decisions the candidate has, not counting cases that this load brought
    letters for. `overturn_rate` is null for months of fewer than `MIN_MONTH_DECISIONS` decisions.
    """
    return gx.ExpectationSuite(
        MONTHS,
        expectations=[
            gxe.ExpectColumnValuesToBeBetween(
                column="decisions_missing",
                max_value=0,
                severity=BLOCK,
                description="No month has fewer decisions than published, reissued letters excepted",
                notes="Published history would change. The named letters are missing from the candidate; `imr sql` "
                "lists the month as published, `imr sql --run` as in the candidate.",
            ),
            gxe.ExpectColumnValuesToBeBetween(
                column="overturn_rate",
                min_value=0.0,
                max_value=0.5,
                severity=BLOCK,
                description=f"No month of {MIN_MONTH_DECISIONS} decisions or more is mostly overturned",
                notes="In every published year 8 to 16 % of the decisions were overturned (domain.md 3.2). More than "
                "half means that outcomes were read wrongly.",
            ),
        ],
    )
