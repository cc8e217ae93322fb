"""Stored files that the published version does not account for, after a rollback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import WarehouseError
from warehouse.intake.folders import LetterFolders
from warehouse.intake.inbox import NEW, Arrival, name_in_archive
from warehouse.intake.ledger import Ledger
from warehouse.versions.base import LEDGER, Version, VersionStore


def find_unpublished_files(versions: VersionStore, ledger: Ledger, folders: LetterFolders) -> list[Arrival]:
    """Return the stored files that only versions outside the current one's history account for, oldest version first.

    The next load reads them again, so a rollback loses nothing. Files that are no longer stored are not returned:
    to get rid of a file, remove it from the archive.
    """
    returned: dict[tuple[str, str], Arrival] = {}
    for version in versions.find_abandoned():
        for row in _read_added_files(version):
            key = (row["sha256"], row["source_path"])
            if key in ledger.seen or key in returned:
                continue
            reasons = [row["reason"]] if row["reason"] else []
            path = folders.find_stored(name_in_archive(*key), reasons, first=row["reason"])
            if path is not None:
                returned[key] = Arrival(path, row["source_path"], row["size_bytes"], row["sha256"], NEW)
    return list(returned.values())


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
