"""One DAG run in one process, without the service."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imr.service.environment import airflow_environment
from imr.service.errors import log_tail
from imr.service.metadata_database import log_folder, prepare
from imr.service.processes import kill_tree
from imr.settings import Settings

RUN_SECONDS = 3600.0
TIMED_OUT = 124  # as coreutils' `timeout` says it
KEPT_LOGS = 30
MAX_ERROR_LINES = 60
# What tasks log is kept; of Airflow itself only warnings, and which task begins and ends.
QUIET = {
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
    "AIRFLOW__LOGGING__NAMESPACE_LEVELS": (
        "airflow=WARNING airflow.sdk.definitions.dag=INFO alembic=WARNING httpx=WARNING task=WARNING"
    ),
    "PYTHONWARNINGS": "ignore",
}
_STAMPED = re.compile(r"\d{4}-\d\d-\d\dT\S+ \[\w+\s*\] ")
_TASK_BEGINS = re.compile(r"\[DAG TEST\] starting task_id=(\S+) map_index=(-?\d+)")


@dataclass(frozen=True)
class DagRunResult:
    """How a run ended: exit status (0 is success), its log, and each failed task's error."""

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
    """Run a DAG with `airflow dags test`, all tasks in one child, output to a log file.

    The child and its descendants are killed when the time is over or the caller is interrupted. A failed
    run is a result, not an exception. Raises AirflowServiceError if Airflow's database cannot be prepared.
    """
    prepare(settings)
    begun = time.monotonic()
    log = _new_log(settings, dag_id)
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 - this interpreter; the DAG's id and conf are arguments, no shell
            [sys.executable, "-m", "airflow", "dags", "test", dag_id, "--conf", json.dumps(conf)],
            env=airflow_environment(settings, dags_folder) | QUIET,
            cwd=settings.airflow_home.resolve(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            status = child.wait(seconds)
        except subprocess.TimeoutExpired:
            status = TIMED_OUT
        finally:
            if child.poll() is None:
                kill_tree(child.pid)  # a hung run does not listen to TERM
                child.wait()
    errors = () if status == 0 else _errors(log, timed_out_after=seconds if status == TIMED_OUT else None)
    return DagRunResult(status, log, errors, time.monotonic() - begun)


def _new_log(settings: Settings, dag_id: str) -> Path:
    """Return the next log file of a DAG, and remove the oldest beyond those kept."""
    folder = log_folder(settings)
    for old in sorted(folder.glob(f"run-{dag_id}-*.log"), reverse=True)[KEPT_LOGS - 1 :]:
        old.unlink(missing_ok=True)
    return folder / f"run-{dag_id}-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.log"


def _errors(log: Path, timed_out_after: float | None) -> tuple[str, ...]:
    """Return `task: error` for each failed task; if no task failed, why the run did."""
    found = tuple(task_errors(log.read_text(encoding="utf-8", errors="replace")))
    if timed_out_after is not None:
        return (*found, f"killed: not done after {timed_out_after:.0f} s\n{log_tail(log)}")
    return found or (log_tail(log),)


def task_errors(text: str) -> list[str]:
    """Return the error of each failed task in a log of `airflow dags test`, the last attempt's if retried."""
    errors: dict[str, str] = {}
    task = "?"
    block: list[str] | None = None
    for line in [*text.splitlines(), "0000-00-00T00 [end] "]:
        if not _STAMPED.match(line):
            if block is not None:
                block.append(line)
            continue
        if block is not None:
            errors[task] = f"{task}: {_message(block)}"
        block = [] if "Task failed with exception" in line else None
        if begins := _TASK_BEGINS.search(line):
            task = begins[1] if begins[2] == "-1" else f"{begins[1]}[{begins[2]}]"
    return list(errors.values())


def _message(block: list[str]) -> str:
    """Return an exception's text without its traceback: what follows the last frame."""
    frames = [number for number, line in enumerate(block) if line.startswith('  File "')]
    rest = block[frames[-1] + 1 :] if frames else block
    while rest and rest[0].startswith(" "):  # the frame's source line and its underline
        rest = rest[1:]
    lines = [line for line in rest if line.strip() and line != "DagRun failed"]
    return "\n".join(lines[:MAX_ERROR_LINES])
