"""### An archive of letters, loaded in batches

Loads a folder of any size, batch by batch, beside the daily loads. Started by hand.

| param | |
|---|---|
| `name` | what to call the backfill; the one to go on with, if it was planned before |
| `folder` | the archive: a path, or the URL of a place on an object store; only read |
| `batch_size` | letters in one load; larger where an archive would have more than 1,000 batches |

| step | what it does |
|---|---|
| `plan` | lists the archive once and divides it into batches, oldest files first (`backfills/<name>/`) |
| `load_batch` | starts a run of `imr_backfill_batch` for each batch and waits for it, two at a time |
| `tell` | says how far the backfill is; red where batches were set aside |

**How far it is**: the log of the newest `load_batch` or `tell`, or `imr backfill --status`: files done, files a minute,
the expected end, what was set aside and why.

**Back-pressure**: two batches are in hand at a time, one that is read while the other is loaded, and at most
`IMR_READING_SLOTS` chunks are read at once. Tasks of the daily load go before those of a backfill.

**When it was stopped**, however: trigger it again with the same `name`. Batches that are loaded are not looked at
again; in a batch that was half read, nothing was published.

**When a task is red**

- `plan`: the folder is not there, has no letter, or is another backfill's.
- `load_batch`: this batch is set aside, the others go on. Its run of `imr_backfill_batch` says why, in the report and
  in the red task. Mend that, and trigger again with the same `name`: it is tried again. A single letter never sets
  a batch aside: it is quarantined.
- `tell`: batches were set aside; they are named.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag, get_current_context, task

from imr import backfill
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.wiring import START, STORAGE_HICCUP, task_defaults
from imr.pools import BATCHES_POOL
from imr.settings import load_settings


@dag(
    dag_id=backfill.DAG_ID,
    description="An archive of letters in batches, beside the daily loads",
    doc_md=__doc__,
    schedule=None,
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(days=60),
    tags=["imr", "by hand"],
    default_args=task_defaults(minutes=60),
    on_failure_callback=FailureNotifier(),
    params={
        "name": Param("archive", type="string", pattern="^[a-z0-9][a-z0-9-]{0,39}$", description="Its name."),
        "folder": Param(None, type=["null", "string"], description="Path or URL; not needed to go on with one."),
        "batch_size": Param(None, type=["null", "integer"], minimum=1, description="Letters in one load."),
    },
)
def imr_backfill() -> None:
    """Wire the planning, a run a batch, and the last word."""

    @task(**STORAGE_HICCUP)
    def plan() -> list[dict[str, Any]]:
        params = get_current_context()["params"]
        name = params["name"]
        left = backfill.plan(load_settings(), name, params["folder"], params["batch_size"])
        return [
            {"trigger_run_id": backfill.run_id(name, batch), "conf": {"name": name, "batch": batch}} for batch in left
        ]

    load_batch = TriggerDagRunOperator.partial(
        task_id="load_batch",
        trigger_dag_id=backfill.BATCH_DAG_ID,
        wait_for_completion=True,
        deferrable=True,
        poke_interval=5,
        failed_states=["failed"],
        pool=BATCHES_POOL,
        map_index_template="batch {{ task.conf['batch'] }}",
        execution_timeout=timedelta(days=30),  # a batch waits until it is its turn; its own steps have their limits
    )

    @task(trigger_rule="all_done")
    def tell() -> str:
        return backfill.tell(load_settings(), get_current_context()["params"]["name"], datetime.now(UTC))

    load_batch.expand_kwargs(plan()) >> tell()


imr_backfill()
