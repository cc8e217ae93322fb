"""Selects letters of the published ledger to be read again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from warehouse.intake.folders import LetterFolders
from warehouse.intake.inbox import NEW, Arrival, name_in_archive
from warehouse.versions.contents import Contents


@dataclass(frozen=True)
class Selection:
    """Conditions on a file's last reading; an empty field selects every file.

    `reasons` are quarantine reasons, `formats` letter formats (a quarantined file has none). `from_date` and `to_date`
    bound the day of the load that read the file last (UTC, inclusive); `sha256` are hashes of files. Quarantined files
    that a person has rejected are selected only by `sha256`.
    """

    reasons: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    from_date: date | None = None
    to_date: date | None = None
    parser_version: str | None = None
    sha256: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the fields that are set."""
        return {name: value for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Selected:
    """The files to read again, under the names they arrived with, and the names of those that are not stored."""

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


def select_files(
    contents: Contents,
    selection: Selection,
    folders: LetterFolders,
    *,
    reasons: Sequence[str],
    rejected: Collection[str] = (),
) -> Selected:
    """Return the selected files of a warehouse file's ledger; `reasons` are all quarantine reasons."""
    parameters = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(selection).items()}
    with contents.open() as connection:
        rows = connection.execute(_SELECT, parameters | {"rejected": sorted(rejected)}).fetchall()
    found, missing = [], []
    for sha256, source_path, size, reason, seen_at in rows:
        path = folders.find_stored(name_in_archive(sha256, source_path), list(reasons), first=reason)
        if path is None:
            missing.append(source_path)
        else:
            seen = seen_at.replace(tzinfo=UTC).isoformat()
            found.append(Arrival(path, source_path, size, sha256, NEW, seen))
    return Selected(tuple(found), tuple(missing))
