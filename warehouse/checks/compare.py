"""Compares a candidate with the published version: cases that are missing, and months that lost decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.versions.contents import Contents

if TYPE_CHECKING:
    import pandas as pd  # takes 1.5 s to import, and only the gates use frames

# A case whose number is read differently now has another key: its letter is in the marts as one of another case.
# Letters that a reparse withdraws are not lost.
_CASES = """
SELECT
    published.case_number,
    published.source_name,
    published.letter_id,
    CASE
        WHEN candidate.case_key IS NOT NULL THEN 'held'
        WHEN elsewhere.letter_id IS NOT NULL THEN 'renamed'
        WHEN published.letter_id IN (SELECT unnest(?::VARCHAR[])) THEN 'withdrawn'
        ELSE 'lost'
    END AS status
FROM published.marts.fct_determinations AS published
LEFT JOIN candidate.marts.fct_determinations AS candidate
    ON published.case_key = candidate.case_key
LEFT JOIN (
    SELECT DISTINCT ranked.letter_id
    FROM candidate.marts.dim_letters AS ranked
    INNER JOIN candidate.marts.fct_determinations AS cases
        ON ranked.case_key = cases.case_key
) AS elsewhere
    ON published.letter_id = elsewhere.letter_id
ORDER BY status DESC, published.case_number
"""

# A month may lose the decisions of a case that this load has a letter of (reissued with another date, or read again),
# withdraws a letter of, or has a review decision on.
_TOUCHED = """
WITH arrived AS (
    SELECT letter_id FROM candidate.raw.letters WHERE run_id = $run_id
    UNION ALL
    SELECT sha256 FROM candidate.raw.reviews WHERE run_id = $run_id
    UNION ALL
    SELECT unnest($withdrawn::VARCHAR[])
),
touched AS (
    SELECT case_key FROM candidate.marts.dim_letters WHERE letter_id IN (FROM arrived)
    UNION
    SELECT case_key FROM published.marts.dim_letters WHERE letter_id IN (FROM arrived)
)"""
_MONTHS = (
    _TOUCHED  # noqa: S608 - two constants
    + """,
before AS (
    SELECT month_key, sum(decision_count) AS decision_count
    FROM published.marts.fct_determinations
    WHERE case_key NOT IN (FROM touched)
    GROUP BY month_key
)
SELECT
    coalesce(months.month_key, before.month_key) AS month_key,
    coalesce(months.decision_count, 0)::BIGINT AS decision_count,
    greatest(
        coalesce(before.decision_count, 0) - coalesce(months.decision_count + months.inferred_count, 0), 0
    )::BIGINT AS decisions_missing,
    months.overturn_rate
FROM candidate.marts.agg_outcomes_by_month AS months
FULL JOIN before ON months.month_key = before.month_key
ORDER BY ALL
"""
)

# The first letters of each month come first, so that a shortened message names some of each.
_MISSING = (
    _TOUCHED  # noqa: S608 - two constants
    + """,
before AS (
    SELECT * FROM published.marts.fct_determinations
    WHERE case_key NOT IN (FROM touched)
)
SELECT
    before.month_key, before.case_number, before.source_name, before.letter_id,
    CASE
        WHEN candidate.case_key IS NULL THEN 'missing'
        WHEN candidate.decision_count < before.decision_count
            THEN candidate.decision_count || ' of ' || before.decision_count || ' decisions left'
        ELSE 'of ' || coalesce(candidate.decision_date::VARCHAR, 'no date')
    END AS status
FROM before
LEFT JOIN candidate.marts.fct_determinations AS candidate ON before.case_key = candidate.case_key
WHERE before.month_key IN (SELECT unnest($months::VARCHAR[])) AND (
    candidate.case_key IS NULL OR candidate.decision_count < before.decision_count
    OR before.month_key <> candidate.month_key
)
ORDER BY row_number() OVER (PARTITION BY before.month_key ORDER BY before.case_number, before.letter_id), month_key
"""
)

_OVERTURNING = """
WITH counted AS (
    SELECT
        decisions.month_key, decisions.case_number, decisions.source_name, decisions.letter_id,
        min(decisions.page_number) FILTER (decisions.is_overturned) AS page,
        count(*) FILTER (decisions.is_overturned) AS overturned_count,
        count(*) AS decision_count
    FROM candidate.marts.fct_decisions AS decisions
    INNER JOIN candidate.raw.letters AS letters ON decisions.letter_id = letters.letter_id
    WHERE letters.run_id = $run_id
    GROUP BY ALL
)
SELECT
    month_key, case_number, source_name, letter_id, page::VARCHAR AS page,
    overturned_count || ' of ' || decision_count || ' decisions' AS overturned
FROM counted
WHERE overturned_count > 0 AND month_key IN (SELECT unnest($months::VARCHAR[]))
ORDER BY row_number() OVER (PARTITION BY month_key ORDER BY overturned_count DESC, case_number), month_key
"""

_ARRIVED = """
SELECT decisions.case_number, decisions.source_name, decisions.decision_number, decisions.page_number AS page,
    decisions.letter_id, decisions.treatment_category
FROM candidate.marts.fct_decisions AS decisions
INNER JOIN candidate.raw.letters AS letters ON decisions.letter_id = letters.letter_id
WHERE letters.run_id = ?
ORDER BY ALL
"""


def compare_cases(candidate: Contents, published: Contents, withdrawn: Sequence[str] = ()) -> pd.DataFrame:
    """Return the published cases, each with `status`.

    It is `held`, `renamed` (the letter is of another case now), `withdrawn` (the letter is in `withdrawn`) or `lost`.
    """
    return _frame(candidate, published, _CASES, [list(withdrawn)])


def compare_months(
    candidate: Contents, published: Contents | None, run_id: str, withdrawn: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the months of both, with `decision_count`, `overturn_rate` and `decisions_missing`.

    Missing decisions are counted in the month by the published version and not by the candidate, although the run
    has nothing on their cases. Nothing is missing before the first publication.
    """
    sql = _MONTHS if published else _MONTHS.replace("published.", "candidate.")
    return _frame(candidate, published, sql, {"run_id": run_id, "withdrawn": list(withdrawn)})


def find_missing_letters(
    candidate: Contents, published: Contents, run_id: str, withdrawn: Sequence[str], months: Sequence[str]
) -> pd.DataFrame:
    """Return the letters with missing decisions in `months` (keys); `status` describes each."""
    parameters = {"run_id": run_id, "withdrawn": list(withdrawn), "months": list(months)}
    return _frame(candidate, published, _MISSING, parameters)


def find_overturning_letters(candidate: Contents, run_id: str, months: Sequence[str]) -> pd.DataFrame:
    """Return the run's letters of `months` (keys) with overturned decisions, those with most first.

    `page` is the page of the first such decision, `overturned` their number.
    """
    return _frame(candidate, None, _OVERTURNING, {"run_id": run_id, "months": list(months)})


def list_coded_decisions(candidate: Contents, run_id: str) -> pd.DataFrame:
    """Return a run's decisions with their coding in the candidate's marts."""
    return _frame(candidate, None, _ARRIVED, [run_id])


def _frame(
    candidate: Contents, published: Contents | None, sql: str, parameters: list[Any] | dict[str, Any]
) -> pd.DataFrame:
    with duckdb.connect() as connection:
        for name, contents in (("candidate", candidate), ("published", published)):
            if contents is not None:
                contents.attach(connection, name)
        return connection.execute(sql, parameters).to_arrow_table().to_pandas(date_as_object=False)
