"""Compares a candidate with the published version: cases that are missing, and months that lost decisions.

Connections are of `open_databases`, with `candidate` and, except at the first publication, `published`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from duckdb import DuckDBPyConnection as Connection

if TYPE_CHECKING:
    import pandas as pd  # takes 1.5 s to import, and only the gates use frames

# A case whose number is read differently now has another key: its letter is in the marts as one of another case.
# Letters that a reparse withdraws are not lost.
_CASES = """
WITH absent AS (
    SELECT published.case_number, published.source_name, published.letter_id
    FROM published.marts.fct_determinations AS published
    ANTI JOIN candidate.marts.fct_determinations AS candidate ON published.case_key = candidate.case_key
),
renamed AS (
    SELECT ranked.letter_id
    FROM candidate.marts.dim_letters AS ranked
    SEMI JOIN absent ON ranked.letter_id = absent.letter_id
    SEMI JOIN candidate.marts.fct_determinations AS cases ON ranked.case_key = cases.case_key
)
SELECT
    *,
    CASE
        WHEN letter_id IN (FROM renamed) THEN 'renamed'
        WHEN letter_id IN (SELECT unnest(?::VARCHAR[])) THEN 'withdrawn'
        ELSE 'lost'
    END AS status
FROM absent
ORDER BY status, case_number
"""

_LOAD = "(SELECT load_number FROM candidate.marts.fct_intake WHERE run_id = $run_id)"
"""The number of the run's load; none without files."""

# A month may lose the decisions of a case that this load has a letter of (reissued with another date, or read again),
# withdraws a letter of, or has a review decision on.
_TOUCHED = f"""
WITH arrived AS (
    SELECT letter_id FROM candidate.marts.dim_letters WHERE load_number IN {_LOAD}
    UNION ALL
    SELECT sha256 FROM candidate.raw.reviews WHERE run_id = $run_id
    UNION ALL
    SELECT unnest($withdrawn::VARCHAR[])
),
touched AS (
    SELECT case_key FROM candidate.marts.dim_letters WHERE letter_id IN (FROM arrived)
    UNION
    SELECT case_key FROM published.marts.dim_letters WHERE letter_id IN (FROM arrived)
)"""  # noqa: S608 - a constant
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

_OVERTURNING = f"""
WITH counted AS (
    SELECT
        decisions.month_key, decisions.case_number, decisions.source_name, decisions.letter_id,
        min(decisions.page_number) FILTER (decisions.is_overturned) AS page,
        count(*) FILTER (decisions.is_overturned) AS overturned_count,
        count(*) AS decision_count
    FROM candidate.marts.fct_decisions AS decisions
    WHERE decisions.load_number IN {_LOAD}
    GROUP BY ALL
)
SELECT
    month_key, case_number, source_name, letter_id, page::VARCHAR AS page,
    overturned_count || ' of ' || decision_count || ' decisions' AS overturned
FROM counted
WHERE overturned_count > 0 AND month_key IN (SELECT unnest($months::VARCHAR[]))
ORDER BY row_number() OVER (PARTITION BY month_key ORDER BY overturned_count DESC, case_number), month_key
"""  # noqa: S608 - a constant

_ARRIVED = f"""
SELECT case_number, source_name, decision_number, page_number AS page, letter_id, treatment_category
FROM candidate.marts.fct_decisions
WHERE load_number IN {_LOAD}
ORDER BY ALL
"""  # noqa: S608 - a constant


def count_cases(connection: Connection) -> int:
    """Return the number of published cases."""
    found = connection.execute("SELECT count(*) FROM published.marts.fct_determinations").fetchone()
    return int(found[0]) if found else 0


def list_absent_cases(connection: Connection, withdrawn: Sequence[str] = ()) -> pd.DataFrame:
    """Return the published cases that the candidate does not have under their number, each with `status`.

    It is `renamed` (the letter is of another case now), `withdrawn` (the letter is in `withdrawn`) or `lost`.
    """
    return _frame(connection, _CASES, [list(withdrawn)])


def compare_months(
    connection: Connection, run_id: str, withdrawn: Sequence[str] = (), *, is_first: bool = False
) -> pd.DataFrame:
    """Return the months of both, with `decision_count`, `overturn_rate` and `decisions_missing`.

    Missing decisions are counted in the month by the published version and not by the candidate, although the run
    has nothing on their cases. Nothing is missing before the first publication (`is_first`).
    """
    sql = _MONTHS.replace("published.", "candidate.") if is_first else _MONTHS
    return _frame(connection, sql, {"run_id": run_id, "withdrawn": list(withdrawn)})


def find_missing_letters(
    connection: Connection, run_id: str, withdrawn: Sequence[str], months: Sequence[str]
) -> pd.DataFrame:
    """Return the letters with missing decisions in `months` (keys); `status` describes each."""
    return _frame(connection, _MISSING, {"run_id": run_id, "withdrawn": list(withdrawn), "months": list(months)})


def find_overturning_letters(connection: Connection, run_id: str, months: Sequence[str]) -> pd.DataFrame:
    """Return the run's letters of `months` (keys) with overturned decisions, those with most first.

    `page` is the page of the first such decision, `overturned` their number.
    """
    return _frame(connection, _OVERTURNING, {"run_id": run_id, "months": list(months)})


def list_coded_decisions(connection: Connection, run_id: str) -> pd.DataFrame:
    """Return a run's decisions with their coding in the candidate's marts."""
    return _frame(connection, _ARRIVED, {"run_id": run_id})


def _frame(connection: Connection, sql: str, parameters: list[Any] | dict[str, Any]) -> pd.DataFrame:
    return connection.execute(sql, parameters).to_arrow_table().to_pandas(date_as_object=False)
