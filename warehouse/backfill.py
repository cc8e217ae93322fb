"""A backfill: an archive's files divided into batches once, and how each batch ended.

Kept in a folder: `plan.json`, `files.parquet` (every file by name, with its batch), and `batches/00012.json` for each
batch that has ended. Whatever dies, what is left to do is the batches without such a file, and those set aside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import WarehouseError
from warehouse.files import write_json
from warehouse.schema import BACKFILL_FILES
from warehouse.storage import Entry

LOADED, SET_ASIDE = "loaded", "set aside"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
JUDGED_BY = 10
"""Batches that the expected end is reckoned from: the last ones."""


@dataclass(frozen=True)
class Outcome:
    """How a batch ended: `files` in it, `unread` names that could not be opened; times are ISO, UTC."""

    batch: int
    state: str
    run_id: str
    files: int
    begun_at: str
    ended_at: str
    version: int | None = None
    error: str | None = None
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Progress:
    """How far a backfill is: files and batches, files a second of the last batches, and when it should end (UTC)."""

    files: int
    files_done: int
    batches: int
    loaded: list[int]
    set_aside: dict[int, str]
    unread: int
    files_a_second: float | None
    expected_end: datetime | None


@dataclass(frozen=True)
class Backfill:
    """The backfill in a folder; its name is the folder's."""

    folder: Path

    @classmethod
    def named(cls, home: Path, name: str) -> Backfill:
        """Return the backfill of a name among those in `home`. Raises `WarehouseError` for what is no name."""
        if not _NAME.fullmatch(name):
            raise WarehouseError(f"{name!r} is no name of a backfill: lower-case letters, digits and -, at most 40")
        return cls(home / name)

    @property
    def name(self) -> str:
        """The backfill's name."""
        return self.folder.name

    @property
    def plan(self) -> dict[str, Any] | None:
        """What was planned: `source` (a path or URL), `batch_size`, `files`, `batches`; `None` before that."""
        path = self.folder / "plan.json"
        return json.loads(path.read_text("utf-8")) if path.exists() else None

    def require_plan(self) -> dict[str, Any]:
        """Return the plan. Raises `WarehouseError` where there is none."""
        plan = self.plan
        if plan is None:
            raise WarehouseError(f"no backfill {self.name} was planned: `imr backfill FOLDER --name {self.name}` does")
        return plan

    def lay_out(self, entries: Sequence[Entry], source: str, batch_size: int) -> dict[str, Any]:
        """Divide files into batches, in their order, and return the plan."""
        rows = [asdict(entry) | {"batch": index // batch_size + 1} for index, entry in enumerate(entries)]
        self.folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=BACKFILL_FILES), self.folder / "files.parquet")
        plan = {
            "source": source,
            "batch_size": batch_size,
            "files": len(rows),
            "batches": -(-len(rows) // batch_size),
            "planned_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_json(self.folder / "plan.json", plan)  # last: a plan without its files is none
        return plan

    def entries(self, batch: int) -> list[Entry]:
        """Return the files of a batch, counted from 1. Raises `WarehouseError` for a batch that is not planned."""
        plan = self.require_plan()
        if not 1 <= batch <= plan["batches"]:
            raise WarehouseError(f"backfill {self.name} has the batches 1 to {plan['batches']}, not {batch}")
        rows = pq.read_table(self.folder / "files.parquet", filters=[("batch", "=", batch)]).to_pylist()
        return [Entry(row["name"], row["size_bytes"], row["modified"]) for row in rows]

    def note(self, outcome: Outcome) -> None:
        """Keep how a batch ended."""
        write_json(self.folder / "batches" / f"{outcome.batch:05d}.json", asdict(outcome))

    def outcomes(self) -> Iterator[Outcome]:
        """Yield how each batch ended that has."""
        for path in sorted((self.folder / "batches").glob("[!.]*.json")):
            yield Outcome(**json.loads(path.read_text("utf-8")))

    def left(self) -> list[int]:
        """Return the batches that are still to be loaded: never ended, or set aside."""
        loaded = {o.batch for o in self.outcomes() if o.state == LOADED}
        return [batch for batch in range(1, self.require_plan()["batches"] + 1) if batch not in loaded]

    def progress(self, now: datetime) -> Progress:
        """Return how far the backfill is; the expected end supposes that it goes on now as its last batches did."""
        plan, ended = self.require_plan(), list(self.outcomes())
        loaded = [o for o in ended if o.state == LOADED]
        done = sum(o.files for o in loaded)
        rate = _files_a_second(sorted(loaded, key=lambda o: o.ended_at)[-JUDGED_BY:])
        return Progress(
            files=plan["files"],
            files_done=done,
            batches=plan["batches"],
            loaded=[o.batch for o in loaded],
            set_aside={o.batch: o.error or "" for o in ended if o.state == SET_ASIDE},
            unread=sum(len(o.unread) for o in loaded),
            files_a_second=rate,
            expected_end=now + timedelta(seconds=(plan["files"] - done) / rate) if rate else None,
        )


def _files_a_second(outcomes: Sequence[Outcome]) -> float | None:
    """Return the rate of batches that may overlap: all their files over the time from first begin to last end."""
    if not outcomes:
        return None
    begun = min(datetime.fromisoformat(o.begun_at) for o in outcomes)
    ended = max(datetime.fromisoformat(o.ended_at) for o in outcomes)
    seconds = (ended - begun).total_seconds()
    return sum(o.files for o in outcomes) / seconds if seconds > 0 else None
