"""Cost of loading, building and publishing in a small and in a large warehouse: `make bench-warehouse`.

In one run, on one machine: run files of synthetic letters are loaded, built by dbt from scratch and published; then
700 new letters go through the steps of a daily load, from the first gate to the publication, into an empty warehouse
and into the large one. Reports the sizes of the files and the latency of ten queries on the marts file, too.
`N=100000` for a smaller warehouse. Of more than `BUILT` letters, only a part is built; the rest are copies of it.
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
from bench.copies import publish_copies
from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings
from warehouse.build import transform
from warehouse.build.load import load_run
from warehouse.hashing import hash_file
from warehouse.intake import inbox
from warehouse.runs.run import Run
from warehouse.runs.step_results import (
    BatchGateResult,
    ExtractResult,
    LoadResult,
    MartsGateResult,
    PublishResult,
    ScanResult,
    TransformResult,
)
from warehouse.versions.base import MARTS, Version
from warehouse.versions.contents import Contents

BUILT = 20_000
"""Letters that dbt builds at most; a larger warehouse has each of them several times."""
BATCH = 100_000
"""Letters in one load of the large warehouse's history."""
FIRST_LOAD = datetime(2024, 12, 1, 6)
STEPS = (BatchGateResult, LoadResult, TransformResult, MartsGateResult, PublishResult)
"""Steps of a daily load, from the run files to the publication."""
Say = Callable[[str, float, str], None]

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
        WHERE cited_by = 'reviewer' AND month_key BETWEEN '2016-01' AND '2016-12'
        GROUP BY guideline ORDER BY n DESC LIMIT 20""",
    "both sides' evidence": """
        SELECT claims_admin_evidence, reviewer_evidence, decision_count, overturn_rate, overturn_rate_low,
            overturn_rate_high
        FROM agg_outcomes_by_evidence ORDER BY decision_count DESC""",
    "category by side of the body, one year (fact)": """
        SELECT treatment_category, laterality, count(*) AS n, avg(is_overturned::INT) AS rate
        FROM fct_decisions WHERE decision_date BETWEEN '2016-01-01' AND '2016-12-31' GROUP BY ALL ORDER BY n DESC""",
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
    """Measure and print, as the table in docs/benchmarks.md."""
    options = _parse_options()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="imr-bench-") as folder:
        home = Path(folder)
        print(f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total / 1e9:.0f} GB, in {home}\n", flush=True)  # noqa: T201 - a bench prints
        empty, large = (Context(Settings(home=home / name)) for name in ("empty", "large"))
        copies = max(1, options.letters // BUILT)
        built = options.letters // copies
        total = built + options.new
        publish_history(empty, 0, total)
        publish_history(large, built, total, say=say)
        if copies > 1:
            say(f"each letter {copies} times", _measure(partial(publish_copies, large, copies)))
        days_of = []
        for name, context, first in (
            ("an empty warehouse", empty, 0),
            (f"{options.letters:,} letters", large, built),
        ):
            days = [_load_day(context, first, options.new, total) for _ in range(options.rounds)]
            for step in STEPS:
                say(f"{options.new} letters into {name}: {step.STEP}", statistics.median(day[step] for day in days))
            say(f"{options.new} letters into {name}: all steps", statistics.median(sum(day.values()) for day in days))
            days_of.append(statistics.median(sum(day.values()) for day in days))
        say("the day, large against empty", days_of[1] / days_of[0], "times")
        version = large.versions.require_current()
        raw = [file.stat().st_size for part in version.contents.parts for file in part.iterdir()]
        say("raw, shared by all versions", sum(raw) / 1e6, "MB")
        say("the BI file of each version", version.marts.stat().st_size / 1e6, "MB")
        for question, sql in QUESTIONS.items():
            say(question, _measure_latency(version.marts, sql) * 1000, "ms")
        say("peak memory of this process", psutil.Process().memory_info().rss / 1e6, "MB")


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=1_000_000, help="letters in the large warehouse")
    parser.add_argument("--new", type=int, default=700, help="letters of the daily load")
    parser.add_argument("--rounds", type=int, default=3, help="daily loads into the same version; the median counts")
    parser.add_argument("--folder", type=Path, help="working folder, with room for two versions (default: temp)")
    return parser.parse_args()


def publish_history(context: Context, letters: int, total: int, say: Say = lambda *_: None) -> None:
    """Publish a version with the first `letters` of `total`: loads of a hundred thousand, then one build."""
    seconds = []
    for number, first in enumerate(range(0, max(letters, 1), BATCH)):
        base, run = context.versions.current(), context.open_run(f"history-{number}")
        contents = base.contents if base else Contents()
        raw_rows.write_run(run, first, min(BATCH, letters - first), FIRST_LOAD, total)
        with run.record_step(LoadResult(based_on=base.number if base else None, load_number=number + 1)):
            seconds.append(_measure(partial(load_run, run, contents, number + 1)))
        if first + BATCH < letters:
            _publish_part(context, run, number, base)
    built = _measure(lambda: transform.build(run, contents, from_scratch=True))
    published = _measure(lambda: steps.publish(context, run.run_id))
    shutil.rmtree(run.build_file.parent)
    say(f"{letters:,} letters loaded into raw", sum(seconds), "s")
    say("of these the last load", seconds[-1], "s")
    say("build from scratch", built, "s")
    say("publication", published, "s")


def _publish_part(context: Context, run: Run, number: int, base: Version | None) -> None:
    """Publish a load's raw rows without marts."""
    with duckdb.connect(str(run.marts)):
        pass
    manifest = {"run_id": run.run_id, "load_number": number + 1, "sha256": {MARTS: hash_file(run.marts)}}
    context.versions.publish(run.candidate, manifest, based_on=base.number if base else None, keep=1)


