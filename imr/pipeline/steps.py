"""The steps of a load, in order, as each DAG task, the command line and tests call them.

    scan -> extract -> gate_batch -> publish lock -> load -> transform -> gate_marts -> publish -> archive -> report

Each takes the context and a run id, changes nothing outside the run's folder before `publish`, records its result
there, and can be run again after any failure.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from extract.read import SUFFIXES
from extract.record import PARSER_VERSION
from imr.context import Context
from imr.pipeline.candidate import publish_candidate
from imr.pipeline.reading import name_file, read_chunk
from imr.pipeline.storage_check import require_storage, restrict_folders
from imr.reporting.report import Report, make_report, write_report
from imr.reporting.version_report import copy_beside_version
from warehouse.build import transform
from warehouse.build.dbt import project_hash
from warehouse.build.load import load_run
from warehouse.errors import WarehouseError
from warehouse.intake import inbox, reviews
from warehouse.intake.archive import Archiver
from warehouse.intake.copies import copy_locally
from warehouse.intake.inbox import Arrival
from warehouse.intake.ledger import find_file_statuses, read_ledger
from warehouse.intake.listing import find_arrivals
from warehouse.intake.unpublished_files import find_unpublished_files
from warehouse.runs import run_files
from warehouse.runs.publish_lock import DagRun, IsRunning
from warehouse.runs.run import Run, prune_runs
from warehouse.runs.step_results import (
    ArchiveResult,
    ExtractResult,
    LoadResult,
    PublishResult,
    ScanResult,
    TransformResult,
)
from warehouse.storage import Entry, Place
from warehouse.versions.contents import Contents

log = logging.getLogger(__name__)

MAX_CHUNKS = 1000
"""Airflow maps a task at most 1,024 times."""
RELEASED = "released.json"
LOCK_POLL_SECONDS = 5.0


def scan(
    context: Context,
    run_id: str,
    inbox_place: str | Place | None = None,
    chunk_size: int | None = None,
    listed: Sequence[Entry] | None = None,
) -> list[int]:
    """Find what is new in an inbox; return the index of the first arrival of each chunk to read.

    Returns an empty list where nothing is new: then every later step but `archive` and `report` is skipped. If
    `listed` is given, only those files are scanned, and the inbox's waiting files are not recorded.
    """
    settings, run = context.settings, context.open_run(run_id)
    run.clear()
    size = chunk_size or settings.chunk_size
    with run.record_step(ScanResult(chunk_size=size)) as result:
        folders = context.find_folders(inbox_place)
        if context.is_own_inbox(folders) and settings.inbox_is_default:
            folders.inbox.make()
        require_storage(context)
        restrict_folders(context)
        current = context.current
        known = read_ledger(current.contents if current else Contents())
        rules = inbox.ScanRules(
            SUFFIXES,
            PARSER_VERSION,
            min(settings.max_letters_per_load, MAX_CHUNKS * size),
            settings.quiet_seconds,
            settings.limits.max_bytes,
            name_file,
        )
        if listed is None:
            unpublished = find_unpublished_files(context.versions, known, folders)
            found = inbox.scan_inbox(folders.inbox, known, rules, unpublished.arrivals)
            unpublished.require_good_copies(found.arrivals)
            inbox.write_waiting(run, found.waiting)
            result.waiting, result.waiting_by_reason = len(found.waiting), found.count_waiting_by_reason()
        else:
            found = inbox.scan_listed(folders.inbox, listed, known, rules)
            result.unread = [w.source_path for w in found.waiting]
        result.inbox, result.based_on = folders.inbox.location, current.number if current else None
        write_arrivals(context, run, sorted(found.arrivals, key=lambda a: a.status == inbox.KNOWN), result)
        result.known, result.ignored = found.count(inbox.KNOWN), found.ignored
    return list(range(0, result.to_read, size))


def write_arrivals(context: Context, run: Run, arrivals: Sequence[Arrival], result: ScanResult) -> None:
    """Write a run's arrivals, those to read first, and the letters that people have released; count them."""
    inbox.write_arrivals(run, arrivals)
    run.files.write(RELEASED, json.dumps(sorted(context.reviews.find_files(reviews.RELEASE))).encode())
    result.files_seen = len(arrivals)
    result.new = sum(a.status == inbox.NEW for a in arrivals)
    result.duplicate = sum(a.status == inbox.DUPLICATE for a in arrivals)


