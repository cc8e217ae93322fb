"""Keeps a run's report beside the version that it published: `WAREHOUSE/reports/000042.html`.

It is not in the version's folder, which is sealed before the last steps of the run.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from imr.context import Context
from warehouse.runs.run import Run
from warehouse.runs.step_results import PublishResult
from warehouse.storage import Entry, folder_at

FOLDER = "reports"


def copy_beside_version(context: Context, run: Run) -> str | None:
    """Copy a run's report beside its version, and remove reports of removed versions; return the copy's path or URL.

    Returns `None` for a run that published no version.
    """
    published = run.find_result(PublishResult)
    if published is None or not published.is_done:
        return None
    reports = folder_at(context.settings.warehouse / FOLDER)
    name = f"{published.version:06d}.html"
    reports.write(name, run.report.read_bytes())
    kept = {f"{version.number:06d}" for version in context.versions.all()}
    for entry in list(reports.walk()):
        if isinstance(entry, Entry) and PurePosixPath(entry.name).stem not in kept:
            reports.remove(entry.name)
    return f"{reports.location}/{name}"
