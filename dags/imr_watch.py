"""### Is today's load late?

Checks every hour of a working day whether a load has finished since five in the morning, and once a day the files and
the age of the published data. Sends a notice by the channels of `IMR_NOTIFY`, once for each event.

| step | what it does |
|---|---|
| `check_load` | has a load published, or found nothing new, within `IMR_LATE_AFTER_HOURS` (4) of its hour? |
| `check_files` | are the published files those of the manifest (sha256)? once a day |
| `check_freshness` | `dbt source freshness` on the published version, once a day: have letters stopped coming? |

**A late load does not fail this DAG**: the notice is the alarm (and `check_load`'s return value). The notice describes
the last run. What to do: the chapter "Today's load is late" of `docs/runbook.md`.

**When a task is red**, the warehouse is unharmed, since it is only read:

- `check_load`: a notice could not be sent (the message names the channel; check the Airflow connection and the mail
  server), or the warehouse's storage cannot be read.
- `check_files`: the warehouse's storage cannot be read. Damaged files do not fail it: the notice is the alarm
  (runbook: "The warehouse is damaged").
- `check_freshness`: dbt could not read the published version.

Both can be cleared, and are retried once, as a mail server or a storage may be unavailable for a moment.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import Param, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from imr.airflow import load_tasks
from imr.airflow.notifiers import FailureNotifier, send_once
from imr.airflow.task_defaults import START, task_defaults
from imr.monitoring import verification, watch
from imr.reporting import freshness

NO_NOTICE = "no notice"


@dag(
    dag_id="imr_watch",
    description="Sends a notice when a working day's load is late, or letters stopped coming",
    doc_md=__doc__,
    schedule="5 6-20 * * 1-5",
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=50),
    tags=["imr", "watch"],
    default_args=task_defaults(minutes=10) | {"retries": 1, "retry_delay": timedelta(minutes=2)},
    on_failure_callback=FailureNotifier(),
    params={
        "check_freshness": Param(False, type="boolean", description="Check files and age now, even if checked today."),
    },
)
def imr_watch() -> None:
    """Wire the checks of `imr.monitoring.watch` to the notices."""

    @task
    def check_load() -> str:
        context = load_tasks.open_context()
        found = watch.make_late_notice(context, datetime.now(UTC))
        if found:
            send_once(context.settings, *found)
        return found[1].subject if found else NO_NOTICE

    @task
    def check_files() -> str:
        context = load_tasks.open_context()
        if verification.was_verified_today(context) and not load_tasks.params()["check_freshness"]:
            raise AirflowSkipException("checked today already")
        found = verification.make_damage_notice(context)
        if found:
            send_once(context.settings, *found)
        return found[1].subject if found else NO_NOTICE

    @task
    def check_freshness() -> str:
        context = load_tasks.open_context()
        last = freshness.read_last_freshness(context.settings)
        checked_today = last is not None and last["checked_at"][:10] == f"{datetime.now(UTC):%Y-%m-%d}"
        if checked_today and not load_tasks.params()["check_freshness"]:
            raise AirflowSkipException("checked today already")
        found = watch.make_stale_notice(context, freshness.check_freshness(context))
        if found:
            send_once(context.settings, *found)
        return found[1].subject if found else NO_NOTICE

    check_load()
    check_files()
    check_freshness()


imr_watch()
