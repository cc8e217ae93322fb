"""An archive of letters loaded in batches: planned once, resumed as often as need be, beside the daily loads.

    plan, then for each batch: scan -> the other steps of `imr.pipeline.steps` -> note

Each batch is a load of its own, with a version of its own; only its scan differs, which looks at the planned files.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from extract.pool import StartError
from extract.read import SUFFIXES
from imr.pipeline import steps
from imr.settings import Settings
from warehouse.errors import WarehouseError
from warehouse.intake.archive import LetterFolders
from warehouse.intake.listing import list_letters
from warehouse.runs.backfill_state import LOADED, SET_ASIDE, Backfill, Outcome, Progress
from warehouse.runs.run import BACKFILL_RUNS, Run

log = logging.getLogger(__name__)

DAG_ID, BATCH_DAG_ID = "imr_backfill", "imr_backfill_batch"
MOST_BATCHES = 1000
"""Airflow maps a task over 1,024 at most: a larger archive has larger batches."""
TURN_SECONDS = 5.0
TOLD = 5


def backfills(settings: Settings) -> list[Backfill]:
    """Return every backfill that was planned here, by name."""
    return [Backfill(plan.parent) for plan in sorted(settings.backfills.glob("*/plan.json"))]


def plan(settings: Settings, name: str, source: str | None, batch_size: int | None) -> list[int]:
    """Divide the letters of `source` (a folder's path or URL) into batches, and return the batches left to load.

    A backfill that was planned before goes on as it was planned, and `source` need not be named; what has come to
    the folder since is another backfill's. Raises `WarehouseError` where the folder is not there or is another one.
    """
    backfill = Backfill.named(settings.backfills, name)
    planned = backfill.plan
    if planned is None:
        planned = _lay_out(
            backfill, steps.letter_folders(settings, _required(source)), batch_size or settings.backfill_batch
        )
    elif source and steps.letter_folders(settings, source).drop.location != planned["source"]:
        raise WarehouseError(
            f"backfill {name} is of {planned['source']}, not of {source}: give the other one another name"
        )
    left = backfill.left()
    log.info("backfill %s: %d files, %d of %d batches left", name, planned["files"], len(left), planned["batches"])
    return left


def _required(source: str | None) -> str:
    if not source:
        raise WarehouseError("a new backfill needs a folder of letters: its path or URL")
    return source


def _lay_out(backfill: Backfill, at: LetterFolders, batch_size: int) -> dict[str, Any]:
    if not at.drop.exists():
        raise WarehouseError(f"folder {at.drop.location} is not there: is the storage mounted?")
    listing = list_letters(at.drop, suffixes=SUFFIXES, quiet_seconds=0)
    for passed in listing.refused[:TOLD]:
        log.warning("%s cannot be looked at and is left out: %s", passed.name, passed.problem)
    if not listing.settled:
        raise WarehouseError(f"there is no letter in {at.drop.location}")
    size = max(batch_size, -(-len(listing.settled) // MOST_BATCHES))
    return backfill.lay_out(listing.settled, at.drop.location, size)


def scan(settings: Settings, run_id: str, name: str, batch: int, chunk_size: int | None = None) -> list[int]:
    """Find what is new among a batch's files and return the first one's index of each chunk to read."""
    backfill = Backfill.named(settings.backfills, name)
    entries, source = backfill.entries(batch), backfill.require_plan()["source"]
    return steps.scan(settings, run_id, source, chunk_size, listed=entries)


def note(settings: Settings, run_id: str, name: str, batch: int) -> str:
    """Keep how a batch ended, tell the log how far the backfill is, and return what became of the batch.

    Comes after the run's report, which knows the steps that failed.
    """
    backfill = Backfill.named(settings.backfills, name)
    run = steps.open_run(settings, run_id)
    scanned, failed = run.outcome("scan") or {}, _failed(run)
    settled = (run.outcome("settle") or {}).get("state") == "done"
    now = datetime.now(UTC).isoformat(timespec="seconds")
    outcome = Outcome(
        batch=batch,
        state=LOADED if settled and not failed else SET_ASIDE,
        run_id=run.run_id,
        files=len(backfill.entries(batch)),
        begun_at=scanned.get("begun_at", now),
        ended_at=now,
        version=(run.outcome("publish") or {}).get("version"),
        error=failed or (None if settled else "it was stopped before its end"),
        unread=scanned.get("unread") or [],
    )
    backfill.note(outcome)
    for line in as_text(name, backfill.progress(datetime.now(UTC))).splitlines():
        log.info("%s", line)
    return outcome.state


def _failed(run: Run) -> str | None:
    report = json.loads((run.folder / "report.json").read_text("utf-8"))
    return "; ".join(report["failed"]) or None


def run_id(name: str, batch: int) -> str:
    """Return the run id of a batch: its last part makes each try a run of its own."""
    return f"{BACKFILL_RUNS}{name}-{batch:05d}-{datetime.now(UTC):%Y%m%dT%H%M%S}"


def run_here(settings: Settings, name: str, batches: list[int], say: Callable[[str], None]) -> int:
    """Load batches one after the other in this process, without Airflow; return how many were set aside."""
    from expectations.gate import GateError  # noqa: PLC0415 - GX takes seconds to import

    aside = 0
    for batch in batches:
        this = run_id(name, batch)
        try:
            _load(settings, this, name, batch)
        except (WarehouseError, GateError, StartError) as error:  # dbt's is one of the first kind
            say(f"batch {batch}: {error}")
        steps.report(settings, this)
        aside += note(settings, this, name, batch) == SET_ASIDE
        say(as_text(name, Backfill.named(settings.backfills, name).progress(datetime.now(UTC))))
    return aside


def _load(settings: Settings, this: str, name: str, batch: int) -> None:
    chunks = scan(settings, this, name, batch)
    for first in chunks:
        steps.extract(settings, this, first)
    if chunks:
        steps.gate_batch(settings, this, accept_drift=True)
        while not steps.acquire_publish_lock(settings, this):
            time.sleep(TURN_SECONDS)
        steps.load_raw(settings, this)
        steps.build_marts(settings, this)
        steps.gate_marts(settings, this, accept_drift=True)
        steps.publish(settings, this)
    steps.settle(settings, this)


class SetAsideError(WarehouseError):
    """Batches of a backfill were set aside; everything else is loaded."""


def tell(settings: Settings, name: str, now: datetime) -> str:
    """Tell the log how far a backfill is, and return it. Raises `SetAsideError` where batches were set aside."""
    progress = Backfill.named(settings.backfills, name).progress(now)
    told = as_text(name, progress)
    for line in told.splitlines():
        log.info("%s", line)
    if progress.set_aside:
        raise SetAsideError(f"{told}\nMend what stopped them and start the backfill again with the same name")
    return told


def as_text(name: str, progress: Progress) -> str:
    """Return how far a backfill is, as a terminal and a log show it."""
    percent = 100 * progress.files_done // max(progress.files, 1)
    lines = [
        f"backfill {name}: {progress.files_done:,} of {progress.files:,} files ({percent} %), "
        f"{len(progress.loaded)} of {progress.batches} batches"
    ]
    if progress.files_a_second and progress.expected_end and progress.files_done < progress.files:
        ends = f"{progress.expected_end:%Y-%m-%d %H:%M} UTC"
        lines.append(f"  {60 * progress.files_a_second:,.0f} files a minute; ends about {ends}")
    if progress.unread:
        lines.append(f"  {progress.unread} files could not be opened; they are named in its batches' files")
    for batch, error in list(progress.set_aside.items())[:TOLD]:
        lines.append(f"  batch {batch} is set aside: {error.splitlines()[0] if error else 'no reason is known'}")
    if len(progress.set_aside) > TOLD:
        lines.append(f"  and {len(progress.set_aside) - TOLD} more")
    return "\n".join(lines)
