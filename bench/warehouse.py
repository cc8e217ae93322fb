"""What a day costs in a large warehouse: `make bench-warehouse`, with N=100000 for a smaller one.

In one run, on one machine: raw rows of so many made-up letters are built by dbt from nothing; then 700 new letters are
loaded into an empty warehouse and into the large one, and dbt's time for both is compared; how large the files are; and
how long ten questions take that people ask of the marts file. Copying the warehouse, which every load begins
with, is reported apart.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import psutil

from bench import raw_rows
from warehouse import transform
from warehouse.marts_file import write_marts_file
from warehouse.run import Run

BATCH = 100_000
"""Letters in one load of the large warehouse's history."""
FIRST_LOAD = datetime(2024, 12, 1, 6)

QUESTIONS = {
    "overturn rate by year": """
        SELECT year(decision_month) AS y, sum(overturned_count) / sum(decision_count) AS rate, sum(decision_count) AS n
        FROM fct_outcomes_by_month GROUP BY y ORDER BY y""",
    "categories in the last twelve months": """
        SELECT treatment_category, sum(decision_count) AS n, sum(overturned_count) / sum(decision_count) AS rate
        FROM fct_outcomes_by_category_month
        WHERE decision_month > (SELECT max(decision_month) - INTERVAL 1 YEAR FROM fct_outcomes_by_category_month)
        GROUP BY treatment_category ORDER BY n DESC""",
    "opioids by quarter": """
        SELECT date_trunc('quarter', decision_month) AS q, sum(overturned_count) / sum(decision_count) AS rate
        FROM fct_outcomes_by_drug_class_month WHERE drug_class = 'Opioids' GROUP BY q ORDER BY q""",
    "guidelines that reviewers rest on, one year": """
        SELECT guideline, sum(decision_count) AS n, sum(overturned_count) / sum(decision_count) AS rate
        FROM fct_outcomes_by_guideline_month
        WHERE cited_by = 'reviewer' AND month_key BETWEEN '2023-01' AND '2023-12'
        GROUP BY guideline ORDER BY n DESC LIMIT 20""",
    "both sides' evidence": """
        SELECT claims_admin_evidence, reviewer_evidence, decision_count, overturn_rate, overturn_rate_low,
            overturn_rate_high
        FROM fct_outcomes_by_evidence ORDER BY decision_count DESC""",
    "category by side of the body, one year (fact)": """
        SELECT treatment_category, laterality, count(*) AS n, avg(is_overturned::INT) AS rate
        FROM fct_decisions WHERE decision_date BETWEEN '2023-01-01' AND '2023-12-31' GROUP BY ALL ORDER BY n DESC""",
    "median days by specialty (fact)": """
        SELECT first_specialty, median(days_application_to_decision) AS days, count(*) AS n
        FROM fct_determinations GROUP BY first_specialty ORDER BY n DESC""",
    "one drug by year (fact and bridge)": """
        SELECT year(f.decision_date) AS y, count(*) AS n, avg(f.is_overturned::INT) AS rate
        FROM dim_drugs AS d
        JOIN bdg_decision_drugs AS b USING (drug_key)
        JOIN fct_decisions AS f USING (decision_key)
        WHERE d.drug = 'gabapentin' GROUP BY y ORDER BY y""",
    "newest decisions on a word (fact)": """
        SELECT case_number, decision_date, treatment_requested, outcome
        FROM fct_decisions WHERE treatment_requested ILIKE '%arthrogram%left knee%'
        ORDER BY decision_date DESC LIMIT 50""",
    "one case with its decisions (facts)": """
        SELECT d.*, f.treatment_requested, f.outcome
        FROM fct_determinations AS d JOIN fct_decisions AS f USING (case_key)
        WHERE d.case_number = (SELECT max(case_number) FROM fct_determinations)""",
}


