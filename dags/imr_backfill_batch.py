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

from airflow.sdk import Param, dag, get_current_context, task, teardown

from imr import backfill, steps
from imr.airflow.environment import READING_POOL
from imr.airflow.links import DataDocsLink, ReportLink
from imr.airflow.notifiers import FailureNotifier, PublishedNotifier
from imr.airflow.wiring import (
    PUBLISHED,
    RAW,
    READING,
    START,
    STORAGE_HICCUP,
    TURN,
    WRITER,
    task_defaults,
    tell_loaded,
    tell_published,
)
from imr.settings import load_settings
from warehouse.run import Run


def _run_id() -> str:
    return str(get_current_context()["run_id"])


def _run() -> Run:
    return steps.open_run(load_settings(), _run_id())


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
        "chunk_size": Param(None, type=["null", "integer"], minimum=1, description="Letters that one task reads."),
    },
)
def imr_backfill_batch() -> None:  # noqa: C901 - a function a task
    """Wire the steps of `imr.steps` and `imr.backfill`, which import dbt and GX only when they run."""

    @task(**STORAGE_HICCUP)
    def scan() -> list[int]:
        params = get_current_context()["params"]
        return backfill.scan(load_settings(), _run_id(), params["name"], params["batch"], params["chunk_size"])

    @task(
        **READING | {"retries": 3},  # one machine of many may die
        pool=READING_POOL,
        map_index_template="from letter {{ task.op_kwargs['first'] }}",
    )
    def extract(first: int) -> dict[str, int]:
        return steps.extract(load_settings(), _run_id(), first)

    @task
    def gate_batch() -> int:
        return steps.gate_batch(load_settings(), _run_id(), accept_drift=True)

    @task.sensor(**TURN)
    def turn() -> bool:
        return steps.take_turn(load_settings(), _run_id())

    @task(**STORAGE_HICCUP, pool=WRITER, outlets=[RAW])
    def load() -> dict[str, int]:
        rows = steps.load_raw(load_settings(), _run_id())
        tell_loaded(get_current_context()["outlet_events"], _run())
        return rows

    @task(pool=WRITER)
    def transform() -> dict[str, int]:
        return steps.build_marts(load_settings(), _run_id())

    @task
    def gate_marts() -> int:
        return steps.gate_marts(load_settings(), _run_id(), accept_drift=True)

    @task(pool=WRITER, outlets=PUBLISHED)
    def publish() -> int:
        version = steps.publish(load_settings(), _run_id())
        tell_published(get_current_context()["outlet_events"], _run())
        return version

    @task(**STORAGE_HICCUP, trigger_rule="none_failed")
    def settle() -> dict[str, int]:
        return steps.settle(load_settings(), _run_id())

    @teardown  # as in the daily load: it runs whatever happened, and does not decide whether the run was good
    @task(on_success_callback=PublishedNotifier())
    def report() -> str:
        params = get_current_context()["params"]
        steps.report(load_settings(), _run_id())
        return backfill.note(load_settings(), _run_id(), params["name"], params["batch"])

    read = extract.expand(first=scan())
    before_load, before_publication, told = gate_batch(), gate_marts(), report()
    before_load.operator.operator_extra_links = before_publication.operator.operator_extra_links = (DataDocsLink(),)
    told.operator.operator_extra_links = (ReportLink(),)
    read >> before_load >> turn() >> load() >> transform() >> before_publication >> publish() >> settle() >> told


imr_backfill_batch()
