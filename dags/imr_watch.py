"""### Is today's load late?

Looks every hour of a working day whether a load has finished since five in the morning, and once a day how old
the published data is. Tells of it by the channels of `IMR_NOTIFY`, each occasion once.

| step | what it does |
|---|---|
| `look` | has a load published, or found nothing new, within `IMR_LATE_AFTER_HOURS` (4) of its hour? |
| `freshness` | `dbt source freshness` on the published version, once a day: have letters stopped coming? |

**A late load does not make this red**: the notice is the alarm (and `look`'s result in the grid). The notice says
what the last run did. What to do: the chapter "Today's load is late" of `docs/runbook.md`.

**When a task is red**, nothing of the warehouse is harmed, it is only read:

- `look`: a notice could not be sent (the message names the channel: is the Airflow connection right, does the
  mail server answer?) or the warehouse's storage cannot be read.
- `freshness`: dbt could not read the published version.

Both may be cleared; they are retried once, for a mail server or a storage may be away for a moment.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from imr.airflow.notifiers import FailureNotifier, tell
from imr.airflow.task_defaults import START, task_defaults
from imr.monitoring import watch
from imr.settings import load_settings

WELL = "in time"


@dag(
    dag_id="imr_watch",
    description="Tells when a working day's load is late, or letters stopped coming",
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
        "check_freshness": Param(False, type="boolean", description="Ask dbt now, also if it was asked today."),
    },
)
def imr_watch() -> None:
    """Wire the questions of `imr.monitoring.watch` to the notices."""

    @task
    def look() -> str:
        settings = load_settings()
        found = watch.late_notice(settings, datetime.now(UTC))
        if found:
            tell(settings, *found)
        return found[1].subject if found else WELL

    @task
    def freshness() -> str:
        settings = load_settings()
        last = watch.last_freshness(settings)
        asked_today = last is not None and last["checked_at"][:10] == f"{datetime.now(UTC):%Y-%m-%d}"
        if asked_today and not get_current_context()["params"]["check_freshness"]:
            raise AirflowSkipException("asked today already")
        found = watch.stale_notice(settings, watch.check_freshness(settings))
        if found:
            tell(settings, *found)
        return found[1].subject if found else WELL

    look()
    freshness()


imr_watch()