def main() -> None:
    """Measure and print, as the table that stands in docs/benchmarks.md."""
    options = _options()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="imr-bench-") as folder:
        home = Path(folder)
        print(f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total / 1e9:.0f} GB, in {home}\n", flush=True)  # noqa: T201 - a bench talks
        large, empty = home / "large.duckdb", home / "empty.duckdb"
        _say("draw raw rows", _timed(lambda: _history(large, options.letters, options.new)))
        _say("raw rows, file", large.stat().st_size / 1e6, "MB")
        _say("build of everything from nothing", _timed(lambda: _build(home, large, from_scratch=True)))
        _say("the same, file", large.stat().st_size / 1e6, "MB")
        _history(empty, 0, 0)
        _build(home, empty, from_scratch=True)
        into_empty = [_daily_load(home, empty, options, 0) for _ in range(options.rounds)]
        into_large = [_daily_load(home, large, options, options.letters) for _ in range(options.rounds)]
        for name, loads in (("an empty warehouse", into_empty), (f"{options.letters:,} letters", into_large)):
            for step in ("copy", "draw", "dbt"):
                _say(f"{options.new} letters into {name}: {step}", statistics.median(load[step] for load in loads))
        ratio = statistics.median(x["dbt"] for x in into_large) / statistics.median(x["dbt"] for x in into_empty)
        _say("dbt, large against empty", ratio, "times")
        marts = home / "marts.duckdb"
        _say("write the marts file", _timed(lambda: write_marts_file(large, marts)))
        _say("marts file", marts.stat().st_size / 1e6, "MB")
        for question, sql in QUESTIONS.items():
            _say(question, _latency(marts, sql) * 1000, "ms")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=1_000_000, help="letters in the large warehouse")
    parser.add_argument("--new", type=int, default=700, help="letters of the daily load")
    parser.add_argument("--rounds", type=int, default=3, help="daily loads, each from a fresh copy; the median counts")
    parser.add_argument("--folder", type=Path, help="where to work; about 15 GB for a million letters (default: temp)")
    return parser.parse_args()


def _history(file: Path, letters: int, day: int) -> None:
    """Write a warehouse of raw rows alone: loads of a hundred thousand letters, and a day's load as the last."""
    with duckdb.connect(str(file)) as connection:
        raw_rows.create(connection)
        loads = [*range(0, max(letters - day, 0), BATCH), max(letters - day, 0), letters]
        for number, (first, following) in enumerate(pairwise(loads)):
            loaded_at = FIRST_LOAD + timedelta(minutes=number)
            raw_rows.insert(connection, first, following - first, loaded_at, max(letters, 1))
        connection.execute("CHECKPOINT")


def _build(home: Path, file: Path, *, from_scratch: bool) -> None:
    """Let dbt build a file as the daily load does, in a run's folder of its own, so that nothing is parsed before."""
    run = Run(home / f"run-{time.monotonic_ns()}")
    run.candidate.parent.mkdir(parents=True)
    shutil.move(file, run.candidate)
    try:
        transform.build(run, from_scratch=from_scratch)
    finally:
        shutil.move(run.candidate, file)


def _daily_load(home: Path, base: Path, options: argparse.Namespace, first: int) -> dict[str, float]:
    """Copy a warehouse, load new letters into the copy and let dbt build it; return the seconds of each step."""
    candidate = home / "candidate.duckdb"
    seconds = {"copy": _timed(lambda: shutil.copyfile(base, candidate))}

    def draw() -> None:
        with duckdb.connect(str(candidate)) as connection:
            raw_rows.insert(connection, first, options.new, FIRST_LOAD + timedelta(days=1), max(options.letters, 1))
            connection.execute("CHECKPOINT")

    seconds["draw"] = _timed(draw)
    seconds["dbt"] = _timed(lambda: _build(home, candidate, from_scratch=False))
    candidate.unlink()
    return seconds


def _latency(file: Path, sql: str) -> float:
    """Return the median of five, in seconds, after one that fills the caches."""
    with duckdb.connect(str(file), read_only=True) as connection:

        def ask() -> None:
            if not connection.execute(sql).fetchall():
                raise ValueError(f"the question has no answer, so its time says nothing: {sql}")

        ask()
        return statistics.median(_timed(ask) for _ in range(5))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _say(what: str, value: float, unit: str = "s") -> None:
    print(f"| {what} | {value:,.{2 if unit == 'times' else 1}f} {unit} |", flush=True)  # noqa: T201 - a bench talks


if __name__ == "__main__":
    main()
