"""### One batch of a backfill

The daily load's steps for one batch of an archive. `imr_backfill` starts it; so may you, with the `name` of a backfill
and the number of a `batch`, to try one again.

| step | what it does |
|---|---|
| `scan` | looks at the batch's files alone, tells new ones from those that are loaded |
| `extract` | reads them, a chunk a task, wherever a reader is free |
| `gate_batch`, `load`, `transform`, `gate_marts`, `publish`, `settle` | as in `imr_daily_load` |
| `turn` | waits while another load is between its `load` and its publication |
| `report` | says what happened, and keeps it with the backfill |

An archive is of other years than the last loads, so drift from them is shown and stops nothing
(`accept_drift`); every other rule holds. Files of the archive stay where they are; their copies go to the archive and
the quarantine of the warehouse.

**When a task is red**, nothing of this batch was published, and it is set aside. See the manual of `imr_daily_load`
for what each step says. Then trigger `imr_backfill` again with the same name.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, task

from imr import backfill, steps
from imr.airflow import loading
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.wiring import START, STORAGE_HICCUP, task_defaults
from imr.pools import READING_POOL
from imr.settings import load_settings


@dag(
    dag_id=backfill.BATCH_DAG_ID,
    description="One batch of an archive, from its files to a published version",
    doc_md=__doc__,
    schedule=None,
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=2,  # one that is read while the other is loaded
    dagrun_timeout=timedelta(days=2),
    tags=["imr", "backfill"],
    default_args=task_defaults(minutes=60) | {"priority_weight": 1},
    on_failure_callback=FailureNotifier(),
    params={
        "name": Param("archive", type="string", description="The backfill's name."),
        "batch": Param(1, type="integer", minimum=1, description="The batch's number, from 1."),
        "chunk_size": loading.CHUNK_SIZE,
    },
)
def imr_backfill_batch() -> None:
    """Wire the steps: what a batch reads, and what it notes in the end, is of its backfill."""

    @task(**STORAGE_HICCUP)
    def scan() -> list[int]:
        asked = loading.params()
        return backfill.scan(load_settings(), loading.run_id(), asked["name"], asked["batch"], asked["chunk_size"])

    def report() -> str:
        steps.report(load_settings(), loading.run_id())
        return backfill.note(load_settings(), loading.run_id(), loading.params()["name"], loading.params()["batch"])

    gated, published = loading.gate_to_publication(accept_drift=True)  # an archive's batch is not a day's
    one_of_many = loading.extract.override(pool=READING_POOL, retries=3)  # a machine of many may die
    one_of_many.expand(first=scan()) >> gated
    published >> loading.settle.override(trigger_rule="none_failed")() >> loading.as_teardown(report)


imr_backfill_batch()
