"""`imr run`: one load through the daily DAG, in one process, without the Airflow service."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from imr.progress import bar
from imr.report import as_text, short
from imr.samples import write_samples
from imr.service import DagRunResult, prepare_database, run_dag_once
from imr.settings import Settings
from imr.site.build import build_site
from warehouse.errors import WarehouseError
from warehouse.run import Run
from warehouse.storage import Place, folder_at, is_remote

DAG_ID = "imr_daily_load"


def load_once(
    settings: Settings, drop: Place | None, *, accept_drift: bool = False, say: Callable[[str], None]
) -> tuple[str, int]:
    """Load a drop folder (the made-up samples if `None`) and return the report as text, and an exit status.

    `accept_drift` is the DAG's param; `say` is told what takes time. Raises `WarehouseError` where the folder is
    not there, and `AirflowServiceError` where Airflow cannot be prepared.
    """
    if drop is None:
        drop = settings.home / "samples"
        say(f"{len(write_samples(drop))} made-up sample files in {short(str(drop))}")
    elif not folder_at(drop).exists():
        raise WarehouseError(f"drop folder {drop} is not there")
    say(f"loading {short(str(drop))} through the DAG {DAG_ID}; Airflow takes some ten seconds to start ...")
    folder = str(drop if is_remote(drop) else drop.resolve())
    return run_and_tell(settings, DAG_ID, {"drop_folder": folder, "accept_drift": accept_drift}, say=say)


def run_and_tell(
    settings: Settings, dag_id: str, conf: dict[str, Any], *, say: Callable[[str], None]
) -> tuple[str, int]:
    """Run a DAG once and return its run's report as text, and an exit status; `say` is told each step as it ends.

    Raises `AirflowServiceError` where Airflow cannot be prepared.
    """
    prepare_database(settings)
    before = _runs(settings)
    with _telling_steps(settings, before, say):
        result = run_dag_once(settings, dag_id, conf)
    told = _told(settings, _runs(settings) - before, result)
    return "\n".join([told, _site(settings, say)]), 0 if result.status == 0 else 1


def _site(settings: Settings, say: Callable[[str], None]) -> str:
    """Build the site and tell where it is; a load is good without it, so why there is none is told too."""
    say("building the site ...")
    try:
        return f"site        {short(str(build_site(settings, shown=True)))}   (`make site` serves it)"
    except WarehouseError as error:
        return f"site        none: {error}"


def _runs(settings: Settings) -> set[Path]:
    return set(settings.runs.glob("*/"))


def _told(settings: Settings, runs: set[Path], result: DagRunResult) -> str:
    """Return the run's own report, or what is known where it got too little way to write one."""
    reports = [json.loads((r / "report.json").read_text("utf-8")) for r in runs if (r / "report.json").exists()]
    told = [as_text(report) for report in reports]
    if result.status and not any(report["failed"] for report in reports):
        told += result.errors
    return "\n".join([*told, f"log         {short(result.log)}", f"took        {result.seconds:.0f} s"])


@contextmanager
def _telling_steps(settings: Settings, before: set[Path], say: Callable[[str], None]) -> Iterator[None]:
    """Tell each step as it ends, from the outcome files that the run writes."""
    over = Event()

    def watch() -> None:
        told: set[Path] = set()
        ended = False
        while not ended:
            ended = over.wait(0.5)  # and a last look, for what ended meanwhile
            for run in _runs(settings) - before:
                _tell_ended(run, told, say)
                if not ended:
                    _show_reading(Run(run), over)

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _tell_ended(run: Path, told: set[Path], say: Callable[[str], None]) -> None:
    ended = set((run / "steps").rglob("[!.]*.json")) - told
    for file in sorted(ended, key=lambda f: f.stat().st_mtime):
        outcome = json.loads(file.read_text("utf-8"))
        if outcome["state"] != "running":
            told.add(file)
            say(f"  {outcome['step']:<24}{outcome['state']:<7}{outcome['seconds']:>7.1f} s")


def _show_reading(run: Run, over: Event) -> None:
    """Show a bar while letters are read, from what the mapped tasks leave word of."""
    scanned = run.outcome("scan") or {}
    total = scanned.get("new", 0) + scanned.get("duplicate", 0)
    with bar("  letters read", total, shown=run.letters_read() < total) as show_done:
        while sys.stderr.isatty() and run.letters_read() < total and not over.wait(0.5):
            show_done(run.letters_read())
