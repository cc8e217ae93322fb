"""Runs a DAG once in a process of its own, without the service."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imr.service.environment import airflow_environment, airflow_home, log_folder
from imr.service.errors import log_tail
from imr.service.metadata_database import fail_abandoned_runs, one_off_run_lock, prepare_database
from imr.service.processes import run_module
from imr.settings import OWNER_LOCK, Settings
from warehouse.files import lock_file, read_json

RUN_SECONDS = 3600.0
TIMED_OUT = 124  # as coreutils' `timeout` exits
KEPT_LOGS = 30
# The log holds what tasks log. Of Airflow itself it holds warnings, and each task's begin and end.
QUIET = {
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
    "AIRFLOW__LOGGING__NAMESPACE_LEVELS": (
        "airflow=WARNING airflow.sdk.definitions.dag=INFO alembic=WARNING httpx=WARNING task=WARNING"
    ),
    "PYTHONWARNINGS": "ignore",
}


@dataclass(frozen=True)
class DagRunResult:
    """Exit status of a run (0 is success), its log, and the error of each failed task."""

    status: int
    log: Path
    errors: tuple[str, ...]
    seconds: float

    @property
    def timed_out(self) -> bool:
        """Whether the run was killed because it took too long."""
        return self.status == TIMED_OUT


def run_dag_once(
    settings: Settings,
    dag_id: str,
    conf: dict[str, Any],
    *,
    dags_folder: Path | None = None,
    seconds: float = RUN_SECONDS,
) -> DagRunResult:
    """Run a DAG with all its tasks in one child process, whose output goes to a log file.

    The child and its descendants are killed after `seconds` or when the caller is interrupted. A failed run is a
    result, not an exception. Raises AirflowServiceError if Airflow's database cannot be prepared.
    """
    prepare_database(settings)
    begun, logical_date = time.monotonic(), datetime.now(UTC).isoformat()
    log = _new_log(settings, dag_id)
    errors_file = log.with_suffix(".json")
    arguments = ["imr.airflow.run_dag", dag_id, logical_date, json.dumps(conf), str(errors_file)]
    alive = one_off_run_lock(settings, f"manual__{logical_date}")
    environment = airflow_environment(settings, dags_folder) | QUIET | {OWNER_LOCK: str(alive)}
    try:
        with lock_file(alive) as lock:
            options = {"env": environment, "cwd": airflow_home(settings), "pass_fds": [lock.fileno()]}
            status = run_module(arguments, log, seconds, **options)
    finally:
        alive.unlink(missing_ok=True)  # before, as threads of a killed process may hold the lock a moment longer
        fail_abandoned_runs(settings)
    errors = tuple(read_json(errors_file) or ())
    errors_file.unlink(missing_ok=True)
    if status is None:
        errors = (*errors, f"killed: not done after {seconds:.0f} s\n{log_tail(log)}")
    elif status and not errors:
        errors = (log_tail(log),)
    return DagRunResult(TIMED_OUT if status is None else status, log, errors, time.monotonic() - begun)


def _new_log(settings: Settings, dag_id: str) -> Path:
    """Return the path of a DAG's next log and remove the oldest logs."""
    folder = log_folder(settings)
    for old in sorted(folder.glob(f"run-{dag_id}-*.log"), reverse=True)[KEPT_LOGS - 1 :]:
        old.unlink(missing_ok=True)
    return folder / f"run-{dag_id}-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.log"
