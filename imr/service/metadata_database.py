"""Prepares Airflow's metadata database: schema, pools, and no run that only seems to go on."""

from __future__ import annotations

import json
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
from warehouse.files import OWNER_FILE, is_locked, locked, write_json

PREPARE_SECONDS = 300
# A one-off run has been started by `DAG.test`: no scheduler runs its tasks or notices that its process is dead.
ABANDONED = "SELECT dag_id, run_id FROM dag_run WHERE state = 'running' AND triggered_by = 'TEST'"
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
        prepared = json.loads(stamp.read_text(encoding="utf-8")) if stamp.exists() else None
        if not _database(settings).exists() or prepared != wanted:
            _migrate(settings)
            write_json(stamp, wanted, mode=OWNER_FILE)
    fail_abandoned_runs(settings)


def fail_abandoned_runs(settings: Settings) -> None:
    """Set one-off runs of dead processes to failed; does nothing while a one-off run is alive.

    A run that stays `running` counts towards `max_active_runs`, and its tasks occupy their pools.
    """
    if is_locked(one_off_run_lock(settings), shared=True):
        return
    with closing(sqlite3.connect(_database(settings), timeout=60)) as database, database:
        for table, more in (("task_instance", f"AND state NOT IN {FINISHED}"), ("dag_run", "")):
            database.execute(f"UPDATE {table} SET {FAILED} WHERE (dag_id, run_id) IN ({ABANDONED}) {more}")  # noqa: S608 - constants


def one_off_run_lock(settings: Settings) -> Path:
    """Return the lock that each one-off run shares while it is alive."""
    return airflow_home(settings) / ".one-off-run.lock"


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
