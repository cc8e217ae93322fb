"""Stored letters read again: the steps that a reparse has and a daily load has not.

    select -> extract -> compare -> gate_batch -> load -> transform -> gate_marts -> publish -> settle -> report

The others are those of `imr.steps`. Nothing of the stored letters is moved before `settle`.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from extract.letters.registry import formats
from extract.reasons import Reason
from imr.settings import Settings
from imr.steps import MOST_CHUNKS, exchange, gather, note_released, open_run, rooms, store
from warehouse import differences, inbox, reviews, run_files
from warehouse.errors import WarehouseError
from warehouse.files import write_json
from warehouse.run import Run
from warehouse.selection import Selection
from warehouse.selection import select as select_files

log = logging.getLogger(__name__)

DAG_ID = "imr_reparse"
KIND = "reparse"
NOT_OF_THE_LETTER = (Reason.TIMED_OUT, Reason.CRASHED)
"""Refusals that a busy machine may be to blame for: a letter that is loaded keeps its rows."""
LETTERS_TOLD = 10


class WithdrawnError(WarehouseError):
    """Letters that are loaded are refused now, and nobody has said that they may go."""


@dataclass(frozen=True)
class Plan:
    """Which letters to read again, and what to do with it: `dry_run` loads nothing, `accept_gone` lets letters
    go that are loaded and are refused now, `accept_drift` lets them be unlike the past loads (the DAG's gates
    ask its params). `chunk_size` is the setting's where it is `None`.
    """

    selection: Selection
    dry_run: bool = False
    accept_gone: bool = False
    chunk_size: int | None = None
    accept_drift: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Plan:
        """Return the plan of a DAG run's params, as `as_params` wrote them or a person did."""

        def day(name: str) -> date | None:
            return date.fromisoformat(params[name]) if params.get(name) else None

        def texts(name: str) -> tuple[str, ...]:
            return tuple(params.get(name) or ())

        selection = Selection(
            reasons=texts("reasons"),
            formats=texts("formats"),
            from_date=day("from_date"),
            to_date=day("to_date"),
            parser_version=params.get("parser_version"),
            sha256=texts("sha256"),
        )
        dry_run, gone, drift = (bool(params.get(name)) for name in ("dry_run", "accept_gone", "accept_drift"))
        return cls(selection, dry_run, gone, params.get("chunk_size"), drift)

    def as_params(self) -> dict[str, Any]:
        """Return the plan as a DAG run's params."""
        told = {name: getattr(self, name) for name in ("dry_run", "accept_gone", "chunk_size", "accept_drift")}
        made: dict[str, Any] = json.loads(json.dumps(self.selection.as_json() | told, default=str))
        return made


