"""Runs a DAG once in this process: `python -m imr.airflow.run_dag DAG_ID LOGICAL_DATE CONF ERRORS_FILE`.

The run id is `manual__LOGICAL_DATE`, the exit status 0 if the run succeeds. The errors file is a JSON list with the
error of each failed task. It is written after each failure, so that it is complete even if this process is killed.
"""

from __future__ import annotations

import ctypes
import json
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from airflow.listeners import hookimpl
from airflow.sdk.listener import get_listener_manager
from airflow.utils.cli import get_bagged_dag
from airflow.utils.state import DagRunState

from imr.airflow.notifiers import format_task_name
from imr.reporting.runbook import format_error
from warehouse.files import write_json

MAX_ERROR_LINES = 60
PR_SET_PDEATHSIG = 1


class ErrorListener:
    """Airflow listener that keeps the last error of each task that has not succeeded since."""

    def __init__(self, file: Path) -> None:
        """Keep the errors in `file`."""
        self.file = file
        self.errors: dict[str, str] = {}

    @hookimpl
    def on_task_instance_failed(self, task_instance: Any, error: BaseException | str | None) -> None:
        """Keep the error of a failed attempt."""
        name = format_task_name(task_instance)
        self.errors[name] = "\n".join(f"{name}: {format_error(error)}".splitlines()[:MAX_ERROR_LINES])
        write_json(self.file, list(self.errors.values()))

    @hookimpl
    def on_task_instance_success(self, task_instance: Any) -> None:
        """Drop the error of an earlier attempt."""
        if self.errors.pop(format_task_name(task_instance), None):
            write_json(self.file, list(self.errors.values()))


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent dies, which would otherwise report a load that goes on."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main(dag_id: str, logical_date: str, conf: str, errors_file: str) -> int:
    """Run the DAG and return the exit status. Raises AirflowException if there is no such DAG."""
    end_with_parent()
    dag = get_bagged_dag(bundle_names=None, dag_id=dag_id)
    get_listener_manager().add_listener(ErrorListener(Path(errors_file)))  # type: ignore[no-untyped-call]  # Airflow has no type for it
    at = datetime.fromisoformat(logical_date)
    run = dag.test(run_after=at, logical_date=at, run_conf=json.loads(conf))
    return 0 if run.state == DagRunState.SUCCESS else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
