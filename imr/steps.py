"""The pipeline's steps, in order: what each DAG task calls, and what a test or a notebook calls too.

    scan -> extract -> gate_batch -> load -> transform -> gate_marts -> publish -> settle -> report

Each takes the settings and a run id, works in the run's folder alone until `publish`, records its
outcome there, and can be run again after any failure.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from extract.read import SUFFIXES
from extract.record import PARSER_VERSION
from imr.reading import read_chunk
from imr.settings import PROJECT_ROOT, Settings
from imr.storage_check import is_own_inbox, require_storage
from warehouse import inbox, ledger, load, marts_file, reviews, run_files, transform
from warehouse.dbt import project_hash
from warehouse.exchange import Exchange
from warehouse.files import write_json
from warehouse.left_behind import left_behind
from warehouse.run import Run, prune_runs, safe_run_id
from warehouse.settling import Rooms, local_copies
from warehouse.settling import settle as settle_files
from warehouse.storage import Entry, Place, as_place, folder_at, is_remote
from warehouse.turn import Turn
from warehouse.version_store import version_store
from warehouse.versions import FULL, LEDGER, MARTS, VersionStore

MOST_CHUNKS = 1000
"""Airflow maps a task over 1,024 at most."""


def open_run(settings: Settings, run_id: str) -> Run:
    """Return the run of a scheduler's run id."""
    return Run(settings.runs / safe_run_id(run_id))


def store(settings: Settings) -> VersionStore:
    """Return the store of published versions."""
    return version_store(settings.warehouse, cache=settings.version_cache)


def rooms(settings: Settings, drop: str | Place | None = None) -> Rooms:
    """Return the drop folder (the project's own inbox if none is named), the archive and the quarantine."""
    asked = as_place(drop) if drop else settings.drop_folder
    inbox_now = asked if is_remote(asked) else asked.expanduser().resolve()
    return Rooms(folder_at(inbox_now), folder_at(settings.archive), folder_at(settings.quarantine))


def exchange(settings: Settings) -> Exchange:
    """Return where readers on other machines find a run; it does nothing where all is on one machine."""
    return Exchange(settings.exchange)


def scan(
    settings: Settings,
    run_id: str,
    drop_folder: str | Place | None = None,
    chunk_size: int | None = None,
    listed: Sequence[Entry] | None = None,
) -> list[int]:
    """Find what is new in the drop folder and return the first arrival's index of each chunk to read.

    Empty where there is nothing new: then every later step but `settle` and `report` is skipped. Where the files
    were `listed` before, those alone are looked at, and the drop folder's waiting files stay as they are known.
    """
    run = open_run(settings, run_id)
    shutil.rmtree(run.folder, ignore_errors=True)
    size = chunk_size or settings.chunk_size
    with run.step("scan") as counts:
        at = rooms(settings, drop_folder)
        if at.drop == rooms(settings).drop and is_own_inbox(settings):
            at.drop.make()
        versions = store(settings)
        require_storage(settings, versions)
        current = versions.current()
        known = ledger.read_ledger(current.full if current else None)
        if listed is None:
            most = min(settings.max_letters_a_load, MOST_CHUNKS * size)
            intake = inbox.Intake(SUFFIXES, PARSER_VERSION, most, settings.settle_seconds)
            found = inbox.scan(at.drop, known, intake, returned=left_behind(versions, known, at))
            inbox.write_waiting(run, found.waiting)
        else:
            found = inbox.scan_listed(at.drop, listed, known, PARSER_VERSION)
        sorted_out = sorted(found.arrivals, key=lambda a: a.status == inbox.KNOWN)  # those to read come first
        inbox.write_arrivals(run, sorted_out)
        note_released(settings, run)
        to_read = len(sorted_out) - found.count(inbox.KNOWN)
        counts.update(
            drop_folder=at.drop.location,
            files_seen=len(sorted_out),
            new=found.count(inbox.NEW),
            duplicate=found.count(inbox.DUPLICATE),
            known=found.count(inbox.KNOWN),
            **({"unread": [w.source_path for w in found.waiting]} if listed is not None else {}),
            waiting=len(found.waiting) if listed is None else 0,
            waiting_why=found.waiting_by_reason(),
            left_alone=found.left_alone,
            chunk_size=size,
            based_on=current.number if current else None,
        )
    if to_read:
        exchange(settings).offer(run)
    return list(range(0, to_read, size))


