"""### A load when letters arrive

Starts `imr_daily_load` when new letters are in the inbox, in addition to its daily schedule. Airflow's triggerer
watches the inbox (an asset watcher, every `IMR_POLL_SECONDS`); this DAG runs only when there is something to load.

| step | what it does |
|---|---|
| `check_inbox` | lists the inbox by name, size and time; skips if no letter can be opened |
| `start_load` | starts the daily load under a run id derived from that list; skips if the run id exists |

**Each set of files starts one load at most**, because the run id is a fingerprint of the files. A file that cannot be
read, is known already, or was stopped at a gate stays in the inbox without starting another load. Adding or removing
a file makes another set. Letters over the limit of a load (`IMR_MAX_LETTERS_PER_LOAD`) are another set once the first
are published, and are loaded next.

**If nothing starts**, check that the triggerer is running, that this DAG is not paused, and that the letters have been
unchanged for `IMR_QUIET_SECONDS`. `imr status` lists what waits and why. To load the same files again after correcting
a gate's finding, clear the stopped run of `imr_daily_load`, or trigger that DAG.

**When a task is red**, the inbox cannot be listed (the message says why). Nothing was started, and the daily load will
fail in the same way.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, AssetWatcher, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from imr.airflow import load_tasks
from imr.airflow.arrivals_trigger import ArrivalsTrigger
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, STORAGE_RETRY, task_defaults
from imr.pipeline import steps

ARRIVALS = Asset("imr_arrivals", watchers=[AssetWatcher(name="imr_inbox", trigger=ArrivalsTrigger())])


@dag(
    dag_id="imr_arrivals",
    description="Starts the daily load when letters arrive in the inbox",
    doc_md=__doc__,
    schedule=[ARRIVALS],
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    tags=["imr", "arrivals"],
    default_args=task_defaults(minutes=10),
    on_failure_callback=FailureNotifier(),
)
def imr_arrivals() -> None:
    """Wire the check of the inbox to the start of a load."""

    @task(**STORAGE_RETRY)
    def check_inbox() -> str:
        fingerprint, should_load = steps.check_arrivals(load_tasks.open_context())
        if not should_load:
            raise AirflowSkipException("no unchanged letter in the inbox can be opened")
        return f"arrivals__{fingerprint}"

    check_inbox() >> TriggerDagRunOperator(
        task_id="start_load",
        trigger_dag_id="imr_daily_load",
        trigger_run_id="{{ ti.xcom_pull('check_inbox') }}",
        skip_when_already_exists=True,
    )


imr_arrivals()
