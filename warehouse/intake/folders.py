"""The folders that a load's letters are in: inbox, archive and quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from warehouse.errors import WarehouseError
from warehouse.storage import Folder


@dataclass(frozen=True)
class LetterFolders:
    """Inbox, archive and quarantine, on disk or in an object store."""

    inbox: Folder
    archive: Folder
    quarantine: Folder

    def find(self, path: str) -> tuple[Folder, str]:
        """Return the folder of a path or URL and the name in it. Raises `WarehouseError` if it is in none."""
        for folder in (self.inbox, self.archive, self.quarantine):
            name = folder.name_of(path)
            if name is not None:
                return folder, name
        raise WarehouseError(f"{path} is neither in the inbox, the archive nor the quarantine")

    def find_stored(self, name: str, reasons: list[str], *, first: str | None) -> str | None:
        """Return the path of a stored file; `None` if it is nowhere. See `list_stored`."""
        return next(self.list_stored(name, reasons, first=first), None)

    def list_stored(self, name: str, reasons: list[str], *, first: str | None) -> Iterator[str]:
        """Yield each path of a stored file.

        `name` is its name in the archive. The quarantine of `first` is tried first, or the archive if that is `None`,
        then the other places: after a rollback a file is where a version that readers no longer see has put it.
        """
        quarantines = [(self.quarantine, f"{reason}/{name}") for reason in sorted(reasons, key=lambda r: r != first)]
        archive = [(self.archive, name)]
        places = archive + quarantines if first is None else quarantines[:1] + archive + quarantines[1:]
        yield from (f"{folder.location}/{stored}" for folder, stored in places if folder.exists(stored))
