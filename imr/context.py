"""The stores and folders that the settings name, created once and handed down to every step."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from imr.settings import OWNER_LOCK, Settings
from warehouse.intake.folders import LetterFolders
from warehouse.runs.publish_lock import PublishLock
from warehouse.runs.run import Run, safe_run_id
from warehouse.storage import Place, as_place, folder_at, is_remote
from warehouse.versions.base import Version, VersionStore
from warehouse.versions.store import open_version_store

if TYPE_CHECKING:  # they import Arrow, which few commands need
    from warehouse.intake.reviews import ReviewLog
    from warehouse.runs.backfill_state import Backfill


@dataclass(frozen=True)
class Context:
    """Settings with their version store, folders, runs and locks."""

    settings: Settings

    @cached_property
    def versions(self) -> VersionStore:
        """The store of published versions."""
        return open_version_store(self.settings.warehouse, cache=self.settings.version_cache)

    @property
    def current(self) -> Version | None:
        """The published version that readers see; `None` before the first publication."""
        return self.versions.current()

    @property
    def reviews(self) -> ReviewLog:
        """The review decisions of people."""
        from warehouse.intake.reviews import ReviewLog  # noqa: PLC0415 - as above

        current = self.current
        return ReviewLog(self.settings.reviews, current.contents if current else None)

    @property
    def publish_lock(self) -> PublishLock:
        """The lock that one run holds from load to publish."""
        owner = os.environ.get(OWNER_LOCK)
        return PublishLock(self.settings.runs, Path(owner) if owner else None)

    def open_run(self, run_id: str) -> Run:
        """Return the run of a scheduler's run id."""
        name = safe_run_id(run_id)
        shared = self.settings.shared_runs
        return Run(self.settings.runs / name, None if shared is None else shared / name)

    def open_backfill(self, name: str) -> Backfill:
        """Return the backfill of a name. Raises `WarehouseError` for an invalid name."""
        from warehouse.runs.backfill_state import Backfill  # noqa: PLC0415 - as above

        return Backfill.named(self.settings.backfills, name)

    def find_folders(self, inbox: str | Place | None = None) -> LetterFolders:
        """Return an inbox (the project's own if none is named), the archive and the quarantine."""
        place = as_place(inbox) if inbox else self.settings.inbox
        if not is_remote(place):
            place = place.expanduser().resolve()
        return LetterFolders(folder_at(place), folder_at(self.settings.archive), folder_at(self.settings.quarantine))

    def is_own_inbox(self, folders: LetterFolders) -> bool:
        """Whether the folders' inbox is the project's own, which a load empties."""
        return folders.inbox == self.find_folders().inbox
