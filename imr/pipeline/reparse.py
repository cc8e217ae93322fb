"""The steps that a reparse has and a daily load has not.

    select -> extract -> compare -> gate_batch -> load -> transform -> gate_marts -> publish -> archive -> report

The others are those of `imr.pipeline.steps`. No stored letter is moved before `archive`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from extract.letters.registry import load_formats
from extract.reasons import Reason
from imr.context import Context
from imr.pipeline.steps import MAX_CHUNKS, require_all_chunks, require_scan, write_arrivals
from imr.reporting.comparison import format_comparison
from warehouse.checks.differences import Comparison, compare_with_published
from warehouse.errors import WarehouseError
from warehouse.files import write_json
from warehouse.intake.reviews import REJECT, ReviewLog
from warehouse.intake.selection import Selection, select_files
from warehouse.runs import run_files
from warehouse.runs.run import Run
from warehouse.runs.step_results import CompareResult, ScanResult

log = logging.getLogger(__name__)

DAG_ID = "imr_reparse"
READER_FAILURES = (Reason.TIMED_OUT, Reason.CRASHED)
"""Quarantine reasons that a busy machine may cause: a loaded letter keeps its rows."""
NAMES_SHOWN = 10


class WithdrawnError(WarehouseError):
    """Loaded letters are quarantined now, and the run does not accept that they are withdrawn."""


@dataclass(frozen=True)
class Plan:
    """Which letters to read again, and how.

    `dry_run` loads nothing, `accept_withdrawn` withdraws loaded letters that are quarantined now, `accept_drift` lets
    them differ from the past loads (read by the gates), `full_refresh` builds every model anew (read by `transform`).
    `chunk_size` is the setting's where it is `None`.
    """

    selection: Selection
    dry_run: bool = False
    accept_withdrawn: bool = False
    chunk_size: int | None = None
    accept_drift: bool = False
    full_refresh: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Plan:
        """Return the plan of a DAG run's params."""

        def parse_day(name: str) -> date | None:
            return date.fromisoformat(params[name]) if params.get(name) else None

        def parse_texts(name: str) -> tuple[str, ...]:
            return tuple(params.get(name) or ())

        selection = Selection(
            reasons=parse_texts("reasons"),
            formats=parse_texts("formats"),
            from_date=parse_day("from_date"),
            to_date=parse_day("to_date"),
            parser_version=params.get("parser_version"),
            sha256=parse_texts("sha256"),
        )
        return cls(
            selection,
            dry_run=bool(params.get("dry_run")),
            accept_withdrawn=bool(params.get("accept_withdrawn")),
            chunk_size=params.get("chunk_size"),
            accept_drift=bool(params.get("accept_drift")),
            full_refresh=bool(params.get("full_refresh")),
        )

    def as_params(self) -> dict[str, Any]:
        """Return the plan as a DAG run's params."""
        options = {name: value for name, value in vars(self).items() if name != "selection"}
        params: dict[str, Any] = json.loads(json.dumps(self.selection.as_json() | options, default=str))
        return params


def select(context: Context, run_id: str, plan: Plan) -> list[int]:
    """Select stored letters from the published ledger; return the index of the first letter of each chunk to read.

    Returns an empty list where nothing is selected. Raises `WarehouseError` for an unknown reason or format, and
    before the first publication.
    """
    check_plan(context, plan)
    run = context.open_run(run_id)
    run.clear()
    folders, current = context.find_folders(), context.versions.require_current()
    result = ScanResult(
        is_reparse=True,
        selection=plan.selection.as_json(),
        dry_run=plan.dry_run,
        accept_withdrawn=plan.accept_withdrawn,
        inbox=folders.inbox.location,
        based_on=current.number,
    )
    with run.record_step(result):
        rejected = context.reviews.find_files(REJECT)
        selected = select_files(current.contents, plan.selection, folders, reasons=list(Reason), rejected=rejected)
        write_arrivals(context, run, selected.arrivals, result)
        for name in selected.missing[:NAMES_SHOWN]:
            log.warning("%s: not read again, as the file is neither in the archive nor in the quarantine", name)
        result.missing = len(selected.missing)
        result.chunk_size = max(plan.chunk_size or context.settings.chunk_size, -(-result.to_read // MAX_CHUNKS))
    log.info("%d stored files to read again, %d missing", result.to_read, result.missing)
    return list(range(0, result.to_read, result.chunk_size))


def check_plan(context: Context, plan: Plan) -> None:
    """Raise `WarehouseError` for a plan with an unknown reason or format, and before the first publication."""
    context.versions.require_current()
    for what, named, known in (
        ("reason", plan.selection.reasons, [str(r) for r in Reason]),
        ("format", plan.selection.formats, [f.id for f in load_formats()]),
    ):
        if unknown := set(named) - set(known):
            raise WarehouseError(f"unknown {what} {', '.join(sorted(unknown))}; one of {', '.join(known)}")


def compare(context: Context, run_id: str) -> bool:
    """Compare what was read with the published rows, log it, and return whether to go on.

    Returns `False` where nothing has changed, and in a dry run. Raises `WithdrawnError` where loaded letters are
    quarantined now, unless the run accepts that they are withdrawn.
    """
    run = context.open_run(run_id)
    require_all_chunks(run)
    scan = require_scan(run)
    with run.record_step(CompareResult(dry_run=scan.dry_run)) as result:
        published = context.versions.require_current().contents
        comparison = compare_with_published(run, published, reader_failures=[str(r) for r in READER_FAILURES])
        comparison = replace(comparison, rejected=_count_rejected(context.reviews, run))
        record_comparison(run, comparison)
        result.changes = comparison.changed_rows + comparison.rejected
        if not result.changes:
            log.info("nothing changed: nothing is loaded or published")
        elif scan.dry_run:
            log.info("a dry run: nothing is loaded or published")
        elif comparison.withdrawn and not scan.accept_withdrawn:
            raise WithdrawnError(_describe_withdrawn(comparison.withdrawn))
    return result.changes > 0 and not scan.dry_run


def record_comparison(run: Run, comparison: Comparison) -> None:
    """Write a comparison to the run's folder, and log it."""
    write_json(run.comparison, asdict(comparison))
    for line in format_comparison(asdict(comparison)):
        log.info("%s", line)


def _count_rejected(reviews: ReviewLog, run: Run) -> int:
    """Return how many of the run's letters were rejected since the last load."""
    read = set(run_files.read_table(run, "files")["sha256"].to_pylist())
    return sum(r.verdict == REJECT and r.sha256 in read for r in reviews.find_pending())


def _describe_withdrawn(withdrawn: list[dict[str, str]]) -> str:
    names = ", ".join(f"{w['source_path']} ({w['reason']})" for w in withdrawn[:NAMES_SHOWN])
    more = f" and {len(withdrawn) - NAMES_SHOWN} more" if len(withdrawn) > NAMES_SHOWN else ""
    return (
        f"{len(withdrawn)} loaded letters are quarantined now: {names}{more}. Nothing was published. If the parser is "
        "wrong, correct it. To withdraw the letters, run again with --accept-withdrawn (param accept_withdrawn): their "
        "rows leave the warehouse, their files move to the quarantine, and the version before keeps them"
    )
