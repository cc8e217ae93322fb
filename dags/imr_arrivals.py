"""### A load when letters arrive

Starts `imr_daily_load` when new letters lie in the drop folder, besides its daily schedule. Airflow's
triggerer watches the folder (an asset watcher, `IMR_POLL_SECONDS` apart); this DAG runs only when there is
something to load.

| step | what it does |
|---|---|
| `look` | looks at the settled letters of the drop folder, by name, size and time; skips if none can be opened |
| `start_load` | starts the daily load under a run id made of them; skips if there was such a run before |

**It does not fire again and again.** The run id is a fingerprint of the letters that lie there, so each set of
files starts one load at most: a file that cannot be read, that is known already, or whose load was stopped at
a gate, stays without starting another. A new file, or one that is taken away, makes another set. What was over
the limit of a load (`IMR_MAX_LETTERS_A_LOAD`) is another set once the first part is published, and follows by
itself.

**When nothing starts**: is the triggerer running, is this DAG unpaused, have the letters settled
(`IMR_QUIET_SECONDS`)? `imr status` says what waits and why. To load the same files again after a gate was
mended, clear the stopped run of `imr_daily_load`, or trigger that DAG.

**When a task is red**: the drop folder cannot be listed (its message says why); nothing was started, and the
daily load will say the same.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Asset, AssetWatcher, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from imr.airflow.arrivals_trigger import ArrivalsTrigger
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, STORAGE_HICCUP, task_defaults
from imr.pipeline import steps
from imr.settings import load_settings

ARRIVALS = Asset("imr_arrivals", watchers=[AssetWatcher(name="imr_drop_folder", trigger=ArrivalsTrigger())])


@dag(
    dag_id="imr_arrivals",
    description="Starts the daily load when letters arrive in the drop folder",
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
    """Wire the look at the drop folder to the start of a load."""

    @task(**STORAGE_HICCUP)
    def look() -> str:
        fingerprint, worth = steps.arrivals(load_settings())
        if not worth:
            raise AirflowSkipException("no settled letter in the drop folder can be opened")
        return f"arrivals__{fingerprint}"

    look() >> TriggerDagRunOperator(
        task_id="start_load",
        trigger_dag_id="imr_daily_load",
        trigger_run_id="{{ ti.xcom_pull('look') }}",
        skip_when_already_exists=True,
    )


imr_arrivals()
