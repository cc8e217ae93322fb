"""A run's report beside the version that it published: `WAREHOUSE/reports/000042.html`.

Not in the version's folder: that is sealed when the link is flipped, and the report tells of what came after, too. The
manifest names the run; the report beside it is the run's own page, and goes when its version goes.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from imr.settings import Settings
from warehouse.runs.run import Run
from warehouse.storage import folder_at
from warehouse.storage.folder import Entry
from warehouse.versions.base import VersionStore

FOLDER = "reports"


def keep_beside_version(settings: Settings, run: Run, versions: VersionStore) -> str | None:
    """Copy a run's report beside the version that it published; return where, `None` if it published none."""
    published = run.outcome("publish") or {}
    if published.get("state") != "done":
        return None
    reports = folder_at(settings.warehouse / FOLDER)
    name = f"{published['version']:06d}.html"
    reports.write(name, run.report.read_bytes())
    kept = {f"{version.number:06d}" for version in versions.all()}
    for entry in list(reports.walk()):
        if isinstance(entry, Entry) and PurePosixPath(entry.name).stem not in kept:
            reports.remove(entry.name)
    return f"{reports.location}/{name}"