def check_arrivals(context: Context, last: str | None = None) -> tuple[str | None, bool]:
    """Return a fingerprint of the letters in the inbox, and whether they should start a load: see `find_arrivals`."""
    folder = context.find_folders().inbox
    return find_arrivals(folder, last, suffixes=SUFFIXES, quiet_seconds=context.settings.quiet_seconds)


def extract(context: Context, run_id: str, first: int) -> ExtractResult:
    """Read the chunk of arrivals that begins at index `first` into the run files."""
    settings, run = context.settings, context.open_run(run_id)
    arrivals, scanned = inbox.read_arrivals(run), require_scan(run)
    chunk = [a for a in arrivals[first : first + scanned.chunk_size] if a.status != inbox.KNOWN]
    name = name_chunk(first)
    with run.record_step(ExtractResult(), name) as result:
        released = frozenset(json.loads(run.read_file(RELEASED) or b"[]"))
        limits = replace(settings.limits, released=released)
        folders = context.find_folders(scanned.inbox)
        with copy_locally(folders, chunk, run.scratch / name, max_bytes=limits.max_bytes) as copies:
            tables = read_chunk(
                copies.copied,
                run_id=run.run_id,
                limits=limits,
                processes=settings.processes,
                on_progress=lambda letters: run.report_progress(name, letters),
            )
        run.report_progress(name, len(tables["files"]))
        run_files.write_chunk(run, name, tables)
        statuses = [file["status"] for file in tables["files"]]
        result.loaded, result.duplicate = statuses.count("loaded"), statuses.count("duplicate")
        result.quarantined, result.left = statuses.count("quarantined"), copies.left
    return result


def name_chunk(first: int) -> str:
    """Return the name of the run files of the chunk that begins at an arrival's index."""
    return f"chunk-{first:07d}"


def require_scan(run: Run) -> ScanResult:
    """Return the run's scan. Raises `WarehouseError` where it was not recorded."""
    scanned = run.find_result(ScanResult)
    if scanned is None:
        raise WarehouseError(
            f"{run.place}: run {run.run_id} has no scan. Is IMR_SHARED_RUNS the same on every machine?"
        )
    return scanned


def require_all_chunks(run: Run) -> None:
    """Raise `WarehouseError` that names the first chunk without run files."""
    scanned = require_scan(run)
    for first in range(0, scanned.to_read, scanned.chunk_size):
        result = run.find_result(ExtractResult, name_chunk(first))
        if result is None or not result.is_done:
            raise WarehouseError(
                f"{run.place}: the run files of {name_chunk(first)} are missing, as its reader did not finish. Clear "
                "that task `extract`, then this one."
            )


def gate_batch(context: Context, run_id: str, *, accept_drift: bool = False) -> int:
    """Check the batch before it is loaded; return how many rules were checked. Raises `GateError`.

    With `accept_drift`, a batch that differs from the past loads passes with warnings.
    """
    from imr.pipeline.gates import check_batch  # noqa: PLC0415 - Great Expectations takes seconds to import

    run = context.open_run(run_id)
    require_all_chunks(run)
    return check_batch(context.settings, run, context.current, accept_drift=accept_drift)


def acquire_publish_lock(
    context: Context, run_id: str, dag_run: DagRun | None = None, is_running: IsRunning = lambda _: True
) -> bool:
    """Acquire the publish lock; return whether this run holds it now. Call again while another run does.

    `dag_run` is the run in Airflow, `is_running` says whether Airflow goes on with one.
    """
    holder = context.publish_lock.acquire(context.open_run(run_id), dag_run, is_running)
    if holder is not None:
        log.info("%s", holder.message)
    return holder is None


def load(context: Context, run_id: str) -> dict[str, int]:
    """Write the run files as the raw part of a candidate; return the rows of each table."""
    run, base = context.open_run(run_id), context.versions.find_base()
    number = base.load_number + 1 if base else 1
    with run.record_step(LoadResult(based_on=base.number if base else None, load_number=number)) as result:
        if not (run.find_result(ScanResult) or ScanResult()).is_rebuild:
            reviews.add_to_run(run, context.reviews.find_pending())
        result.rows = load_run(run, base.contents if base else Contents(), number)
    return result.rows


