"""Builds the `imr status` report: published version, files by outcome, inbox, reviews, last runs, open problems."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from extract.read import SUFFIXES
from extract.reasons import Reason
from imr.context import Context
from imr.monitoring.verification import list_known_damage
from imr.pipeline.review import list_candidates
from imr.reporting.freshness import read_last_freshness
from imr.reporting.report import Report, find_left_files
from warehouse.intake.inbox import printable_name
from warehouse.intake.listing import list_letters
from warehouse.query import query
from warehouse.runs.run import Run
from warehouse.runs.step_results import STEPS, ScanResult
from warehouse.versions.base import Version

RUNS_SHOWN = 5
NAMES_SHOWN = 3
FILES_SHOWN = 10
Status = dict[str, Any]

_FILES = """
    select latest_status as outcome, quarantine_reason as reason, count(*) as files,
        list(source_path order by seen_at desc)[:3] as newest
    from fct_intake
    where is_latest_attempt
    group by all order by all
"""


def make_status(context: Context) -> Status:
    """Return the status as `imr status --format json` prints it.

    Files are counted once for each name and content, by the outcome of their newest reading.
    """
    current = context.current
    files = query(current.marts, _FILES).to_pylist() if current else []
    runs = list_last_runs(context)
    inbox = _describe_inbox(context, runs)
    return {
        "published": _describe_version(current) if current else None,
        "files": {
            "seen": sum(row["files"] for row in files),
            "by_outcome": _count_files(files, "outcome"),
            "quarantined_by_reason": _count_files([f for f in files if f["outcome"] == "quarantined"], "reason"),
        },
        "inbox": inbox,
        "reviews": _describe_reviews(context),
        "freshness": read_last_freshness(context.settings),
        "publishing": holder.run_id if (holder := context.publish_lock.find_holder()) else None,
        "runs": [describe_run(run) for run in runs[:RUNS_SHOWN]],
        "problems": [
            *dict.fromkeys([*context.versions.find_problems(), *list_known_damage(context)]),
            *_find_rollback(context, current),
            *_find_stopped_run(runs),
            *_describe_left(inbox["place"], inbox["left"]),
            *_find_left_elsewhere(runs, inbox["place"]),
            *(_describe_quarantined(row) for row in files if row["outcome"] == "quarantined"),
        ],
    }


def _describe_version(version: Version) -> Status:
    manifest = version.manifest if version.has_manifest else {}
    return {"version": version.number} | {key: manifest.get(key) for key in ("published_at", "run_id", "based_on")}


def _count_files(rows: list[dict[str, Any]], key: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row[key]] = counts.get(row[key], 0) + row["files"]
    return counts


def _describe_reviews(context: Context) -> Status:
    """Return how many letters are open for review, and the decisions that no load has written yet."""
    candidates = list_candidates(context) if context.current else []
    names = {candidate.sha256: candidate.source_path for candidate in candidates}
    return {
        "open": sum(candidate.is_open for candidate in candidates),
        "decided": sum(not candidate.is_open for candidate in candidates),
        "next_load_writes": [vars(r) | {"source_path": names.get(r.sha256)} for r in context.reviews.find_pending()],
    }


def list_last_runs(context: Context) -> list[Run]:
    """Return the runs that have begun, newest first."""
    runs = [context.open_run(f.name) for f in context.settings.runs.glob("*/")]
    begun = [(scan.begun_at, run) for run in runs if (scan := run.find_result(ScanResult)) is not None]
    return [run for _, run in sorted(begun, key=lambda b: b[0], reverse=True)]


def describe_run(run: Run) -> Status:
    """Return a run's id, when it began, and how it ended or which step it is at."""
    scan, report = run.find_result(ScanResult), Report.read(run)
    return {
        "run_id": run.run_id,
        "begun_at": scan.begun_at if scan else None,
        "verdict": report.verdict if report else f"no report yet; last step: {_find_last_step(run)}",
    }


def _find_last_step(run: Run) -> str:
    results = [found for kind in STEPS if (found := run.find_result(kind)) is not None]
    last = max(results, key=lambda r: r.begun_at)  # of several that began in one second, the first: it lasted longer
    return f"{last.STEP} ({last.state})"


def _describe_inbox(context: Context, runs: list[Run]) -> Status:
    """Return the files in the inbox, and why the last load left some of them there."""
    inbox = context.find_folders().inbox
    if not inbox.exists():
        return {"place": inbox.location, "waiting": 0, "being_written": 0, "oldest": None, "left": {}}
    listing = list_letters(inbox, suffixes=SUFFIXES, quiet_seconds=context.settings.quiet_seconds)
    letters = [*listing.quiet, *listing.fresh]
    names = {printable_name(entry.name) for entry in letters}
    last = next((run for run in runs if _scanned(run) == inbox.location), None)
    left = {printable_name(skipped.name): f"cannot be read: {skipped.problem}" for skipped in listing.unreadable}
    left |= {name: why for name, why in (find_left_files(last) if last else {}).items() if name in names}
    return {
        "place": inbox.location,
        "waiting": len(letters),
        "being_written": len(listing.fresh),
        "oldest": _format_time(min((e.modified for e in letters), default=None)),
        "left": left,
    }


def _find_left_elsewhere(runs: list[Run], place: str) -> list[str]:
    """Return the files that the last load left, if it was of another folder."""
    other = _scanned(runs[0]) if runs else None
    return _describe_left(other, find_left_files(runs[0])) if other and other != place else []


def _describe_left(place: str, left: dict[str, str]) -> list[str]:
    """Return a line for each file that a load left in a folder, or for the first of many."""
    lines = [f"{name} in {place} {why}" for name, why in list(left.items())[:FILES_SHOWN]]
    return lines + ([f"and {len(left) - FILES_SHOWN} more files in {place}"] if len(left) > FILES_SHOWN else [])


def _scanned(run: Run) -> str | None:
    scan = run.find_result(ScanResult)
    return scan.inbox if scan else None


def _format_time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _find_rollback(context: Context, current: Version | None) -> list[str]:
    newest = max((v.number for v in context.versions.all()), default=0)
    if current is None or current.number == newest:
        return []
    return [f"readers see version {current.number}, not the newest ({newest}): the next load reads its letters again"]


def _find_stopped_run(runs: list[Run]) -> list[str]:
    """Return why the last run did not publish, if a step failed."""
    report = Report.read(runs[0]) if runs else None
    if report is None or not report.failed:
        return []
    return [f"run {report.run_id} {report.verdict}: {report.failed[0].splitlines()[0]} (see {runs[0].report})"]


def _describe_quarantined(row: dict[str, Any]) -> str:
    names = ", ".join(row["newest"][:NAMES_SHOWN])
    more = f" and {row['files'] - NAMES_SHOWN} more" if row["files"] > NAMES_SHOWN else ""
    return f"{row['files']} quarantined as {row['reason']}: {names}{more}: {Reason(row['reason']).remedy}"
