"""### One batch of a backfill

The daily load's steps for one batch of an archive. `imr_backfill` starts it. To try a batch again, trigger it with the
`name` of the backfill and the number of the `batch`.

| step | what it does |
|---|---|
| `scan` | scans the batch's files only, and finds those that are not loaded yet |
| `extract` | reads them, one task a chunk, on any free reader |
| `gate_batch`, `load`, `transform`, `gate_marts`, `publish`, `archive` | as in `imr_daily_load` |
| `publish_lock` | waits while another load is between `load` and `publish` |
| `report` | writes the report, and records the result with the backfill |

An archive is of other years than the last loads, so drift from them only warns (`accept_drift`); every other rule
blocks. Files of the archive folder stay where they are; copies go to the warehouse's archive and quarantine.

**When a task is red**, nothing of this batch was published, and the batch counts as failed. See `imr_daily_load` for
each step. Then trigger `imr_backfill` again with the same name.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, task

from imr.airflow import load_tasks
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, STORAGE_RETRY, task_defaults
from imr.pipeline import backfill, steps
from imr.pools import READING_POOL


@dag(
    dag_id=backfill.BATCH_DAG_ID,
    description="One batch of an archive, from its files to a published version",
    doc_md=__doc__,
    schedule=None,
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=2,  # one being read while the other is loaded
    dagrun_timeout=timedelta(days=2),
    tags=["imr", "backfill"],
    default_args=task_defaults(minutes=60) | {"priority_weight": 1},
    on_failure_callback=FailureNotifier(),
    params={
        "name": Param("archive", type="string", description="The backfill's name."),
        "batch": Param(1, type="integer", minimum=1, description="The batch's number, from 1."),
        "chunk_size": load_tasks.CHUNK_SIZE,
    },
)
def imr_backfill_batch() -> None:
    """Wire the steps of a load, after a scan of the batch's files."""

    @task(**STORAGE_RETRY)
    def scan() -> list[int]:
        params = load_tasks.params()
        context = load_tasks.open_context()
        return backfill.scan(context, load_tasks.run_id(), params["name"], params["batch"], params["chunk_size"])

    def report() -> str:
        context, run_id, params = load_tasks.open_context(), load_tasks.run_id(), load_tasks.params()
        steps.report(context, run_id)
        return backfill.record_batch(context, run_id, params["name"], params["batch"])

    gated, published = load_tasks.gate_to_publication(accept_drift=True)  # an archive is of other years
    extract = load_tasks.extract.override(pool=READING_POOL, retries=3)  # one of many machines may fail
    extract.expand(first=scan()) >> gated
    published >> load_tasks.archive.override(trigger_rule="none_failed")() >> load_tasks.as_teardown(report)


imr_backfill_batch()