def build_marts(context: Context, run_id: str, *, full_refresh: bool = False) -> dict[str, int]:
    """Build dbt's models, snapshot and tests in the candidate; return how many nodes ended in each state.

    With `full_refresh`, all marts are built anew from all raw rows, as they are where the project has changed. Raises
    `TransformError`.
    """
    run, base = context.open_run(run_id), context.versions.find_base()
    with run.record_step(TransformResult()) as result:
        built_by = base.manifest.get("dbt_project") if base else None
        from_scratch = full_refresh or built_by != project_hash()
        result.nodes = transform.build(run, base.contents if base else Contents(), from_scratch=from_scratch)
    return result.nodes


def gate_marts(context: Context, run_id: str, *, accept_drift: bool = False) -> int:
    """Check the candidate's marts against the published version; return how many rules were checked.

    `accept_drift` as in `gate_batch`. Raises `GateError`.
    """
    from imr.pipeline.gates import check_marts  # noqa: PLC0415 - Great Expectations takes seconds to import

    return check_marts(context.settings, context.open_run(run_id), context.current, accept_drift=accept_drift)


def publish(context: Context, run_id: str) -> int:
    """Make the candidate the next version, with its BI file and manifest; return the version's number."""
    run = context.open_run(run_id)
    with run.record_step(PublishResult()) as result:
        # A task that was killed after the candidate became a version may have left only the pointer to be set.
        published = None if run.candidate.exists() else context.versions.finish(run.run_id)
        if published is None:
            published = publish_candidate(context, run)
        result.version, result.rows = published.number, published.manifest["rows"]
    context.publish_lock.release(run)
    return result.version


def archive(context: Context, run_id: str) -> ArchiveResult:
    """Move every file that the published version accounts for to the archive or the quarantine.

    The project's own inbox is emptied; files of any other are copied and stay.
    """
    run, current = context.open_run(run_id), context.current
    with run.record_step(ArchiveResult()) as result:
        arrivals = inbox.read_arrivals(run)
        statuses = find_file_statuses(current.contents, {a.sha256 for a in arrivals}) if current else {}
        folders = context.find_folders(require_scan(run).inbox)
        quarantined = {sha256: row for sha256, row in statuses.items() if row}
        limit = context.settings.limits.max_bytes
        archiver = Archiver(folders, quarantined, empty_inbox=context.is_own_inbox(folders), max_bytes=limit)
        done = archiver.archive(a for a in arrivals if a.sha256 in statuses)
        result.archived, result.quarantined = done.counts["archived"], done.counts["quarantined"]
        result.removed, result.left = done.counts["removed"], done.left
    return result


def report(context: Context, run_id: str) -> Report:
    """Write and return the run's report, however the run ended; release its lock and prune old runs."""
    run = context.open_run(run_id)
    written = make_report(context, run)
    write_report(run, written)
    copy_beside_version(context, run)
    context.publish_lock.release(run)
    if run.has_done(PublishResult):  # otherwise its tasks may be cleared and run again
        run.move_from_shared()
    needed = {run.run_id, *(str(v.manifest["run_id"]) for v in context.versions.all() if v.has_manifest)}
    for removed in prune_runs(context.settings.runs, keep=context.settings.keep_runs, needed=needed):
        context.open_run(removed).clear_shared()
    return written


def run_load(context: Context, run_id: str, chunks: Sequence[int], *, accept_drift: bool = False) -> int | None:
    """Run every step after the scan in this process, up to `archive`; return the published version.

    `chunks` are what `scan` returned; returns `None` where it is empty. Raises what the steps raise; write the report
    in any case.
    """
    version = None
    for first in chunks:
        extract(context, run_id, first)
    if chunks:
        gate_batch(context, run_id, accept_drift=accept_drift)
        _wait_for_lock(context, run_id)
        load(context, run_id)
        build_marts(context, run_id)
        gate_marts(context, run_id, accept_drift=accept_drift)
        version = publish(context, run_id)
    archive(context, run_id)
    return version


def _wait_for_lock(context: Context, run_id: str) -> None:
    """Wait for the publish lock; warn of each run that holds it, which a terminal shows."""
    shown = None
    while (holder := context.publish_lock.acquire(context.open_run(run_id))) is not None:
        if holder.run_id != shown:
            log.warning("%s", holder.message)
        shown = holder.run_id
        time.sleep(LOCK_POLL_SECONDS)