def select(settings: Settings, run_id: str, plan: Plan) -> list[int]:
    """Choose stored letters from the published ledger; return the first one's index of each chunk to read.

    Empty where nothing is chosen. Raises `WarehouseError` for a reason or format that does not exist, and
    before the first publication.
    """
    check(settings, plan)
    run = open_run(settings, run_id)
    shutil.rmtree(run.folder, ignore_errors=True)
    at = rooms(settings)
    with run.step("scan") as counts:
        current = store(settings).require_current()
        rejected = reviews.decided(settings.reviews, current.full, reviews.REJECT)
        selected = select_files(current.full, plan.selection, at, reasons=list(Reason), rejected=rejected)
        inbox.write_arrivals(run, selected.arrivals)
        note_released(settings, run)
        for name in selected.missing[:LETTERS_TOLD]:
            log.warning("%s is not read again: its bytes are neither in the archive nor in the quarantine", name)
        size = max(plan.chunk_size or settings.chunk_size, -(-len(selected.arrivals) // MOST_CHUNKS))
        counts.update(
            kind=KIND,
            selection=plan.selection.as_json(),
            dry_run=plan.dry_run,
            accept_gone=plan.accept_gone,
            drop_folder=at.drop.location,
            files_seen=len(selected.arrivals),
            new=len(selected.arrivals),
            missing=len(selected.missing),
            chunk_size=size,
            based_on=current.number,
        )
    if selected.arrivals:
        exchange(settings).offer(run)
    log.info("%d stored files are read again, %d are missing", len(selected.arrivals), len(selected.missing))
    return list(range(0, len(selected.arrivals), size))


def check(settings: Settings, plan: Plan) -> None:
    """Raise `WarehouseError` where a plan cannot be carried out, or not now."""
    store(settings).require_current()
    asked = plan.selection
    for what, named, there_are in (
        ("reason", asked.reasons, [str(r) for r in Reason]),
        ("format", asked.formats, [f.id for f in formats()]),
    ):
        if unknown := set(named) - set(there_are):
            raise WarehouseError(f"there is no {what} {', '.join(sorted(unknown))}; one of {', '.join(there_are)}")


def compare(settings: Settings, run_id: str) -> bool:
    """Hold what was read against the published rows, tell it in the log, and return whether to go on.

    Not where nothing has changed, nor in a dry run. Raises `WithdrawnError` where letters that are loaded are
    refused now, unless the run accepts that they go.
    """
    gather(settings, run_id)
    run = open_run(settings, run_id)
    asked = run.outcome("scan") or {}
    with run.step("compare") as counts:
        published = store(settings).require_current().full
        comparison = differences.compare(run, published, machines_fault=[str(r) for r in NOT_OF_THE_LETTER])
        comparison["rejected"] = _rejected(settings, run, published)
        write_json(run.comparison, comparison)
        for line in as_lines(comparison):
            log.info("%s", line)
        changes = differences.changed_rows(comparison) + comparison["rejected"]
        counts.update(changes=changes, dry_run=asked.get("dry_run", False))
        if not changes:
            log.info("nothing changed: nothing is loaded and nothing published")
        elif asked.get("dry_run"):
            log.info("a dry run: nothing is loaded and nothing published")
        elif comparison["withdrawn"] and not asked.get("accept_gone"):
            raise WithdrawnError(_withdrawal(comparison["withdrawn"]))
    return changes > 0 and not asked.get("dry_run")


def _rejected(settings: Settings, run: Run, published: Path) -> int:
    """Return how many of the run's letters a person has rejected since the last load: readers stop seeing them."""
    read = set(run_files.read_table(run, "files")["sha256"].to_pylist())
    return sum(r.verdict == reviews.REJECT and r.sha256 in read for r in reviews.pending(settings.reviews, published))


def _withdrawal(withdrawn: list[dict[str, str]]) -> str:
    told = ", ".join(f"{w['source_path']} ({w['reason']})" for w in withdrawn[:LETTERS_TOLD])
    more = f" and {len(withdrawn) - LETTERS_TOLD} more" if len(withdrawn) > LETTERS_TOLD else ""
    return (
        f"{len(withdrawn)} letters that are loaded are refused now: {told}{more}. Nothing is published. If the reader "
        "is wrong, mend it; if the letters should go, run again with --accept-gone (param accept_gone): their rows "
        "leave the warehouse, the files go to the quarantine, and the version before keeps them"
    )


def as_lines(comparison: differences.Comparison) -> list[str]:
    """Return a comparison as a log and a terminal show it: a line a table, then the first rows of each."""
    lines = [f"{'what another reading gives':<28}{'added':>8}{'changed':>9}{'gone':>7}{'same':>8}"]
    for table, told in comparison["tables"].items():
        counts = f"{told['added']:>8}{told['changed']:>9}{told['gone']:>7}{told['same']:>8}"
        columns = ", ".join(f"{name} {rows}" for name, rows in told["columns"].items())
        lines.append(f"  {table:<26}{counts}{'   changed: ' + columns if columns else ''}")
    if comparison["rejected"]:
        lines.append(f"  {comparison['rejected']} letters were rejected by a person")
    for row in comparison["examples"]:
        where = " ".join(part for part in (row["case_number"], row["source_path"]) if part)
        lines.append(f"  {row['became']:<8}{row['table']:<10}{where} {row['row']} {row['what']}".rstrip())
    kept = comparison["kept"]
    lines += [f"  kept as it was: {k['source_path']}, now {k['reason']}" for k in kept[:LETTERS_TOLD]]
    if len(kept) > LETTERS_TOLD:
        lines.append(f"  and {len(kept) - LETTERS_TOLD} more kept as they were")
    return lines


def verdict(run: Run, stays: str) -> str | None:
    """Return what became of a reparse that was to publish nothing; `None` for any other run."""
    asked, compared = run.outcome("scan") or {}, run.outcome("compare")
    if asked.get("kind") != KIND or asked.get("state") != "done":
        return None
    if not asked["files_seen"]:
        return f"no stored letter is chosen; {stays}"
    if compared is None or compared["state"] != "done":
        return None
    if not compared["changes"]:
        return f"nothing changed; {stays}"
    return f"a dry run: {compared['changes']} rows would change; {stays}" if compared["dry_run"] else None
