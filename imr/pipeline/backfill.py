"""A backfill: an archive of letters loaded in batches, planned once and resumable, beside the daily loads.

    plan, then for each batch: scan -> the other steps of `imr.pipeline.steps` -> record

Each batch is a load of its own with a version of its own; only its scan differs, as it scans the planned files.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from extract.pool import StartError
from extract.read import SUFFIXES
from imr.context import Context
from imr.pipeline import steps
from imr.reporting.report import Report
from warehouse.errors import WarehouseError
from warehouse.intake.folders import LetterFolders
from warehouse.intake.listing import list_letters
from warehouse.runs.backfill_state import FAILED, LOADED, Backfill, BackfillPlan, BatchResult, Progress
from warehouse.runs.run import BACKFILL_RUNS
from warehouse.runs.step_results import ArchiveResult, PublishResult, ScanResult

log = logging.getLogger(__name__)

DAG_ID, BATCH_DAG_ID = "imr_backfill", "imr_backfill_batch"
MAX_BATCHES = 1000
"""Airflow maps a task at most 1,024 times; a larger archive has larger batches."""
LINES_SHOWN = 5


def list_backfills(context: Context) -> list[Backfill]:
    """Return every planned backfill, by name."""
    return [Backfill(plan.parent) for plan in sorted(context.settings.backfills.glob("*/plan.json"))]


def plan(context: Context, name: str, source: str | None, batch_size: int | None) -> list[int]:
    """Divide the letters of `source` (a folder's path or URL) into batches; return the batches left to load.

    A backfill that was planned before continues as planned, and `source` is not needed; files that came to the folder
    since belong to another backfill. Raises `WarehouseError` where the folder does not exist or is another one.
    """
    backfill = context.open_backfill(name)
    planned = backfill.plan
    if planned is None:
        if not source:
            raise WarehouseError("a new backfill needs a folder of letters: its path or URL")
        planned = _divide(backfill, context.find_folders(source), batch_size or context.settings.backfill_batch)
    elif source and context.find_folders(source).inbox.location != planned.source:
        raise WarehouseError(
            f"backfill {name} is of {planned.source}, not of {source}. Use another name for the latter."
        )
    left = backfill.list_unfinished()
    log.info("backfill %s: %d files, %d of %d batches left", name, planned.files, len(left), planned.batches)
    return left


def _divide(backfill: Backfill, folders: LetterFolders, batch_size: int) -> BackfillPlan:
    location = folders.inbox.location
    if not folders.inbox.exists():
        raise WarehouseError(f"{location}: no such folder. Is the storage mounted?")
    listing = list_letters(folders.inbox, suffixes=SUFFIXES, quiet_seconds=0)
    for skipped in listing.unreadable[:LINES_SHOWN]:
        log.warning("%s is left out, as it cannot be read: %s", skipped.name, skipped.problem)
    if not listing.quiet:
        raise WarehouseError(f"{location}: no letters in this folder")
    size = max(batch_size, -(-len(listing.quiet) // MAX_BATCHES))
    return backfill.create_plan(listing.quiet, location, size)


def scan(context: Context, run_id: str, name: str, batch: int, chunk_size: int | None = None) -> list[int]:
    """Scan a batch's files; return the index of the first file of each chunk to read."""
    backfill = context.open_backfill(name)
    entries, source = backfill.list_entries(batch), backfill.require_plan().source
    return steps.scan(context, run_id, source, chunk_size, listed=entries)


def record_batch(context: Context, run_id: str, name: str, batch: int) -> str:
    """Record how a batch ended, log the backfill's progress, and return the batch's state.

    Runs after the run's report, which lists the failed steps.
    """
    backfill, run = context.open_backfill(name), context.open_run(run_id)
    scanned, published = run.find_result(ScanResult) or ScanResult(), run.find_result(PublishResult)
    report = Report.read(run)
    error = "; ".join(report.failed) if report else ""
    if not error and not run.has_done(ArchiveResult):
        error = "the run was stopped before its end"
    now = datetime.now(UTC).isoformat(timespec="seconds")
    result = BatchResult(
        batch=batch,
        state=FAILED if error else LOADED,
        run_id=run.run_id,
        files=len(backfill.list_entries(batch)),
        begun_at=scanned.begun_at or now,
        ended_at=now,
        version=published.version if published else None,
        error=error or None,
        unread=scanned.unread,
    )
    backfill.record(result)
    for line in format_progress(name, backfill.find_progress(datetime.now(UTC))).splitlines():
        log.info("%s", line)
    return result.state


def make_run_id(name: str, batch: int) -> str:
    """Return a new run id for a batch; its time makes each try a run of its own."""
    return f"{BACKFILL_RUNS}{name}-{batch:05d}-{datetime.now(UTC):%Y%m%dT%H%M%S}"


def run_here(context: Context, name: str, batches: list[int], say: Callable[[str], None]) -> int:
    """Load batches one after the other in this process, without Airflow; return how many failed."""
    from expectations.gate import GateError  # noqa: PLC0415 - Great Expectations takes seconds to import

    failed = 0
    for batch in batches:
        run_id = make_run_id(name, batch)
        try:
            # An archive is of other years than the last loads, so its drift is accepted.
            steps.run_load(context, run_id, scan(context, run_id, name, batch), accept_drift=True)
        except (WarehouseError, GateError, StartError) as error:
            say(f"batch {batch}: {error}")
        steps.report(context, run_id)
        failed += record_batch(context, run_id, name, batch) == FAILED
        say(format_progress(name, context.open_backfill(name).find_progress(datetime.now(UTC))))
    return failed


class FailedBatchesError(WarehouseError):
    """Batches of a backfill failed; all others are loaded."""


def log_progress(context: Context, name: str, now: datetime) -> str:
    """Log and return a backfill's progress. Raises `FailedBatchesError` where batches failed."""
    progress = context.open_backfill(name).find_progress(now)
    text = format_progress(name, progress)
    for line in text.splitlines():
        log.info("%s", line)
    if progress.failed:
        raise FailedBatchesError(f"{text}\nCorrect the cause and start the backfill again with the same name.")
    return text


def format_progress(name: str, progress: Progress) -> str:
    """Return a backfill's progress as text."""
    percent = 100 * progress.files_done // max(progress.files, 1)
    lines = [
        f"backfill {name}: {progress.files_done:,} of {progress.files:,} files ({percent} %), "
        f"{len(progress.loaded)} of {progress.batches} batches"
    ]
    if progress.files_per_second and progress.expected_end and progress.files_done < progress.files:
        ends = f"{progress.expected_end:%Y-%m-%d %H:%M} UTC"
        lines.append(f"  {60 * progress.files_per_second:,.0f} files a minute; ends about {ends}")
    if progress.unread:
        lines.append(f"  {progress.unread} files could not be opened; their names are in the batches' files")
    for batch, error in list(progress.failed.items())[:LINES_SHOWN]:
        lines.append(f"  batch {batch} failed: {error.splitlines()[0]}")
    if len(progress.failed) > LINES_SHOWN:
        lines.append(f"  and {len(progress.failed) - LINES_SHOWN} more")
    return "\n".join(lines)
