"""Files of versions that were rolled back: stored, and not accounted for by what readers see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import duckdb

from warehouse.intake.archive import LetterFolders
from warehouse.intake.inbox import NEW, Arrival, archived
from warehouse.intake.ledger import Ledger
from warehouse.versions.base import Version, VersionStore


def unpublished_files(versions: VersionStore, ledger: Ledger, at: LetterFolders) -> list[Arrival]:
    """Return the stored files that only versions outside the current one's line account for, oldest version first.

    The next load reads them again, so that a rollback loses nothing. A file that is not stored any more is
    not returned: taking it out of the archive is how to be rid of it.
    """
    returned: dict[tuple[str, str], Arrival] = {}
    for version in versions.unpublished_files():
        for row in _added_by(version):
            key = (row["sha256"], row["source_path"])
            if key in ledger.seen or key in returned:
                continue
            stored = archived(row["sha256"], PurePosixPath(row["source_path"]).suffix)
            refused = f"{row['reason']}/{stored}"
            folder, name = (
                (at.quarantine, refused) if row["reason"] and at.quarantine.holds(refused) else (at.archive, stored)
            )
            if folder.holds(name):
                path = f"{folder.location}/{name}"
                returned[key] = Arrival(path, row["source_path"], row["size_bytes"], row["sha256"], NEW)
    return list(returned.values())


def _added_by(version: Version) -> Iterator[dict[str, Any]]:
    """Yield the ledger rows that a version added, those of duplicates last: their bytes were read by another name."""
    columns = "sha256, source_path, size_bytes, reason"
    order = "status = 'duplicate', source_path"
    if version.ledger is not None:
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"SELECT {columns} FROM read_parquet(?) ORDER BY {order}",  # noqa: S608 - constants
                [str(version.ledger)],
            ).fetchall()
    else:
        with duckdb.connect(str(version.full), read_only=True) as connection:
            rows = connection.execute(
                f"SELECT {columns} FROM raw.files WHERE run_id = ? ORDER BY {order}",  # noqa: S608 - constants
                [version.manifest["run_id"]],
            ).fetchall()
    for row in rows:
        yield dict(zip(columns.split(", "), row, strict=True))
