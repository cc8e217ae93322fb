"""### An archive of letters, loaded in batches

Loads a folder of any size batch by batch, beside the daily loads. Started by hand.

| param | |
|---|---|
| `name` | name of a new backfill, or of the one to continue |
| `folder` | the archive: a path, or a URL of an object store; only read |
| `batch_size` | letters of one load; larger if the archive would have more than 1,000 batches |

| step | what it does |
|---|---|
| `plan` | lists the archive once and divides it into batches, oldest files first (`backfills/<name>/`) |
| `load_batch` | starts a run of `imr_backfill_batch` for each batch and waits for it, two at a time |
| `check_batches` | logs the progress; red if batches failed |

**Progress**: see the log of the newest `load_batch` or `check_batches`, or run `imr backfill --status`. It shows files
done, files a minute, the expected end, and failed batches with their errors.

**Concurrency**: two batches run at a time, one being read while the other is loaded, and at most
`IMR_READING_SLOTS` chunks are read at once. Tasks of the daily load have priority.

**After a stop of any kind**, trigger it again with the same `name`. Loaded batches are not read again. A batch that was
being read had published nothing.

**When a task is red**

- `plan`: the folder does not exist, has no letters, or belongs to another backfill.
- `load_batch`: this batch failed, the others go on. The report of its run of `imr_backfill_batch`, and its red task,
  say why. Correct the cause and trigger again with the same `name`. A single letter never fails a batch: it is
  quarantined.
- `check_batches`: batches failed; the message names them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag, task

from imr.airflow import load_tasks
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, STORAGE_RETRY, task_defaults
from imr.pipeline import backfill
from imr.pools import BATCHES_POOL


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
        "folder": Param(None, type=["null", "string"], description="Path or URL; not needed to continue a backfill."),
        "batch_size": Param(None, type=["null", "integer"], minimum=1, description="Letters of one load."),
    },
)
def imr_backfill() -> None:
    """Wire the plan, one run for each batch, and the check of all batches."""

    @task(**STORAGE_RETRY)
    def plan() -> list[dict[str, Any]]:
        params = load_tasks.params()
        name = params["name"]
        left = backfill.plan(load_tasks.open_context(), name, params["folder"], params["batch_size"])
        return [
            {"trigger_run_id": backfill.make_run_id(name, batch), "conf": {"name": name, "batch": batch}}
            for batch in left
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
        execution_timeout=timedelta(days=30),  # a batch waits for the publish lock; its steps have their own limits
    )

    @task(trigger_rule="all_done")
    def check_batches() -> str:
        return backfill.log_progress(load_tasks.open_context(), load_tasks.params()["name"], datetime.now(UTC))

    load_batch.expand_kwargs(plan()) >> check_batches()


imr_backfill()
