"""What every DAG file of this project shares: its tasks' defaults, the writers' pool, and the assets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import Asset

from imr.airflow.notifiers import FailureNotifier
from imr.pools import READING_QUEUE, WRITER_POOL
from warehouse.run import Run
from warehouse.transform import mart_groups

WRITER = WRITER_POOL
START = pendulum.datetime(2024, 1, 1, tz="America/Los_Angeles")
"""The regulator's own time zone; nothing is caught up on, so only the zone matters."""

STORAGE_HICCUP: dict[str, Any] = {"retries": 1, "retry_delay": timedelta(seconds=10)}
"""For steps that read or write storage: its trouble may pass by itself, and each of them may run twice."""

READING: dict[str, Any] = STORAGE_HICCUP | {"queue": READING_QUEUE}
"""For the tasks that read letters: on any machine that takes them; a queue means nothing on a single one."""

TURN: dict[str, Any] = {"poke_interval": 10, "mode": "reschedule", "timeout": timedelta(hours=12).total_seconds()}
"""For the sensor that waits while another run is between its load and its publication, and holds no slot meanwhile."""

RAW = Asset("imr_raw")
WAREHOUSE = Asset("imr_warehouse")
MART_GROUPS = {group: Asset(f"imr_marts_{group}") for group in sorted(mart_groups())}
"""One asset a folder under `dbt_project/models/marts`: schedule the refresh of a dashboard on those it reads."""

PUBLISHED = [WAREHOUSE, *MART_GROUPS.values()]


def task_defaults(*, minutes: int = 60) -> dict[str, Any]:
    """Return a DAG's `default_args`: an owner, a time limit, a notice on failure, and no retry.

    A step that decides (a gate, dbt, a publication) finds the same twice, so it is not retried; give
    `STORAGE_HICCUP` to those that only move bytes.
    """
    return {
        "owner": "imr",
        "retries": 0,
        "priority_weight": 10,  # before the batches of a backfill
        "execution_timeout": timedelta(minutes=minutes),
        "on_failure_callback": FailureNotifier(),
    }


def tell_loaded(events: Any, run: Run) -> None:
    """Give the event of `RAW` what was loaded: run, rows a table, the version it builds on."""
    loaded = run.outcome("load") or {}
    events[RAW].extra = {"run_id": run.run_id, "rows": loaded.get("rows"), "based_on": loaded.get("based_on")}


def tell_published(events: Any, run: Run) -> None:
    """Give the events of `PUBLISHED` the version, the run, and the rows of each mart they stand for."""
    published = run.outcome("publish") or {}
    rows = published.get("rows") or {}
    told = {"version": published.get("version"), "run_id": run.run_id}
    events[WAREHOUSE].extra = told | {"rows": rows}
    for group, marts in mart_groups().items():
        held = {mart: rows[mart] for mart in marts if mart in rows}
        events[MART_GROUPS[group]].extra = told | {"rows": held}
