"""Statistics of the last loads of the published version, which `open_databases` attaches as `published`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection as Connection

from warehouse.runs.run import BACKFILL_RUNS

MAX_DECISIONS = 5
"""Decisions of a letter that count in rates, so that one long letter cannot move the rate of its load."""


@dataclass(frozen=True)
class PastLoad:
    """Counts of one load in the warehouse, and its newest determination.

    `files` excludes duplicates, `decisions` those of a letter after its first `MAX_DECISIONS`. `flagged` counts
    decisions with one of the requested flags.
    """

    load_number: int
    loaded_on: date
    files: int
    quarantined: int
    letters: int
    decisions: int
    upheld: int
    flagged: int
    newest_decision: date | None


_LOADS = """
WITH loads AS (
    SELECT
        load_number,
        max(loaded_at)::DATE AS loaded_on,
        count(*) FILTER (file_status <> 'duplicate') AS files,
        count(*) FILTER (file_status = 'quarantined') AS quarantined
    FROM published.marts.fct_intake
    WHERE NOT starts_with(run_id, $backfills)
    GROUP BY load_number ORDER BY load_number DESC LIMIT $last
)"""

# Only raw has the decisions of superseded letters.
_STATISTICS = (
    _LOADS  # noqa: S608 - two constants
    + """,
letters AS (
    SELECT load_number, count(*) AS letters, max(decision_date) AS newest_decision
    FROM published.marts.dim_letters
    WHERE load_number IN (SELECT load_number FROM loads)
    GROUP BY load_number
),
flagged AS (
    SELECT DISTINCT letter_id, decision_number
    FROM published.raw.flags
    WHERE load_number IN (SELECT load_number FROM loads) AND code IN (SELECT unnest($flags))
),
decisions AS (
    SELECT
        d.load_number,
        count(*) AS decisions,
        count(*) FILTER (d.outcome = 'upheld') AS upheld,
        count(f.letter_id) AS flagged
    FROM published.raw.decisions AS d
    LEFT JOIN flagged AS f ON d.letter_id = f.letter_id AND d.decision_number = f.decision_number
    WHERE d.load_number IN (SELECT load_number FROM loads) AND d.decision_number <= $at_most
    GROUP BY d.load_number
)
SELECT
    loads.*,
    coalesce(letters, 0) AS letters,
    coalesce(decisions, 0) AS decisions,
    coalesce(upheld, 0) AS upheld,
    coalesce(flagged, 0) AS flagged,
    newest_decision
FROM loads
LEFT JOIN letters ON loads.load_number = letters.load_number
LEFT JOIN decisions ON loads.load_number = decisions.load_number
ORDER BY loads.load_number
"""
)

_CATEGORIES = (
    _LOADS  # noqa: S608 - two constants
    + """
SELECT load_number, treatment_category, count(*) AS decisions
FROM published.marts.fct_decisions
WHERE load_number IN (SELECT load_number FROM loads)
GROUP BY ALL
ORDER BY ALL
"""
)


def past_loads(connection: Connection, last: int, flags: Collection[str]) -> list[PastLoad]:
    """Return the last loads of the published version, oldest first; `flags` are the codes that `flagged` counts.

    Backfill batches are excluded, as they are of other years.
    """
    parameters = {"backfills": BACKFILL_RUNS, "last": last, "flags": list(flags), "at_most": MAX_DECISIONS}
    rows = connection.execute(_STATISTICS, parameters).to_arrow_table().to_pylist()
    return [PastLoad(**row) for row in rows]


def past_categories(connection: Connection, last: int) -> dict[int, dict[str, int]]:
    """Return the number of decisions of each category in each of the last loads: load number, category, count.

    Only current letters are coded, so superseded ones are excluded.
    """
    counts: dict[int, dict[str, int]] = {}
    rows = connection.execute(_CATEGORIES, {"backfills": BACKFILL_RUNS, "last": last}).fetchall()
    for load_number, category, decisions in rows:
        counts.setdefault(load_number, {})[category] = decisions
    return counts
