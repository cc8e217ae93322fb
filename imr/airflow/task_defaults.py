"""Task defaults, pools and assets shared by the DAG files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import Asset

from imr.airflow.notifiers import FailureNotifier
from imr.pools import READING_QUEUE, WRITER_POOL
from warehouse.build.transform import mart_groups
from warehouse.runs.run import Run
from warehouse.runs.step_results import LoadResult, PublishResult

WRITER = WRITER_POOL
START = pendulum.datetime(2024, 1, 1, tz="America/Los_Angeles")
"""The regulator's time zone. No DAG catches up, so only the zone matters."""

STORAGE_RETRY: dict[str, Any] = {"retries": 1, "retry_delay": timedelta(seconds=10)}
"""For steps that read or write storage, whose failures may be temporary; each of them can run twice."""

READING: dict[str, Any] = STORAGE_RETRY | {"queue": READING_QUEUE}
"""For tasks that read letters, which any machine may run; the queue has no effect on a single machine."""

WAIT_FOR_LOCK: dict[str, Any] = {
    "poke_interval": 10,
    "mode": "reschedule",
    "timeout": timedelta(hours=12).total_seconds(),
}
"""Sensor settings for the publish lock; a waiting sensor holds no slot."""

RAW = Asset("imr_raw")
WAREHOUSE = Asset("imr_warehouse")
MART_GROUPS = {group: Asset(f"imr_marts_{group}") for group in sorted(mart_groups())}
"""One asset for each folder under `dbt_project/models/marts`; schedule a dashboard's refresh on those it reads."""

PUBLISHED = [WAREHOUSE, *MART_GROUPS.values()]


def task_defaults(*, minutes: int = 60) -> dict[str, Any]:
    """Return a DAG's `default_args`: owner, time limit, notice on failure, no retry.

    Steps that decide (a gate, dbt, a publication) would decide the same again; give `STORAGE_RETRY` to those that
    only move bytes.
    """
    return {
        "owner": "imr",
        "retries": 0,
        "priority_weight": 10,  # before the batches of a backfill
        "execution_timeout": timedelta(minutes=minutes),
        "on_failure_callback": FailureNotifier(),
    }


def emit_loaded(events: Any, run: Run) -> None:
    """Set the event of `RAW`: run, rows of each table, the version that the load builds on."""
    loaded = run.find_result(LoadResult) or LoadResult()
    events[RAW].extra = {"run_id": run.run_id, "rows": loaded.rows, "based_on": loaded.based_on}


def emit_published(events: Any, run: Run) -> None:
    """Set the events of `PUBLISHED`: version, run, and the rows of each mart of the asset's group."""
    published = run.find_result(PublishResult) or PublishResult()
    shared = {"version": published.version, "run_id": run.run_id}
    events[WAREHOUSE].extra = shared | {"rows": published.rows}
    for group, marts in mart_groups().items():
        rows = {mart: published.rows[mart] for mart in marts if mart in published.rows}
        events[MART_GROUPS[group]].extra = shared | {"rows": rows}
