"""Prepares Airflow's metadata database: schema, pools, and no run that only seems to go on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from imr.pools import define_pools
from imr.service.environment import airflow_environment, airflow_home, log_folder
from imr.service.errors import AirflowServiceError, log_tail
from imr.service.processes import run_module
from imr.settings import Settings
from warehouse.files import is_locked, locked, read_json, write_json
from warehouse.runs.run import safe_run_id

PREPARE_SECONDS = 300
# A one-off run has been started by `DAG.test`: no scheduler runs its tasks or notices that its process is dead.
ONE_OFF = "SELECT dag_id, run_id FROM dag_run WHERE state = 'running' AND triggered_by = 'TEST'"
FAILED = "state = 'failed', end_date = strftime('%Y-%m-%d %H:%M:%f000', 'now')"
FINISHED = "('success', 'failed', 'skipped', 'upstream_failed', 'removed')"


def prepare_database(settings: Settings) -> None:
    """Create or migrate the SQLite database and the pools if that is due, and fail abandoned one-off runs.

    Raises AirflowServiceError, with the end of the log, if Airflow cannot do it.
    """
    home = airflow_home(settings)
    with locked(home / ".prepare.lock"):
        stamp = home / "prepared.json"
        pools = [asdict(pool) for pool in define_pools(settings.reading_slots)]
        wanted = {"airflow": version("apache-airflow"), "pools": pools}
        if not _database(settings).exists() or read_json(stamp) != wanted:
            _migrate(settings)
            write_json(stamp, wanted)
    fail_abandoned_runs(settings)


def fail_abandoned_runs(settings: Settings, *, also_without_lock: bool = True) -> None:
    """Set one-off runs of dead processes to failed.

    A run that stays `running` counts towards `max_active_runs`, and its tasks occupy their pools. Called before each
    one-off run and, as such a process may be killed at any time, by the running service. A run without a lock was
    started by `airflow dags test`.
    """
    with closing(sqlite3.connect(_database(settings), timeout=60)) as database, database:
        for run in database.execute(ONE_OFF).fetchall():
            lock = one_off_run_lock(settings, run[1])
            if not is_locked(lock) and (also_without_lock or lock.exists()):
                for table, more in (("task_instance", f"AND state NOT IN {FINISHED}"), ("dag_run", "")):
                    database.execute(f"UPDATE {table} SET {FAILED} WHERE (dag_id, run_id) = (?, ?) {more}", run)  # noqa: S608 - constants
                lock.unlink(missing_ok=True)


def one_off_run_lock(settings: Settings, run_id: str) -> Path:
    """Return the file that a one-off run keeps locked while its process is alive."""
    return airflow_home(settings) / "one-off-runs" / f"{safe_run_id(run_id)}.lock"


def _database(settings: Settings) -> Path:
    return airflow_home(settings) / "airflow.db"


def _migrate(settings: Settings) -> None:
    log = log_folder(settings) / "airflow-prepare.log"
    environment = airflow_environment(settings)
    status = run_module(["imr.airflow.metadata"], log, PREPARE_SECONDS, env=environment, cwd=airflow_home(settings))
    if status != 0:
        raise AirflowServiceError(
            f"Airflow's database {_database(settings)} could not be prepared"
            f"{f' in {PREPARE_SECONDS} s' if status is None else ''}. See {log}\n{log_tail(log)}"
        )