def note_released(settings: Settings, run: Run) -> None:
    """Keep with a run which letters a person has released: its readers may be on machines without that folder."""
    current = store(settings).current()
    released = reviews.decided(settings.reviews, current.full if current else None, reviews.RELEASE)
    write_json(run.released, sorted(released))


def arrivals(settings: Settings, last: str | None = None) -> tuple[str | None, bool]:
    """Return a fingerprint of the drop folder's letters, and whether they are worth a load: see `worth_a_load`."""
    return inbox.worth_a_load(rooms(settings).drop, last, suffixes=SUFFIXES, settle_seconds=settings.settle_seconds)


def extract(settings: Settings, run_id: str, first: int) -> dict[str, int]:
    """Read the chunk of arrivals that begins at index `first` into the run files; return its counts."""
    run = open_run(settings, run_id)
    exchange(settings).fetch(run)
    scanned = run.outcome("scan") or {}
    size = int(scanned["chunk_size"])
    chunk = [a for a in inbox.read_arrivals(run)[first : first + size] if a.status != inbox.KNOWN]
    part = part_of(first)
    with run.step(f"extract/{part}") as counts:
        released = frozenset(json.loads(run.released.read_text("utf-8")))
        at = rooms(settings, scanned["drop_folder"])
        with local_copies(at, chunk, run.scratch / part) as copied:
            tables, read = read_chunk(
                copied,
                run_id=run.run_id,
                limits=replace(settings.limits, released=released),
                processes=settings.processes,
                on_progress=lambda letters: run.tell_progress(part, letters),
            )
        run.tell_progress(part, sum(read.values()))
        read["changed"] = len(chunk) - len(copied)  # since the scan: the next load finds them as they are then
        run_files.write_part(run, part, tables)
        counts.update(read)
    exchange(settings).deliver(run, part)
    return read


def part_of(first: int) -> str:
    """Return the name of the run files of the chunk that begins with an arrival."""
    return f"chunk-{first:07d}"


def gather(settings: Settings, run_id: str) -> int:
    """Bring what other machines have read of a run here; return how many chunks. Raises `WarehouseError`."""
    run = open_run(settings, run_id)
    scanned = run.outcome("scan") or {}
    to_read = int(scanned["new"]) + int(scanned.get("duplicate", 0))
    return exchange(settings).gather(run, [part_of(n) for n in range(0, to_read, int(scanned["chunk_size"]))])


def take_turn(settings: Settings, run_id: str) -> bool:
    """Take the turn to load and publish; whether it is this run's now. Ask again while it is another's."""
    return Turn(settings.runs).take(open_run(settings, run_id)) is None


def gate_batch(settings: Settings, run_id: str, *, accept_drift: bool = False) -> int:
    """Check the batch before it is loaded; return how many rules were checked. Raises `GateError`.

    With `accept_drift` a batch that is unlike the past loads passes, with warnings; every other rule holds.
    """
    gather(settings, run_id)
    from imr.gates import check_batch  # noqa: PLC0415 - GX takes seconds to import

    return check_batch(settings, open_run(settings, run_id), store(settings).current(), accept_drift=accept_drift)


def load_raw(settings: Settings, run_id: str) -> dict[str, int]:
    """Copy the current warehouse to a candidate and load the run files into it; return the rows a table."""
    run = open_run(settings, run_id)
    with run.step("load") as counts:
        current = store(settings).current()
        load.make_candidate(run, current)
        reviews.add_to_run(run, reviews.pending(settings.reviews, current.full if current else None))
        counts.update(based_on=current.number if current else None)
        rows = load.load_run(run)
        counts.update(rows=rows)
    return rows


