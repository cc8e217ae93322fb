"""Makes a run's candidate the next version."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime

from extract.record import PARSER_VERSION
from imr.context import Context
from imr.settings import PROJECT_ROOT
from warehouse.build import marts_file
from warehouse.build.dbt import project_hash
from warehouse.hashing import hash_file
from warehouse.runs import run_files
from warehouse.runs.run import Run
from warehouse.runs.step_results import BatchGateResult, LoadResult, MartsGateResult
from warehouse.versions.base import FULL, LEDGER, MARTS, Version


def publish_candidate(context: Context, run: Run) -> Version:
    """Write the BI file, the ledger and the manifest beside the candidate, and publish them as a version."""
    loaded = run.find_result(LoadResult)
    rows = marts_file.write_marts_file(run.candidate, run.candidate.with_name(MARTS))
    staged = run.candidate.parent
    run_files.write_ledger(run, staged / LEDGER)
    manifest = {
        "run_id": run.run_id,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "parser_version": PARSER_VERSION,
        "git_revision": _find_git_revision(),
        "dbt_project": project_hash(),
        "rules_checked": {
            gate.STEP: found.checked
            for gate in (BatchGateResult, MartsGateResult)
            if (found := run.find_result(gate)) is not None
        },
        "sha256": {name: hash_file(staged / name) for name in (FULL, MARTS, LEDGER)},
        "rows": rows,
    }
    based_on = loaded.based_on if loaded else None
    return context.versions.publish(staged, manifest, based_on=based_on, keep=context.settings.keep_versions)


def _find_git_revision() -> str | None:
    found = subprocess.run(  # noqa: S603 - a fixed command
        ["git", "-C", str(PROJECT_ROOT), "rev-parse", "HEAD"],  # noqa: S607 - the user's git
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None if found.returncode == 0 else None
