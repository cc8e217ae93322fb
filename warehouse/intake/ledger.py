"""The ledger of the published warehouse: which bytes were read, by which parser, and what waited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from warehouse.versions.contents import Contents


@dataclass(frozen=True)
class Ledger:
    """The ledger's keys.

    `read` holds (sha256, parser version) of every file that was loaded or quarantined, `seen` (sha256, source path) of
    every file with a row. `waiting` says when a file that had to wait was first seen (ISO, UTC), by source path.
    """

    read: frozenset[tuple[str, str]] = field(default=frozenset())
    seen: frozenset[tuple[str, str]] = field(default=frozenset())
    waiting: Mapping[str, str] = field(default_factory=dict)


def read_ledger(contents: Contents) -> Ledger:
    """Return the ledger of a warehouse; an empty one before the first publication."""
    with contents.open() as connection:
        rows = connection.execute("SELECT sha256, parser_version, source_path, status FROM raw.files").fetchall()
        waiting = connection.execute("SELECT source_path, first_seen_at FROM raw.files_waiting").fetchall()
    return Ledger(
        frozenset((sha, version) for sha, version, _, status in rows if status != "duplicate"),
        frozenset((sha, path) for sha, _, path, _ in rows),
        {path: seen.replace(tzinfo=UTC).isoformat(timespec="seconds") for path, seen in waiting},
    )


def find_file_statuses(contents: Contents, hashes: Collection[str]) -> dict[str, dict[str, Any] | None]:
    """Return, for each of `hashes` in the ledger, its newest quarantine row, or `None` for a file that was loaded."""
    with contents.open() as connection:
        rows = connection.execute(
            "SELECT sha256, status, reason, field, detail, page, source_path, seen_at, run_id, parser_version "
            "FROM raw.files WHERE sha256 IN (SELECT unnest(?)) AND (sha256, parser_version, source_path) IN "
            "(SELECT (file_sha256, parser_version, source_path) FROM marts.fct_intake WHERE is_latest_reading)",
            [list(hashes)],
        )
        names = [column[0] for column in rows.description]
        found = (dict(zip(names, row, strict=True)) for row in rows.fetchall())
        return {entry["sha256"]: entry if entry["status"] == "quarantined" else None for entry in found}
