"""`imr run`: one load through the daily DAG, in one process, without the Airflow service."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from imr.airflow import DagRunResult, prepare, run_dag_once
from imr.report import as_text
from imr.samples import write_samples
from imr.settings import Settings
from warehouse.errors import WarehouseError

DAG_ID = "imr_daily_load"


def load_once(settings: Settings, drop: Path | None, *, say: Callable[[str], None]) -> tuple[str, int]:
    """Load a drop folder (the made-up samples if `None`) and return the report as text, and an exit status.

    `say` is told what takes time. Raises `WarehouseError` where the folder is not there, and
    `AirflowServiceError` where Airflow cannot be prepared.
    """
    if drop is None:
        drop = settings.home / "samples"
        say(f"{len(write_samples(drop))} made-up sample files in {drop}")
    elif not drop.is_dir():
        raise WarehouseError(f"drop folder {drop} is not there")
    prepare(settings)
    say(f"loading {drop} through the DAG {DAG_ID} ...")
    before = _runs(settings)
    result = run_dag_once(settings, DAG_ID, {"drop_folder": str(drop.resolve())})
    return _told(settings, _runs(settings) - before, result), 0 if result.status == 0 else 1


def _runs(settings: Settings) -> set[Path]:
    return set(settings.runs.glob("*/"))


def _told(settings: Settings, runs: set[Path], result: DagRunResult) -> str:
    """Return the run's own report, or what is known where it got too little way to write one."""
    reports = [json.loads((r / "report.json").read_text("utf-8")) for r in runs if (r / "report.json").exists()]
    told = [as_text(report) for report in reports]
    if result.status and not any(report["failed"] for report in reports):
        told += result.errors
    return "\n".join([*told, f"log         {result.log}", f"{result.seconds:.0f} s"])
