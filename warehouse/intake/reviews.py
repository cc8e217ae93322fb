"""What a person decided of a letter: retry, release or reject, who, when and why.

A decision is a small JSON file first and a row of `raw.reviews` with the next load, in the same transaction as
that load's rows. The file stays: after a rollback the next load writes the row again. Of several decisions on a
letter the last holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError
from warehouse.runs.run import Run, write_json
from warehouse.runs.run_files import write_chunk

RETRY, RELEASE, REJECT = "retry", "release", "reject"


@dataclass(frozen=True)
class Review:
    """One decision on one file; `decided_at` is UTC, without a zone, as all times in raw."""

    sha256: str
    verdict: str
    note: str | None
    decided_by: str
    decided_at: datetime


def keep(folder: Path, review: Review) -> Path:
    """Write a decision to the folder of decisions; return its file."""
    path = folder / f"{review.decided_at:%Y%m%dT%H%M%S.%f}-{review.sha256[:16]}.json"
    write_json(path, asdict(review) | {"decided_at": review.decided_at.isoformat()})
    return path


def kept(folder: Path) -> list[Review]:
    """Return every decision of a folder. Raises `WarehouseError` for a file that is none."""
    found = []
    for path in sorted(folder.glob("[!.]*.json")):
        try:
            said = json.loads(path.read_text("utf-8"))
            found.append(Review(**said | {"decided_at": datetime.fromisoformat(said["decided_at"])}))
        except (ValueError, TypeError, KeyError) as error:
            raise WarehouseError(f"{path} is no decision on a letter: mend it or take it away ({error})") from error
    return found


def published(warehouse_file: Path | None) -> list[Review]:
    """Return every decision of a warehouse file; none where it is older than these."""
    if warehouse_file is None:
        return []
    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        if not connection.execute(
            "FROM information_schema.tables WHERE table_schema = 'raw' AND table_name = 'reviews'"
        ).fetchone():
            return []
        rows = connection.execute("SELECT sha256, verdict, note, decided_by, decided_at FROM raw.reviews").fetchall()
    return [Review(*row) for row in rows]


def pending(folder: Path, warehouse_file: Path | None) -> list[Review]:
    """Return the decisions that the next load has to write."""
    written = {(r.sha256, r.decided_at) for r in published(warehouse_file)}
    return [r for r in kept(folder) if (r.sha256, r.decided_at) not in written]


def latest(folder: Path, warehouse_file: Path | None) -> dict[str, Review]:
    """Return the decision that holds for each letter on which there is one, by the letter's hash."""
    everything = sorted([*published(warehouse_file), *kept(folder)], key=lambda r: r.decided_at)
    return {r.sha256: r for r in everything}


def decided(folder: Path, warehouse_file: Path | None, verdict: str) -> frozenset[str]:
    """Return the letters for which a verdict holds."""
    return frozenset(sha for sha, r in latest(folder, warehouse_file).items() if r.verdict == verdict)


def add_to_run(run: Run, reviews: Iterable[Review]) -> None:
    """Write decisions to the run's files, to be loaded with its rows."""
    write_chunk(run, "reviews", {"reviews": [asdict(r) | {"run_id": run.run_id} for r in reviews]})