def _load_day(context: Context, first: int, new: int, total: int) -> dict[type, float]:
    """Run the steps of a daily load and roll back; return the seconds of each step."""
    run = context.open_run("day")
    run.clear()
    raw_rows.write_run(run, first, new, FIRST_LOAD + timedelta(days=1), total)
    _record_reading(run, new)
    steps.gate_batch(context, run.run_id, accept_drift=True)  # an empty warehouse has no past loads to compare with
    steps.load(context, run.run_id)
    steps.build_marts(context, run.run_id)
    steps.gate_marts(context, run.run_id, accept_drift=True)
    steps.publish(context, run.run_id)
    published = context.versions.require_current()
    context.versions.rollback()
    shutil.rmtree(published.marts.parent)
    results = {step: run.find_result(step) for step in STEPS}
    return {step: result.seconds or 0 for step, result in results.items() if result}


def _record_reading(run: Run, new: int) -> None:
    """Record scan and extract, as if the run's letters had been read."""
    inbox.write_arrivals(run, [])
    with run.record_step(ScanResult(new=new, files_seen=new, chunk_size=new)):
        pass
    with run.record_step(ExtractResult(loaded=new), steps.name_chunk(0)):
        pass


def _measure_latency(file: Path, sql: str) -> float:
    """Return the median of five queries, in seconds, after one that fills the caches."""
    with duckdb.connect(str(file), read_only=True) as connection:

        def query() -> None:
            if not connection.execute(sql).fetchall():
                raise ValueError(f"no rows, so the time means nothing: {sql}")

        query()
        return statistics.median(_measure(query) for _ in range(5))


def _measure(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def say(what: str, value: float, unit: str = "s") -> None:
    """Print a row of the table."""
    digits = {"times": 2, "files": 0}.get(unit, 1)
    print(f"| {what} | {value:,.{digits}f} {unit} |", flush=True)  # noqa: T201 - a bench prints


if __name__ == "__main__":
    main()
