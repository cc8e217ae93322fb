"""Whether the day's load is late, and how old what readers see is. Knows no Airflow; `dags/imr_watch.py` asks.

Not by Airflow's deadline alerts: they are experimental in 3.3, they are told to the triggerer without the run's
context, and they know of runs alone. This asks what people ask: has a load finished since its hour, whatever
started it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from imr.monitoring.freshness import check_freshness, last_freshness
from imr.monitoring.status import last_runs, tell_run
from imr.pipeline.steps import store
from imr.reporting.notices import Notice
from imr.reporting.runbook import DOCUMENT
from imr.settings import Settings
from warehouse.build.freshness import SourceAge
from warehouse.query import query
from warehouse.runs.run import BACKFILL_RUNS
from warehouse.versions.base import Version

__all__ = ["check_freshness", "due_since", "last_freshness", "late_notice", "stale_notice"]

ZONE = ZoneInfo("America/Los_Angeles")
DAILY_HOUR = 5
"""When the daily load begins, in `ZONE`; the DAG's schedule says the same."""
SATURDAY = 5
LATE, STALE = "Today's load is late", "Nothing new has been loaded for days"
"""Headings of the runbook."""


def due_since(now: datetime, late_after_hours: float) -> datetime | None:
    """Return the hour since which a load must have finished by `now`; `None` where none is due (yet).

    Letters are posted on working days, so only Monday to Friday are watched.
    """
    here = now.astimezone(ZONE)
    begins = here.replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    return begins if here.weekday() < SATURDAY and here >= begins + timedelta(hours=late_after_hours) else None


def late_notice(settings: Settings, now: datetime) -> tuple[str, Notice] | None:
    """Return what to tell of a late load and the name of the occasion (one a day); `None` where it is not late.

    A load has finished when it published, or found nothing new; one that a gate stopped has not.
    """
    since = due_since(now, settings.late_after_hours)
    runs = [run for run in last_runs(settings) if not run.run_id.startswith(BACKFILL_RUNS)]
    if since is None or any(_finished(run.outcome("settle")) >= since for run in runs):
        return None
    last = tell_run(runs[0]) if runs else None
    current = store(settings).current()
    notice = Notice(
        subject=f"the load of {since:%A %Y-%m-%d} is late",
        what=f"No load has finished since {since:%H:%M %Z}; readers see "
        + (f"version {current.number}." if current else "nothing yet."),
        where={
            "last run": f"{last['run_id']}, begun {last['begun_at']}: {last['verdict']}" if last else "none",
            **_published(current),
        },
        todo="See in Airflow whether `imr_daily_load` runs, failed or was not started (is the DAG unpaused, the "
        "scheduler up?); `imr status` says what waits.",
        links={"runbook": f"{DOCUMENT}, {LATE!r}"},
    )
    return f"late__{since:%Y-%m-%d}", notice


def stale_notice(settings: Settings, ages: list[SourceAge]) -> tuple[str, Notice] | None:
    """Return what to tell where dbt calls the letters old, once until one is loaded; `None` where it does not."""
    stale = [age for age in ages if not age.is_fresh]
    if not stale:
        return None
    newest = max(age.last_loaded or "never" for age in stale)
    current = store(settings).current()
    notice = Notice(
        subject=f"nothing has been loaded into {', '.join(age.table for age in stale)} since {newest}",
        what="\n".join(f"{age.table}: last loaded {age.last_loaded or 'never'} ({age.state})" for age in stale),
        where=_published(current),
        todo="If letters were to be expected: do they still arrive in the drop folder? `imr status` says what lies "
        "there. If not, nothing is wrong: this is told once, until a letter is loaded again.",
        links={"runbook": f"{DOCUMENT}, {STALE!r}"},
    )
    return f"stale__{'_'.join(age.table for age in stale)}__{newest}", notice


def _finished(settled: dict[str, Any] | None) -> datetime:
    """Return when a run ended well, by its last step's outcome; the beginning of time where it did not."""
    if settled is None or settled["state"] != "done":
        return datetime.min.replace(tzinfo=UTC)
    return datetime.fromisoformat(settled["begun_at"]) + timedelta(seconds=settled["seconds"])


def _published(version: Version | None) -> dict[str, str]:
    if version is None:
        return {}
    (row,) = query(version.marts, "SELECT max(decision_date) AS newest FROM fct_determinations").to_pylist()
    return {
        "published": f"version {version.number}, {version.manifest['published_at']}",
        "newest decision": f"{row['newest'] or 'without a date'}",
    }
