"""Whether the storage is there, before a load takes an empty mount point for a new beginning."""

from __future__ import annotations

import json

from imr.settings import Settings
from warehouse.errors import WarehouseError
from warehouse.versions.base import VersionStore


def require_storage(settings: Settings, versions: VersionStore) -> None:
    """Raise `WarehouseError` where nothing is published but a run of this house has published before.

    An empty folder where the warehouse was is a mount that is gone; a load would build on nothing, and readers
    would see today's letters alone.
    """
    if versions.current() is not None:
        return
    for outcome in sorted(settings.runs.glob("*/steps/publish.json"), reverse=True):
        published = json.loads(outcome.read_text("utf-8"))
        if published["state"] == "done":
            raise WarehouseError(
                f"{versions.location} holds no published version, but run {outcome.parts[-3]} published version "
                f"{published['version']} there: is the storage mounted? Bring it back and clear this run. To begin "
                f"anew on purpose, remove {settings.runs} as well (`make clean` removes all)."
            )


def is_own_inbox(settings: Settings) -> bool:
    """Whether the drop folder is the one inside the project's home, which may be made; any other must be there."""
    return settings.inbox == settings.home / "inbox"