def build_marts(settings: Settings, run_id: str) -> dict[str, int]:
    """Build dbt's models, snapshot and tests in the candidate; return the nodes a state. Raises `TransformError`."""
    run = open_run(settings, run_id)
    with run.step("transform") as counts:
        base = store(settings).current()
        built_by = base.manifest.get("dbt_project") if base else None
        # A letter that is taken out leaves no row by which an increment would know of it.
        from_scratch = built_by != project_hash() or bool(run.withdrawn())
        nodes = transform.build(run, from_scratch=from_scratch)
        counts.update(nodes=nodes)
    return nodes


def gate_marts(settings: Settings, run_id: str, *, accept_drift: bool = False) -> int:
    """Check the candidate's marts against sense and the published version; `accept_drift` as in `gate_batch`.

    Returns how many rules were checked. Raises `GateError`.
    """
    from imr.gates import check_marts  # noqa: PLC0415 - GX takes seconds to import

    return check_marts(settings, open_run(settings, run_id), store(settings).current(), accept_drift=accept_drift)


def publish(settings: Settings, run_id: str) -> int:
    """Make the candidate the next version, with its BI file and manifest; return the version's number."""
    run = open_run(settings, run_id)
    with run.step("publish") as counts:
        base = (run.outcome("load") or {}).get("based_on")
        versions = store(settings)
        published = None if run.candidate.exists() else versions.finish(run.run_id)
        if published:  # this task was killed after the candidate had become a version: only the pointer may be missing
            counts.update(version=published.number, rows=published.manifest["rows"])
            Turn(settings.runs).give_back(run)
            return published.number
        rows = marts_file.write_marts_file(run.candidate, run.candidate.with_name(MARTS))
        staged = run.candidate.parent
        run_files.write_ledger(run, staged / LEDGER)
        manifest = {
            "run_id": run.run_id,
            "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "parser_version": PARSER_VERSION,
            "git_revision": _git_revision(),
            "dbt_project": project_hash(),
            "rules_checked": {gate: (run.outcome(gate) or {}).get("checked") for gate in ("gate_batch", "gate_marts")},
            "sha256": {name: inbox.hash_file(staged / name) for name in (FULL, MARTS, LEDGER)},
            "rows": rows,
        }
        version = versions.publish(staged, manifest, based_on=base, keep=settings.keep_versions)
        counts.update(version=version.number, rows=rows)
    Turn(settings.runs).give_back(run)
    return version.number


def _git_revision() -> str | None:
    found = subprocess.run(  # noqa: S603 - a fixed command
        ["git", "-C", str(PROJECT_ROOT), "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None if found.returncode == 0 else None


def settle(settings: Settings, run_id: str) -> dict[str, int]:
    """Bring every file that the published version accounts for to the archive or the quarantine.

    The project's own inbox is emptied; any other drop folder is copied from and left alone.
    """
    run = open_run(settings, run_id)
    with run.step("settle") as counts:
        seen = inbox.read_arrivals(run)
        current = store(settings).current()
        accounted = ledger.settled_as(current.full, {a.sha256 for a in seen}) if current else {}
        at = rooms(settings, (run.outcome("scan") or {})["drop_folder"])
        moved = settle_files(
            [a for a in seen if a.sha256 in accounted],
            {sha: note for sha, note in accounted.items() if note},
            at,
            empty_drop_folder=at.drop == rooms(settings).drop,
        )
        counts.update(moved)
    return moved


def report(settings: Settings, run_id: str) -> dict[str, Any]:
    """Write the run's report, whatever became of the run; return it."""
    from imr.report import make_report, write_report  # noqa: PLC0415 - it knows this module
    from imr.report_copy import keep_beside_version  # noqa: PLC0415

    run = open_run(settings, run_id)
    made = make_report(run, store(settings), settings)
    write_report(run, made)
    keep_beside_version(settings, run, store(settings))
    Turn(settings.runs).give_back(run)
    if (run.outcome("publish") or {}).get("state") == "done":  # else its tasks may be cleared and run again
        exchange(settings).clear(run)
    needed = {str(v.manifest["run_id"]) for v in store(settings).all()}
    for removed in prune_runs(settings.runs, keep=settings.keep_runs, needed=needed):
        exchange(settings).clear(Run(settings.runs / removed))
    return made
