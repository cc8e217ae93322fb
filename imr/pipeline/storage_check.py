"""Before a load: is the storage mounted, and are the folders of letters for their owner alone?"""

from __future__ import annotations

from imr.context import Context
from warehouse.errors import WarehouseError
from warehouse.files import make_owner_only_folder
from warehouse.runs.run import Run
from warehouse.runs.step_results import PublishResult
from warehouse.storage import is_remote


def require_storage(context: Context) -> None:
    """Raise `WarehouseError` where nothing is published although a run has published before, or no version is current.

    A load would otherwise build on nothing, and readers would see its letters only.
    """
    if context.versions.find_base() is not None:
        return
    for folder in sorted(context.settings.runs.glob("*/"), reverse=True):
        published = Run(folder).find_result(PublishResult)
        if published is not None and published.is_done:
            raise WarehouseError(
                f"{context.versions.location} holds no published version, but run {folder.name} published version "
                f"{published.version} there. Is the storage mounted? Mount it and clear this run. To start over on "
                f"purpose, remove {context.settings.runs} as well (`make clean` removes everything)."
            )


def restrict_folders(context: Context) -> None:
    """Restrict the folders that hold letters or their text to their owner, also those of an earlier release."""
    settings = context.settings
    stored = [place for place in (settings.archive, settings.quarantine) if not is_remote(place)]
    kept = [settings.runs, settings.reviews, settings.backfills, settings.notices, settings.gx_home]
    for folder in (*stored, *kept, settings.version_cache):
        if folder.is_dir():
            make_owner_only_folder(folder)
