"""What the published warehouse knows of files: which bytes it has read, with which parser, and what waited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import duckdb


@dataclass(frozen=True)
class Ledger:
    """The ledger's keys, as the scan asks for them.

    `read` holds (sha256, parser version) of every file that was loaded or quarantined; `seen` holds
    (sha256, source path) of every file that has a row; `waiting` says when a file that had to wait was first
    seen (ISO, UTC), by source path.
    """

    read: frozenset[tuple[str, str]] = field(default=frozenset())
    seen: frozenset[tuple[str, str]] = field(default=frozenset())
    waiting: Mapping[str, str] = field(default_factory=dict)


def read_ledger(warehouse_file: Path | None) -> Ledger:
    """Return the ledger of a warehouse file; an empty one where nothing was published yet."""
    if warehouse_file is None:
        return Ledger()
    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        rows = connection.execute("SELECT sha256, parser_version, source_path, status FROM raw.files").fetchall()
        waited = (
            connection.execute("SELECT source_path, first_seen_at FROM raw.files_waiting").fetchall()
            if has_waiting(connection)
            else []
        )
    return Ledger(
        frozenset((sha, version) for sha, version, _, status in rows if status != "duplicate"),
        frozenset((sha, path) for sha, _, path, _ in rows),
        {path: seen.replace(tzinfo=UTC).isoformat(timespec="seconds") for path, seen in waited},
    )


def has_waiting(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether a warehouse file tells what waited; those of before it was kept do not."""
    return bool(
        connection.execute(
            "FROM information_schema.tables WHERE table_schema = 'raw' AND table_name = 'files_waiting'"
        ).fetchone()
    )


def settled_as(warehouse_file: Path, hashes: Collection[str]) -> dict[str, dict[str, Any] | None]:
    """Return, for each of `hashes` that a warehouse file accounts for, its newest quarantine row.

    `None` stands for a file that was read: loaded, or a duplicate of one that was.
    """
    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        rows = connection.execute(
            "SELECT sha256, status, reason, field, detail, page, source_path, seen_at, run_id, parser_version "
            "FROM raw.files WHERE sha256 IN (SELECT unnest(?)) AND (sha256, parser_version, source_path) IN "
            "(SELECT (file_sha256, parser_version, source_path) FROM marts.fct_intake WHERE is_latest_reading)",
            [list(hashes)],
        )
        names = [column[0] for column in rows.description]
        found = (dict(zip(names, row, strict=True)) for row in rows.fetchall())
        return {entry["sha256"]: entry if entry["status"] == "quarantined" else None for entry in found}
