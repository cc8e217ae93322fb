"""The steps that a rebuild has and a daily load has not.

    prepare -> publish lock -> load -> transform -> compare -> gate_marts -> publish -> report

The others are those of `imr.pipeline.steps`. No letter is read: `load` copies the published version as it is.
"""

from __future__ import annotations

import logging

from imr.context import Context
from imr.pipeline.reparse import record_comparison
from imr.pipeline.steps import require_scan, write_arrivals
from warehouse.build.transform import read_mart_keys
from warehouse.checks.mart_differences import compare_marts
from warehouse.runs.step_results import CompareResult, ScanResult

log = logging.getLogger(__name__)

DAG_ID = "imr_rebuild"


def prepare(context: Context, run_id: str, *, dry_run: bool = False) -> None:
    """Begin a run without letters. Raises `WarehouseError` before the first publication."""
    run, current = context.open_run(run_id), context.versions.require_current()
    run.clear()
    with run.record_step(ScanResult(is_rebuild=True, dry_run=dry_run, based_on=current.number)) as result:
        write_arrivals(context, run, [], result)


def compare(context: Context, run_id: str) -> bool:
    """Compare the candidate's marts with the published ones, log it, and return whether to go on.

    Returns `False` where nothing has changed, and in a dry run.
    """
    run = context.open_run(run_id)
    dry_run = require_scan(run).dry_run
    with run.record_step(CompareResult(dry_run=dry_run)) as result:
        published = context.versions.require_current().marts
        comparison = compare_marts(run.marts, published, read_mart_keys(run))
        record_comparison(run, comparison)
        result.changes = comparison.changed_rows
        if dry_run or not result.changes:
            log.info("%s: nothing is published", "a dry run" if result.changes else "nothing changed")
    return result.changes > 0 and not dry_run
