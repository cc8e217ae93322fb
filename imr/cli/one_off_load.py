"""One load, or another DAG, run in one process without the Airflow service, with its report."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from extract.samples import write_samples
from imr.context import Context
from imr.progress import show_progress
from imr.reporting.report import Report, shorten_path
from imr.reporting.report_text import format_text
from imr.service import DagRunResult, prepare_database, run_dag_once
from imr.site.build import build_site
from imr.text import printable_lines
from warehouse.errors import WarehouseError
from warehouse.files import read_json
from warehouse.runs.run import Run
from warehouse.runs.step_results import RUNNING, BatchGateResult, LoadResult, ScanResult
from warehouse.storage import Place, folder_at, is_remote

DAG_ID = "imr_daily_load"

Say = Callable[[str], None]


def load_once(context: Context, inbox: Place | None, *, say: Say, **params: bool) -> tuple[str, int]:
    """Load a folder of letters (the synthetic samples if `None`); return the report as text, and an exit status.

    `params` are the DAG's; `say` gets progress messages. Raises `WarehouseError` for a folder that does not
    exist, and `AirflowServiceError` where Airflow cannot be prepared.
    """
    if inbox is None:
        inbox = context.settings.home / "samples"
        say(f"{len(write_samples(inbox))} synthetic sample files in {shorten_path(inbox)}")
    elif not folder_at(inbox).exists():
        raise WarehouseError(f"{inbox}: no such folder")
    say(f"loading {shorten_path(str(inbox))} through the DAG {DAG_ID}; Airflow takes some ten seconds to start ...")
    place = str(inbox if is_remote(inbox) else inbox.resolve())
    return run_and_report(context, DAG_ID, {"inbox": place, **params}, say=say)


def run_and_report(context: Context, dag_id: str, conf: dict[str, Any], *, say: Say) -> tuple[str, int]:
    """Run a DAG once; return its run's report as text, and an exit status. `say` gets each step as it ends.

    Raises `AirflowServiceError` where Airflow cannot be prepared.
    """
    prepare_database(context.settings)
    before = _list_runs(context)
    with _report_steps(context, before, say):
        result = run_dag_once(context.settings, dag_id, conf)
    text = _format_result(context, _list_runs(context) - before, result)
    return printable_lines(f"{text}\n{_build_site(context, say)}"), 0 if result.status == 0 else 1


def _build_site(context: Context, say: Say) -> str:
    """Build the site and return the line with its path, or with the reason why there is none."""
    say("building the site ...")
    try:
        return f"site        {shorten_path(build_site(context, shown=True))}   (`make site` serves it)"
    except WarehouseError as error:
        return f"site        none: {error}"


def _list_runs(context: Context) -> set[Path]:
    return set(context.settings.runs.glob("*/"))


def _format_result(context: Context, runs: set[Path], result: DagRunResult) -> str:
    """Return the run's report, or the errors of a run that did not write one."""
    reports = [report for run in runs if (report := Report.read(context.open_run(run.name)))]
    lines = [format_text(report) for report in reports]
    if result.status and not any(report.failed for report in reports):
        lines += result.errors
    return "\n".join([*lines, f"log         {shorten_path(result.log)}", f"took        {result.seconds:.0f} s"])


@contextmanager
def _report_steps(context: Context, before: set[Path], say: Say) -> Iterator[None]:
    """Report each step as it ends, from the step files that the run writes."""
    over = Event()

    def watch() -> None:
        reported: set[str] = set()
        ended = False
        while not ended:
            ended = over.wait(0.5)  # and once more, for steps that ended meanwhile
            for folder in _list_runs(context) - before:
                run = context.open_run(folder.name)
                _report_ended(run, reported, say)
                _report_waiting(context, run, reported, say)
                if not ended:
                    _show_reading(run, over)

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _report_ended(run: Run, reported: set[str], say: Say) -> None:
    for file in sorted(run.folder.glob("steps/**/[!.]*.json"), key=lambda f: f.stat().st_mtime):
        result = read_json(file)
        if result and str(file) not in reported and result["state"] != RUNNING:
            reported.add(str(file))
            step = file.relative_to(run.folder / "steps").with_suffix("").as_posix()
            say(f"  {step:<24}{result['state']:<7}{result['seconds']:>7.1f} s")


def _report_waiting(context: Context, run: Run, reported: set[str], say: Say) -> None:
    """Report the run that this one waits for, once."""
    if not run.has_done(BatchGateResult) or run.find_result(LoadResult) is not None:
        return
    holder = context.publish_lock.find_holder()
    if holder is not None and holder.run_id not in (run.run_id, *reported):
        reported.add(holder.run_id)
        say(f"  {holder.message}")


def _show_reading(run: Run, over: Event) -> None:
    """Show a bar while letters are read."""
    scan = run.find_result(ScanResult)
    total = scan.to_read if scan else 0
    with show_progress("  letters read", total, shown=run.count_letters_read() < total) as show_done:
        while sys.stderr.isatty() and run.count_letters_read() < total and not over.wait(0.5):
            show_done(run.count_letters_read())
