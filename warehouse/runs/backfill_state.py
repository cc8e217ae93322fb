"""The state of a backfill: its plan, its files by batch, and how each batch ended.

It is a folder with `plan.json`, `files.parquet` (every file with its batch) and `batches/00012.json` for each ended
batch. After any crash, the batches left are those without such a file and those that failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import WarehouseError
from warehouse.files import make_owner_only_folder, read_json, write_json
from warehouse.runs.schema import BACKFILL_FILES
from warehouse.storage import Entry

LOADED, FAILED = "loaded", "failed"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
BATCHES_FOR_RATE = 10
"""Last batches from which the expected end is estimated."""


@dataclass(frozen=True)
class BackfillPlan:
    """`source` is a path or URL, `batch_size` and `files` are numbers of files."""

    source: str
    batch_size: int
    files: int
    batches: int
    planned_at: str


@dataclass(frozen=True)
class BatchResult:
    """How a batch ended; `unread` names files that could not be opened. Times are ISO, UTC."""

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
    """Files and batches done, the rate of the last batches, and the expected end (UTC)."""

    files: int
    files_done: int
    batches: int
    loaded: list[int]
    failed: dict[int, str]
    unread: int
    files_per_second: float | None
    expected_end: datetime | None


@dataclass(frozen=True)
class Backfill:
    """The backfill in a folder, whose name is the folder's."""

    folder: Path

    @classmethod
    def named(cls, home: Path, name: str) -> Backfill:
        """Return the backfill of a name among those in `home`. Raises `WarehouseError` for an invalid name."""
        if not _NAME.fullmatch(name):
            raise WarehouseError(
                f"{name!r} is not a valid name of a backfill: use lower-case letters, digits and -, at most 40"
            )
        return cls(home / name)

    @property
    def name(self) -> str:
        """The backfill's name."""
        return self.folder.name

    @property
    def plan(self) -> BackfillPlan | None:
        """The plan; `None` before it was made."""
        plan = read_json(self.folder / "plan.json")
        return BackfillPlan(**plan) if plan else None

    def require_plan(self) -> BackfillPlan:
        """Return the plan. Raises `WarehouseError` where there is none."""
        plan = self.plan
        if plan is None:
            raise WarehouseError(
                f"backfill {self.name} has no plan. Plan it with `imr backfill FOLDER --name {self.name}`."
            )
        return plan

    def create_plan(self, entries: Sequence[Entry], source: str, batch_size: int) -> BackfillPlan:
        """Divide files into batches, in their order, and return the plan."""
        rows = [asdict(entry) | {"batch": index // batch_size + 1} for index, entry in enumerate(entries)]
        make_owner_only_folder(self.folder.parent)
        self.folder.mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=BACKFILL_FILES), self.folder / "files.parquet")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        plan = BackfillPlan(source, batch_size, len(rows), -(-len(rows) // batch_size), now)
        write_json(self.folder / "plan.json", asdict(plan))  # last, as a plan without its files is not valid
        return plan

    def list_entries(self, batch: int) -> list[Entry]:
        """Return the files of a batch, counted from 1. Raises `WarehouseError` for a batch that is not planned."""
        plan = self.require_plan()
        if not 1 <= batch <= plan.batches:
            raise WarehouseError(f"backfill {self.name} has the batches 1 to {plan.batches}, not {batch}")
        rows = pq.read_table(self.folder / "files.parquet", filters=[("batch", "=", batch)]).to_pylist()
        return [Entry(row["name"], row["size_bytes"], row["modified"]) for row in rows]

    def record(self, result: BatchResult) -> None:
        """Record how a batch ended."""
        write_json(self.folder / "batches" / f"{result.batch:05d}.json", asdict(result))

    def read_results(self) -> Iterator[BatchResult]:
        """Yield the result of each batch that has ended."""
        for path in sorted((self.folder / "batches").glob("[!.]*.json")):
            if result := read_json(path):
                yield BatchResult(**result)

    def list_unfinished(self) -> list[int]:
        """Return the batches still to be loaded: not ended, or failed."""
        loaded = {o.batch for o in self.read_results() if o.state == LOADED}
        return [batch for batch in range(1, self.require_plan().batches + 1) if batch not in loaded]

    def find_progress(self, now: datetime) -> Progress:
        """Return the progress; the expected end assumes the rate of the last batches."""
        plan, ended = self.require_plan(), list(self.read_results())
        loaded = [o for o in ended if o.state == LOADED]
        done = sum(o.files for o in loaded)
        rate = _find_rate(sorted(loaded, key=lambda o: o.ended_at)[-BATCHES_FOR_RATE:])
        return Progress(
            files=plan.files,
            files_done=done,
            batches=plan.batches,
            loaded=[o.batch for o in loaded],
            failed={o.batch: o.error or "" for o in ended if o.state == FAILED},
            unread=sum(len(o.unread) for o in loaded),
            files_per_second=rate,
            expected_end=now + timedelta(seconds=(plan.files - done) / rate) if rate else None,
        )


def _find_rate(results: Sequence[BatchResult]) -> float | None:
    """Return files per second of batches that may overlap: all files over the time from first begin to last end."""
    if not results:
        return None
    begun = min(datetime.fromisoformat(o.begun_at) for o in results)
    ended = max(datetime.fromisoformat(o.ended_at) for o in results)
    seconds = (ended - begun).total_seconds()
    return sum(o.files for o in results) / seconds if seconds > 0 else None
