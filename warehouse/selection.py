"""Which letters of the published ledger are to be read again, and where their bytes are stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb

from warehouse.inbox import NEW, Arrival, archived
from warehouse.settling import Rooms


@dataclass(frozen=True)
class Selection:
    """What a file's last reading must have been for the file to be read again; an empty field asks for nothing.

    `reasons` are quarantine reasons, `formats` letter layouts (a refused file has none); `from_date` and
    `to_date` bound the day of the load that brought the last reading (UTC, both included); `sha256` are hashes
    of the files' bytes. Refused files that a person has rejected are only taken where `sha256` names them.
    """

    reasons: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    from_date: date | None = None
    to_date: date | None = None
    parser_version: str | None = None
    sha256: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the fields that ask for something."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Selected:
    """The files to read again, each named as it came, and the names of those whose bytes are not stored any more."""

    arrivals: tuple[Arrival, ...]
    missing: tuple[str, ...]


_SELECT = """
SELECT file_sha256, source_path, size_bytes, quarantine_reason, seen_at
FROM marts.fct_intake
WHERE is_latest_reading
    AND (len($reasons) = 0 OR quarantine_reason IN (SELECT unnest($reasons)))
    AND (len($formats) = 0 OR letter_format IN (SELECT unnest($formats)))
    AND ($from_date IS NULL OR loaded_at::DATE >= $from_date::DATE)
    AND ($to_date IS NULL OR loaded_at::DATE <= $to_date::DATE)
    AND ($parser_version IS NULL OR parser_version = $parser_version)
    AND (len($sha256) = 0 OR file_sha256 IN (SELECT unnest($sha256)))
    AND (file_status = 'loaded' OR len($sha256) > 0 OR file_sha256 NOT IN (SELECT unnest($rejected)))
ORDER BY source_path, file_sha256
"""


def select(
    warehouse_file: Path, selection: Selection, at: Rooms, *, reasons: Sequence[str], rejected: Collection[str] = ()
) -> Selected:
    """Return the chosen files of a warehouse file's ledger; `reasons` is the closed list that folders are named by."""
    asked = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(selection).items()}
    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        rows = connection.execute(_SELECT, asked | {"rejected": sorted(rejected)}).fetchall()
    found, missing = [], []
    for sha256, source_path, size, reason, seen_at in rows:
        path = stored(at, archived(sha256, PurePosixPath(source_path).suffix), reason, reasons)
        if path is None:
            missing.append(source_path)
        else:
            seen = seen_at.replace(tzinfo=UTC).isoformat()
            found.append(Arrival(path, source_path, size, sha256, NEW, seen))
    return Selected(tuple(found), tuple(missing))


def stored(at: Rooms, name: str, reason: str | None, reasons: Sequence[str]) -> str | None:
    """Return where a file is stored, first where the ledger says, `None` if nowhere.

    After a rollback it is where a version that readers do not see any more has put it.
    """
    refused = [(at.quarantine, f"{other}/{name}") for other in sorted(reasons, key=lambda r: r != reason)]
    archive = [(at.archive, name)]
    places = archive + refused if reason is None else refused[:1] + archive + refused[1:]
    return next((f"{folder.location}/{stored}" for folder, stored in places if folder.holds(stored)), None)
