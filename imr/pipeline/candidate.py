"""Makes a run's candidate the next version."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime

import duckdb

from extract.record import PARSER_VERSION
from imr.context import Context
from imr.settings import PROJECT_ROOT
from warehouse.build.dbt import project_hash
from warehouse.build.marts_file import count_mart_rows
from warehouse.checks.databases import open_databases
from warehouse.hashing import hash_file
from warehouse.runs.run import Run
from warehouse.runs.step_results import BatchGateResult, LoadResult, MartsGateResult
from warehouse.versions.base import MARTS, Version
from warehouse.versions.contents import Contents


def open_candidate(run: Run, published: Version | None) -> duckdb.DuckDBPyConnection:
    """Return a connection to a run's candidate and, except at the first publication, the published version."""
    if published is None:
        return open_databases(candidate=Contents((run.part,), run.marts))
    base = published.contents
    return open_databases(candidate=base.extend(run.part, run.marts), published=base)


def publish_candidate(context: Context, run: Run) -> Version:
    """Publish the candidate's raw part and BI file as a version."""
    loaded = run.find_result(LoadResult)
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
        "load_number": loaded.load_number if loaded else 1,
        "rows": count_mart_rows(run.marts),
        "sha256": {MARTS: hash_file(run.marts)},
    }
    based_on = loaded.based_on if loaded else None
    return context.versions.publish(run.candidate, manifest, based_on=based_on, keep=context.settings.keep_versions)


def _find_git_revision() -> str | None:
    found = subprocess.run(  # noqa: S603 - a fixed command
        ["git", "-C", str(PROJECT_ROOT), "rev-parse", "HEAD"],  # noqa: S607 - the user's git
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None if found.returncode == 0 else None
