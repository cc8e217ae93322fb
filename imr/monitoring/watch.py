"""Notices for a late load and for letters that stopped coming; `dags/imr_watch.py` sends them.

Airflow's deadline alerts are not used: they are experimental in 3.3, reach the triggerer without the run's context, and
see DAG runs only. This checks whether any load has finished since its hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from imr.context import Context
from imr.monitoring.status import describe_run, list_last_runs
from imr.reporting.notices import Notice
from imr.reporting.runbook import DOCUMENT
from warehouse.build.freshness import SourceAge
from warehouse.query import query
from warehouse.runs.run import BACKFILL_RUNS, Run
from warehouse.runs.step_results import ArchiveResult
from warehouse.versions.base import Version

ZONE = ZoneInfo("America/Los_Angeles")
DAILY_HOUR = 5
"""Hour of the daily load in `ZONE`, as in the DAG's schedule."""
SATURDAY = 5
LATE, STALE = "Today's load is late", "Nothing new has been loaded for days"
"""Headings of the runbook."""


def find_due_time(now: datetime, late_after_hours: float) -> datetime | None:
    """Return the time since which a load must have finished by `now`; `None` where none is due.

    Letters are posted on working days, so only Monday to Friday are watched.
    """
    local = now.astimezone(ZONE)
    begins = local.replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    return begins if local.weekday() < SATURDAY and local >= begins + timedelta(hours=late_after_hours) else None


def make_late_notice(context: Context, now: datetime) -> tuple[str, Notice] | None:
    """Return the name of the event (one a day) and its notice; `None` where no load is late.

    A load has finished when it published or found nothing new, not when a gate stopped it.
    """
    since = find_due_time(now, context.settings.late_after_hours)
    runs = [run for run in list_last_runs(context) if not run.run_id.startswith(BACKFILL_RUNS)]
    if since is None or any(_find_end(run) >= since for run in runs):
        return None
    last = describe_run(runs[0]) if runs else None
    current = context.current
    notice = Notice(
        subject=f"the load of {since:%A %Y-%m-%d} is late",
        what=f"No load has finished since {since:%H:%M %Z}; readers see "
        + (f"version {current.number}." if current else "nothing yet."),
        where={
            "last run": f"{last['run_id']}, begun {last['begun_at']}: {last['verdict']}" if last else "none",
            **_describe_version(current),
        },
        todo="Check in Airflow whether `imr_daily_load` is running, failed or was not started (is the DAG unpaused, is "
        "the scheduler running?). `imr status` lists what waits.",
        links={"runbook": f"{DOCUMENT}, {LATE!r}"},
    )
    return f"late__{since:%Y-%m-%d}", notice


def make_stale_notice(context: Context, ages: list[SourceAge]) -> tuple[str, Notice] | None:
    """Return the name of the event and its notice where raw tables are stale; `None` otherwise.

    The event stays the same until a letter is loaded.
    """
    stale = [age for age in ages if not age.is_fresh]
    if not stale:
        return None
    newest = max(age.last_loaded or "never" for age in stale)
    notice = Notice(
        subject=f"nothing has been loaded into {', '.join(age.table for age in stale)} since {newest}",
        what="\n".join(f"{age.table}: last loaded {age.last_loaded or 'never'} ({age.state})" for age in stale),
        where=_describe_version(context.current),
        todo="If letters were expected, check whether they still arrive in the inbox (`imr status`). "
        "Otherwise nothing is wrong. This notice is sent once, until a letter is loaded again.",
        links={"runbook": f"{DOCUMENT}, {STALE!r}"},
    )
    return f"stale__{'_'.join(age.table for age in stale)}__{newest}", notice


def _find_end(run: Run) -> datetime:
    """Return when a run's last step ended; the beginning of time where it did not end well."""
    archived = run.find_result(ArchiveResult)
    if archived is None or not archived.is_done or archived.ended_at is None:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.fromisoformat(archived.ended_at)


def _describe_version(version: Version | None) -> dict[str, str]:
    if version is None:
        return {}
    (row,) = query(version.marts, "SELECT max(decision_date) AS newest FROM fct_determinations").to_pylist()
    return {
        "published": f"version {version.number}, "
        + (version.manifest["published_at"] if version.has_manifest else "its manifest cannot be read"),
        "newest decision": f"{row['newest'] or 'without a date'}",
    }
