"""What letters cost once they are read, in a small and in a large warehouse: `make bench-warehouse`.

In one run, on one machine: run files of so many made-up letters are loaded, built by dbt from nothing and published;
then a day's 700 new letters go through the steps of the daily load, from the first gate to the publication, into an
empty warehouse and into the large one; how large the files are; and how long ten questions take that people ask of
the marts file. `N=100000` for a smaller one.
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
from functools import partial
from pathlib import Path

import duckdb
import psutil

from bench import raw_rows
from imr.context import Context
from imr.pipeline import steps
from imr.reporting import report
from imr.settings import Settings
from warehouse.build import transform
from warehouse.build.load import load_run
from warehouse.intake import inbox
from warehouse.runs.run import Run

BATCH = 100_000
"""Letters in one load of the large warehouse's history."""
FIRST_LOAD = datetime(2024, 12, 1, 6)
STEPS = report.STEPS[report.STEPS.index("gate_batch") : report.STEPS.index("publish") + 1]
"""Of a daily load, from the run files to the publication."""

QUESTIONS = {
    "overturn rate by year": """
        SELECT year(decision_month) AS y, sum(overturned_count) / sum(decision_count) AS rate, sum(decision_count) AS n
        FROM agg_outcomes_by_month GROUP BY y ORDER BY y""",
    "categories in the last twelve months": """
        SELECT treatment_category, sum(decision_count) AS n, sum(overturned_count) / sum(decision_count) AS rate
        FROM agg_outcomes_by_category_month
        WHERE decision_month > (SELECT max(decision_month) - INTERVAL 1 YEAR FROM agg_outcomes_by_category_month)
        GROUP BY treatment_category ORDER BY n DESC""",
    "opioids by quarter": """
        SELECT date_trunc('quarter', decision_month) AS q, sum(overturned_count) / sum(decision_count) AS rate
        FROM agg_outcomes_by_drug_class_month WHERE drug_class = 'Opioids' GROUP BY q ORDER BY q""",
    "guidelines that reviewers rest on, one year": """
        SELECT guideline, sum(decision_count) AS n, sum(overturned_count) / sum(decision_count) AS rate
        FROM agg_outcomes_by_guideline_month
        WHERE cited_by = 'reviewer' AND month_key BETWEEN '2023-01' AND '2023-12'
        GROUP BY guideline ORDER BY n DESC LIMIT 20""",
    "both sides' evidence": """
        SELECT claims_admin_evidence, reviewer_evidence, decision_count, overturn_rate, overturn_rate_low,
            overturn_rate_high
        FROM agg_outcomes_by_evidence ORDER BY decision_count DESC""",
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
        empty, large = Settings(home=home / "empty"), Settings(home=home / "large")
        publish_history(empty, 0, options)
        publish_history(large, options.letters, options, say=_say)
        days = {}
        for name, settings, first in (
            ("an empty warehouse", empty, 0),
            (f"{options.letters:,} letters", large, options.letters),
        ):
            days[name] = [_day(settings, first, options) for _ in range(options.rounds)]
            for step in STEPS:
                _say(f"{options.new} letters into {name}: {step}", statistics.median(day[step] for day in days[name]))
            _say(
                f"{options.new} letters into {name}: all of it", statistics.median(sum(d.values()) for d in days[name])
            )
        into_empty, into_large = (statistics.median(d["transform"] for d in rounds) for rounds in days.values())
        _say("dbt, large against empty", into_large / into_empty, "times")
        version = Context(large).versions.require_current()
        _say("the whole warehouse, file", version.full.stat().st_size / 1e6, "MB")
        _say("the marts' file", version.marts.stat().st_size / 1e6, "MB")
        for question, sql in QUESTIONS.items():
            _say(question, _latency(version.marts, sql) * 1000, "ms")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=1_000_000, help="letters in the large warehouse")
    parser.add_argument("--new", type=int, default=700, help="letters of the daily load")
    parser.add_argument(
        "--rounds", type=int, default=3, help="daily loads, each into the same version; the median counts"
    )
    parser.add_argument(
        "--folder", type=Path, help="where to work; two versions of the warehouse must fit (default: temp)"
    )
    return parser.parse_args()


def publish_history(
    settings: Settings, letters: int, options: argparse.Namespace, say: Callable[[str, float, str], None] | None = None
) -> None:
    """Publish a first version of so many letters: loads of a hundred thousand, one build by dbt, one publication."""
    seconds, before = [], None
    for number, first in enumerate(range(0, max(letters, 1), BATCH)):
        run = Run(settings.runs / f"history-{number}")
        raw_rows.write_run(run, first, min(BATCH, letters - first), FIRST_LOAD, options.letters + options.new)
        run.candidate.parent.mkdir()
        if before is not None:
            shutil.move(before.candidate, run.candidate)
            shutil.rmtree(before.folder)
        seconds.append(_timed(partial(load_run, run)))
        before = run
    raw = run.candidate.stat().st_size / 1e6
    with run.step("load") as counts:
        counts.update(based_on=None)
    built = _timed(lambda: transform.build(run, from_scratch=True))
    published = _timed(lambda: steps.publish(Context(settings), run.run_id))
    if say is not None:
        say(f"{letters:,} letters loaded into raw", sum(seconds), "s")
        say("of these the last load", seconds[-1], "s")
        say("raw rows, file", raw, "MB")
        say("build of everything from nothing", built, "s")
        say("publication (marts' file, hashes)", published, "s")


def _day(settings: Settings, first: int, options: argparse.Namespace) -> dict[str, float]:
    """Take a day's letters through the steps of the daily load, and back; return the seconds of each step."""
    run = Run(settings.runs / "day")
    shutil.rmtree(run.folder, ignore_errors=True)
    raw_rows.write_run(run, first, options.new, FIRST_LOAD + timedelta(days=1), options.letters + options.new)
    inbox.write_arrivals(run, [])
    with run.step("scan") as counts:
        counts.update(new=options.new, duplicate=0, chunk_size=options.new)
    steps.gate_batch(Context(settings), run.run_id, accept_drift=True)  # an empty warehouse's day is like no other
    steps.load(Context(settings), run.run_id)
    steps.build_marts(Context(settings), run.run_id)
    steps.gate_marts(Context(settings), run.run_id, accept_drift=True)
    steps.publish(Context(settings), run.run_id)
    versions = Context(settings).versions
    published = versions.require_current()
    versions.rollback()
    shutil.rmtree(published.full.parent)
    outcomes = {step: run.outcome(step) or {} for step in STEPS}
    return {step: float(outcome["seconds"]) for step, outcome in outcomes.items()}


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
