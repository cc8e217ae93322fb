"""Decisions of people on single files: retry, release or reject, by whom, when and why.

A decision is a JSON file first and becomes a row of `raw.reviews` with the next load, in that load's transaction.
The file stays, so that the next load after a rollback writes the row again. The last decision on a file counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from warehouse.errors import WarehouseError
from warehouse.files import make_owner_only_folder, write_json
from warehouse.runs.run import Run
from warehouse.runs.run_files import write_chunk
from warehouse.versions.contents import Contents

RETRY, RELEASE, REJECT = "retry", "release", "reject"


@dataclass(frozen=True)
class Review:
    """One decision on one file; `decided_at` is UTC without a time zone, as all times in raw."""

    sha256: str
    verdict: str
    note: str | None
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class ReviewLog:
    """The decisions in a folder and in the published warehouse (`None` before the first publication)."""

    folder: Path
    contents: Contents | None

    def add(self, review: Review) -> Path:
        """Write a decision to the folder; return its file.

        It is dated after the last one on the file, since a clock may be set back.
        """
        if last := self.find_latest().get(review.sha256):
            after = max(review.decided_at, last.decided_at + timedelta(microseconds=1))
            review = replace(review, decided_at=after)
        make_owner_only_folder(self.folder)
        path = self.folder / f"{review.decided_at:%Y%m%dT%H%M%S.%f}-{review.sha256[:16]}.json"
        write_json(path, asdict(review) | {"decided_at": review.decided_at.isoformat()})
        return path

    def read_folder(self) -> list[Review]:
        """Return the decisions in the folder. Raises `WarehouseError` for a file that is none."""
        found = []
        for path in sorted(self.folder.glob("[!.]*.json")):
            try:
                content = json.loads(path.read_text("utf-8"))
                found.append(Review(**content | {"decided_at": datetime.fromisoformat(content["decided_at"])}))
            except (ValueError, TypeError, KeyError) as error:
                raise WarehouseError(f"{path}: not a review decision ({error}). Correct or remove the file.") from error
        return found

    def read_published(self) -> list[Review]:
        """Return the decisions in the published warehouse."""
        if self.contents is None:
            return []
        with self.contents.open() as connection:
            rows = connection.execute("SELECT sha256, verdict, note, decided_by, decided_at FROM raw.reviews")
            return [Review(*row) for row in rows.fetchall()]

    def find_pending(self) -> list[Review]:
        """Return the decisions that the next load has to write."""
        written = {(r.sha256, r.decided_at) for r in self.read_published()}
        return [r for r in self.read_folder() if (r.sha256, r.decided_at) not in written]

    def find_latest(self) -> dict[str, Review]:
        """Return the last decision on each file, by the file's hash."""
        everything = sorted([*self.read_published(), *self.read_folder()], key=lambda r: r.decided_at)
        return {r.sha256: r for r in everything}

    def find_files(self, verdict: str) -> frozenset[str]:
        """Return the hashes of the files whose last decision is `verdict`."""
        return frozenset(sha for sha, r in self.find_latest().items() if r.verdict == verdict)


def add_to_run(run: Run, reviews: Iterable[Review]) -> None:
    """Write decisions to the run's files, to be loaded with its rows."""
    write_chunk(run, "reviews", {"reviews": [asdict(r) | {"run_id": run.run_id} for r in reviews]})
