"""The drop folder: what is new in it, and what has to wait."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import WarehouseError
from warehouse.hashing import hash_file, hash_stream
from warehouse.intake.ledger import Ledger
from warehouse.intake.listing import list_letters, wait_for, worth_a_load
from warehouse.runs.run import Run
from warehouse.runs.schema import FILES_WAITING
from warehouse.storage import Entry, Folder

__all__ = [
    "Arrival",
    "Intake",
    "Scan",
    "Waiting",
    "archived",
    "hash_file",
    "read_arrivals",
    "scan",
    "scan_listed",
    "shown",
    "worth_a_load",
    "write_arrivals",
    "write_waiting",
]

NEW, DUPLICATE, KNOWN = "new", "duplicate", "known"
BEING_WRITTEN, OVER_THE_LIMIT, UNREADABLE = "still being written", "over the limit of a load", "cannot be read"
HASHED_AT_ONCE = 8
"""Files that are hashed at a time: on an object store each is a request that is waited for."""
SLICE = 512
"""Files that are handed to the hashing threads together, so that few results wait for their turn."""


@dataclass(frozen=True)
class Arrival:
    """One letter file as the scan found it.

    `path` is where its bytes are (a path or URL), `source_path` its name in the drop folder as text,
    `status` new, duplicate (its bytes have another name) or known (it is in the ledger). `first_seen` is
    before this scan for a file that had to wait (UTC).
    """

    path: str
    source_path: str
    size_bytes: int
    sha256: str
    status: str
    first_seen: str | None = None


@dataclass(frozen=True)
class Waiting:
    """A file that stays in the drop folder for a later load, and why; size unknown where it cannot be looked at."""

    source_path: str
    why: str
    detail: str | None
    size_bytes: int | None
    first_seen: str


@dataclass(frozen=True)
class Scan:
    """What a drop folder holds; `ignored` counts files that are no letters by their name or kind."""

    arrivals: tuple[Arrival, ...]
    waiting: tuple[Waiting, ...]
    ignored: int

    def count(self, status: str) -> int:
        """Return how many arrivals have a status."""
        return sum(a.status == status for a in self.arrivals)

    def waiting_by_reason(self) -> dict[str, int]:
        """Return how many files wait, by the reason."""
        return dict(sorted(Counter(w.why for w in self.waiting).items()))


@dataclass(frozen=True)
class Intake:
    """What a load takes: files of these endings, `most` of them, read by this parser, once they have settled."""

    suffixes: tuple[str, ...]
    parser_version: str
    most: int
    quiet_seconds: float


def scan(folder: Folder, ledger: Ledger, intake: Intake, returned: Iterable[Arrival] = ()) -> Scan:
    """Look through a drop folder and tell new files from duplicates and known ones, the oldest first.

    Subfolders are walked; links, pipes, devices, dot files and `.part` files are not looked at. A file that
    was written in the last `quiet_seconds` is looked at again after that time, and waits if it has changed.
    At most `most` files are taken; the others wait. `returned` are stored files that the published version
    does not account for (after a rollback); they come first. What cannot be read waits too and stops
    nothing. Raises `WarehouseError` where the folder is not there.
    """
    if not folder.exists():
        raise WarehouseError(f"drop folder {folder.location} is not there: create it, or name another with --drop")
    listing = list_letters(folder, suffixes=intake.suffixes, quiet_seconds=intake.quiet_seconds)
    settled, changing = wait_for(folder, listing, intake.quiet_seconds)
    desk = IntakeSorter(ledger, intake.parser_version, intake.most)
    for arrival in returned:
        desk.take(arrival.path, arrival.source_path, arrival.size_bytes, arrival.sha256)
    _sort(folder, settled, desk)
    for entry in changing:
        desk.keep_waiting(entry.name, BEING_WRITTEN, size=entry.size_bytes)
    for passed in listing.refused:
        desk.keep_waiting(passed.name, UNREADABLE, passed.problem)
    return Scan(tuple(desk.arrivals), tuple(desk.waiting), listing.ignored)


def scan_listed(folder: Folder, entries: Sequence[Entry], ledger: Ledger, parser_version: str) -> Scan:
    """Tell the new ones among files that were listed before; the folder is not walked.

    One that is gone or cannot be read waits. Raises `WarehouseError` where the folder is not there.
    """
    if not folder.exists():
        raise WarehouseError(f"folder {folder.location} is not there: is the storage mounted?")
    desk = IntakeSorter(ledger, parser_version, len(entries))
    _sort(folder, entries, desk)
    return Scan(tuple(desk.arrivals), tuple(desk.waiting), 0)


def _sort(folder: Folder, entries: Sequence[Entry], desk: IntakeSorter) -> None:
    """Hash files and hand them to the desk, in their order."""
    for entry, sha256 in _hashed(folder, entries, until=lambda: desk.is_full):
        if sha256 is None:
            desk.keep_waiting(entry.name, OVER_THE_LIMIT, size=entry.size_bytes)
        elif isinstance(sha256, OSError):
            desk.keep_waiting(entry.name, UNREADABLE, sha256.strerror or str(sha256), entry.size_bytes)
        else:
            desk.take(f"{folder.location}/{entry.name}", shown(entry.name), entry.size_bytes, sha256)


class IntakeSorter:
    """Sorts files as they are hashed, and counts those that the load has to account for."""

    def __init__(self, ledger: Ledger, parser_version: str, most: int) -> None:
        self._ledger, self._parser_version, self._room = ledger, parser_version, most
        self._taken: set[str] = set()
        self._names: set[tuple[str, str]] = set()
        self._now = datetime.now(UTC).isoformat(timespec="seconds")
        self.arrivals: list[Arrival] = []
        self.waiting: list[Waiting] = []

    @property
    def is_full(self) -> bool:
        """Whether the load has as many files as it may have."""
        return self._room <= 0

    def take(self, path: str, source_path: str, size_bytes: int, sha256: str) -> None:
        """Judge a file by its bytes and its name; known ones take no room."""
        if (sha256, source_path) in self._names:  # stored and dropped again under its own name: one row tells both
            status = KNOWN
        elif (sha256, self._parser_version) in self._ledger.read:
            status = KNOWN if (sha256, source_path) in self._ledger.seen else DUPLICATE
        else:
            status = DUPLICATE if sha256 in self._taken else NEW
        if status != KNOWN and self.is_full:
            self.keep_waiting(source_path, OVER_THE_LIMIT, size=size_bytes)
            return
        self._room -= status != KNOWN
        self._taken.add(sha256)
        self._names.add((sha256, source_path))
        first_seen = self._ledger.waiting.get(source_path, self._now)
        self.arrivals.append(Arrival(path, source_path, size_bytes, sha256, status, first_seen))

    def keep_waiting(self, name: str, why: str, detail: str | None = None, size: int | None = None) -> None:
        """Leave a file for a later load."""
        source_path = shown(name)
        first_seen = self._ledger.waiting.get(source_path, self._now)
        self.waiting.append(Waiting(source_path, why, detail, size, first_seen))


def _hashed(
    folder: Folder, entries: Sequence[Entry], until: Callable[[], bool]
) -> Iterator[tuple[Entry, str | OSError | None]]:
    """Yield each file with its sha256, or with why it cannot be read; with `None`, unread, once `until` says so."""

    def hash_one(entry: Entry) -> str | OSError:
        try:
            with folder.open(entry.name) as file:
                return hash_stream(file)
        except OSError as error:
            return error

    with ThreadPoolExecutor(HASHED_AT_ONCE) as threads:
        for first in range(0, len(entries), SLICE):
            part = entries[first : first + SLICE]
            yield from zip(part, [None] * len(part) if until() else threads.map(hash_one, part), strict=True)


def shown(name: str) -> str:
    """Return a file's name as text that any table and terminal takes, different names differently.

    A name is bytes, and need not be UTF-8 or printable: what is not is written as `\\xff`, `\\n` and the like.
    """
    if name.isprintable() and "\\" not in name:
        return name
    told = name.replace("\\", "\\\\").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in told)


def write_arrivals(run: Run, arrivals: Iterable[Arrival]) -> None:
    """Keep a scan's arrivals with the run, one JSON object a line."""
    run.folder.mkdir(parents=True, exist_ok=True)
    run.arrivals.write_text("".join(json.dumps(asdict(a)) + "\n" for a in arrivals), "utf-8")


def read_arrivals(run: Run) -> list[Arrival]:
    """Return the arrivals of a run, in the order of the scan."""
    with run.arrivals.open(encoding="utf-8") as lines:
        return [Arrival(**json.loads(line)) for line in lines]


def write_waiting(run: Run, waiting: Iterable[Waiting]) -> None:
    """Keep what a scan left in the drop folder with the run, as the load puts it into the ledger."""
    rows = [
        asdict(w) | {"first_seen_at": datetime.fromisoformat(w.first_seen).replace(tzinfo=None), "run_id": run.run_id}
        for w in waiting
    ]
    named = [{field.name: row[field.name] for field in FILES_WAITING} for row in rows]
    run.folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(named, schema=FILES_WAITING), run.waiting)


def paths(run: Run) -> dict[str, str]:
    """Return where the bytes of each file of a run lie, by its hash."""
    return {a.sha256: a.path for a in reversed(read_arrivals(run))}


def archived(sha256: str, suffix: str) -> str:
    """Return the name under which a file's bytes are stored; it says nothing but the content's hash."""
    return f"{sha256[:2]}/{sha256}{suffix.lower()}"
