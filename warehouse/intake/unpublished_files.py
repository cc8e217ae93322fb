"""Stored files that the published version does not account for, after a rollback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import WarehouseError
from warehouse.intake.copies import describe_damage, has_bytes
from warehouse.intake.folders import LetterFolders
from warehouse.intake.inbox import NEW, Arrival, name_in_archive
from warehouse.intake.ledger import Ledger
from warehouse.versions.base import LEDGER, Version, VersionStore


@dataclass(frozen=True)
class UnpublishedFiles:
    """The files to read again, and the damaged ones: their paths, by hash and by the name that they arrived with."""

    arrivals: list[Arrival]
    damaged: dict[tuple[str, str], str]

    def require_good_copies(self, arrivals: Iterable[Arrival]) -> None:
        """Raise `WarehouseError` for damaged files, unless a good copy is among the arrivals of the inbox."""
        hashes = {arrival.sha256 for arrival in arrivals}
        lost = {name: path for (sha256, name), path in self.damaged.items() if sha256 not in hashes}
        if lost:
            raise WarehouseError(describe_damage(lost))


def find_unpublished_files(versions: VersionStore, ledger: Ledger, folders: LetterFolders) -> UnpublishedFiles:
    """Return the stored files that only versions outside the current one's history account for, oldest version first.

    The next load reads them again, so a rollback loses nothing. Files that are no longer stored are not returned:
    to get rid of a file, remove it from the archive.
    """
    returned: dict[tuple[str, str], Arrival] = {}
    damaged: dict[tuple[str, str], str] = {}
    for version in versions.find_abandoned():
        for row in _read_added_files(version):
            key = (row["sha256"], row["source_path"])
            if key in ledger.seen or key in returned:
                continue
            reasons = [row["reason"]] if row["reason"] else []
            for path in folders.list_stored(name_in_archive(*key), reasons, first=row["reason"]):
                if has_bytes(*folders.find(path), row["sha256"], row["size_bytes"]):
                    returned[key] = Arrival(path, row["source_path"], row["size_bytes"], row["sha256"], NEW)
                    break
                damaged[key] = path
    return UnpublishedFiles(list(returned.values()), {k: path for k, path in damaged.items() if k not in returned})


def _read_added_files(version: Version) -> Iterator[dict[str, Any]]:
    """Yield the ledger rows that a version added, duplicates last, since their bytes were read under another name."""
    try:
        rows = pq.read_table(version.ledger, columns=["sha256", "source_path", "size_bytes", "reason", "status"])
    except (OSError, pa.ArrowInvalid) as error:
        raise WarehouseError(
            f"version {version.number}: {LEDGER} cannot be read ({error}), so the letters that it added cannot be read "
            "again. Restore the file. To go on without them, remove the version; the letters stay in the archive."
        ) from error
    yield from sorted(rows.to_pylist(), key=lambda row: (row["status"] == "duplicate", row["source_path"]))
