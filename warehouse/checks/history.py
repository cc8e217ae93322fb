"""Statistics of the last loads, from the raw rows of the published version."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from warehouse.runs.run import BACKFILL_RUNS
from warehouse.versions.contents import Contents

MAX_DECISIONS = 5
"""Decisions of a letter that count in rates, so that one long letter cannot move the rate of its load."""


@dataclass(frozen=True)
class PastLoad:
    """Counts of one load in the warehouse, and its newest determination.

    `files` excludes duplicates, `decisions` those of a letter after its first `MAX_DECISIONS`. `flagged` counts
    decisions with one of the requested flags.
    """

    run_id: str
    loaded_on: date
    files: int
    quarantined: int
    letters: int
    decisions: int
    upheld: int
    flagged: int
    newest_decision: date | None


# A version published before loads were numbered has no column load_number.
_RUNS = """
WITH ledger AS (
    FROM raw.files UNION ALL BY NAME SELECT NULL::BIGINT AS load_number WHERE false
),
runs AS (
    SELECT run_id, max(load_number) AS load_number, max(loaded_at) AS loaded_at FROM ledger
    WHERE NOT starts_with(run_id, ?)
    GROUP BY run_id ORDER BY load_number DESC NULLS LAST, loaded_at DESC, run_id DESC LIMIT ?
)"""

_LOADS = (
    _RUNS  # noqa: S608 - two constants
    + """,
files AS (
    SELECT run_id, count(*) AS files, count(*) FILTER (status = 'quarantined') AS quarantined
    FROM raw.files WHERE status <> 'duplicate' GROUP BY run_id
),
letters AS (
    SELECT run_id, count(*) AS letters, max(decision_date) AS newest_decision FROM raw.letters GROUP BY run_id
),
flagged AS (
    SELECT DISTINCT letter_id, decision_number FROM raw.flags WHERE code IN (SELECT unnest(?))
),
decisions AS (
    SELECT
        d.run_id,
        count(*) AS decisions,
        count(*) FILTER (d.outcome = 'upheld') AS upheld,
        count(f.letter_id) AS flagged
    FROM raw.decisions AS d
    LEFT JOIN flagged AS f ON d.letter_id = f.letter_id AND d.decision_number = f.decision_number
    WHERE d.decision_number <= ?
    GROUP BY d.run_id
)
SELECT
    runs.run_id,
    runs.loaded_at::DATE AS loaded_on,
    coalesce(files, 0) AS files,
    coalesce(quarantined, 0) AS quarantined,
    coalesce(letters, 0) AS letters,
    coalesce(decisions, 0) AS decisions,
    coalesce(upheld, 0) AS upheld,
    coalesce(flagged, 0) AS flagged,
    newest_decision
FROM runs
LEFT JOIN files ON runs.run_id = files.run_id
LEFT JOIN letters ON runs.run_id = letters.run_id
LEFT JOIN decisions ON runs.run_id = decisions.run_id
ORDER BY runs.load_number NULLS FIRST, runs.loaded_at, runs.run_id
"""
)

_CATEGORIES = (
    _RUNS
    + """
SELECT letters.run_id, decisions.treatment_category, count(*) AS decisions
FROM marts.fct_decisions AS decisions
INNER JOIN raw.letters AS letters ON decisions.letter_id = letters.letter_id
INNER JOIN runs ON letters.run_id = runs.run_id
GROUP BY ALL
ORDER BY ALL
"""
)


def past_loads(contents: Contents, last: int, flags: Collection[str]) -> list[PastLoad]:
    """Return the last loads of a published warehouse, oldest first; `flags` are the codes that `flagged` counts.

    Backfill batches are excluded, as they are of other years.
    """
    return [PastLoad(**row) for row in _rows(contents, _LOADS, [BACKFILL_RUNS, last, list(flags), MAX_DECISIONS])]


def past_categories(contents: Contents, last: int) -> dict[str, dict[str, int]]:
    """Return the number of decisions of each category in each of the last loads: run id, category, count.

    Only current letters are coded, so superseded ones are excluded.
    """
    counts: dict[str, dict[str, int]] = {}
    for row in _rows(contents, _CATEGORIES, [BACKFILL_RUNS, last]):
        counts.setdefault(row["run_id"], {})[row["treatment_category"]] = row["decisions"]
    return counts


def _rows(contents: Contents, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    with contents.open() as connection:
        return connection.execute(sql, parameters).to_arrow_table().to_pylist()
