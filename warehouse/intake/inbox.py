"""The scan: which files of the inbox are new, duplicate or known, and which wait for a later load."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import WarehouseError
from warehouse.files import write_bytes
from warehouse.hashing import hash_beginning, hash_stream
from warehouse.intake.ledger import Ledger
from warehouse.intake.listing import list_letters, wait_until_quiet
from warehouse.runs.run import ARRIVALS, Run
from warehouse.runs.schema import FILES_WAITING
from warehouse.storage import Entry, Folder

NEW, DUPLICATE, KNOWN = "new", "duplicate", "known"
BEING_WRITTEN, OVER_THE_LIMIT, UNREADABLE = "still being written", "over the limit of a load", "cannot be read"
HASHING_THREADS = 8
"""Files hashed at a time; in an object store each is a request to wait for."""
FILES_A_SLICE = 512
"""Files given to the hashing threads together, which bounds the results held in memory."""

NameFile = Callable[[str], str]


def printable_name(name: str) -> str:
    """Return a file's name as printable text, different for different names.

    File names are bytes and need not be UTF-8 or printable: other characters become `\\xff`, `\\n` and so on.
    """
    if name.isprintable() and "\\" not in name:
        return name
    text = name.replace("\\", "\\\\").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


@dataclass(frozen=True)
class Arrival:
    """A letter file as the scan found it.

    `path` is where its bytes are (a path or URL), `source_path` its printable name in the inbox, `status` new,
    duplicate (its bytes have another name) or known (in the ledger). `first_seen` is earlier than this scan for a file
    that had to wait (ISO, UTC).
    """

    path: str
    source_path: str
    size_bytes: int
    sha256: str
    status: str
    first_seen: str | None = None

    @property
    def stored_name(self) -> str:
        """The file's name in the archive."""
        return name_in_archive(self.sha256, self.source_path)


@dataclass(frozen=True)
class Waiting:
    """A file that stays in the inbox for a later load, and why; the size is `None` where it cannot be read."""

    source_path: str
    why: str
    detail: str | None
    size_bytes: int | None
    first_seen: str


@dataclass(frozen=True)
class Scan:
    """The files of an inbox; `ignored` counts those that are no letters by name or kind."""

    arrivals: tuple[Arrival, ...]
    waiting: tuple[Waiting, ...]
    ignored: int

    def count(self, status: str) -> int:
        """Return how many arrivals have a status."""
        return sum(a.status == status for a in self.arrivals)

    def count_waiting_by_reason(self) -> dict[str, int]:
        """Return how many files wait, by reason."""
        return dict(sorted(Counter(w.why for w in self.waiting).items()))


@dataclass(frozen=True)
class ScanRules:
    """Which files a load takes: file name suffixes, at most `max_files`, read by this parser, unchanged for so long.

    A file over `max_bytes` is not read whole: its hash is that of its size and beginning. `name_file` returns the name
    that a file has in the warehouse.
    """

    suffixes: tuple[str, ...]
    parser_version: str
    max_files: int
    quiet_seconds: float
    max_bytes: int
    name_file: NameFile = printable_name


def scan_inbox(folder: Folder, ledger: Ledger, rules: ScanRules, returned: Iterable[Arrival] = ()) -> Scan:
    """Find new, duplicate and known files in an inbox and its subfolders, oldest first.

    Links, pipes, devices, dot files and `.part` files are skipped. A file written in the last `quiet_seconds` is
    checked again after that time, and waits if it has changed. Files over `max_files` wait, and so do unreadable ones.
    `returned` are stored files that the published version does not account for (after a rollback); they come first.
    Raises `WarehouseError` for a folder that does not exist.
    """
    if not folder.exists():
        raise WarehouseError(
            f"{folder.location}: no such folder. Is the storage mounted? If so, create the folder or name another."
        )
    listing = list_letters(folder, suffixes=rules.suffixes, quiet_seconds=rules.quiet_seconds)
    quiet, changing = wait_until_quiet(folder, listing, rules.quiet_seconds)
    sorter = IntakeSorter(ledger, rules.parser_version, rules.max_files, rules.name_file)
    for arrival in returned:
        sorter.add(arrival.path, arrival.source_path, arrival.size_bytes, arrival.sha256)
    _hash_and_sort(folder, quiet, sorter, rules.max_bytes)
    for entry in changing:
        sorter.defer(entry.name, BEING_WRITTEN, size=entry.size_bytes)
    for skipped in listing.unreadable:
        sorter.defer(skipped.name, UNREADABLE, skipped.problem)
    return Scan(tuple(sorter.arrivals), tuple(sorter.waiting), listing.ignored)


def scan_listed(folder: Folder, entries: Sequence[Entry], ledger: Ledger, rules: ScanRules) -> Scan:
    """Find new, duplicate and known files among files listed before; the folder is not walked.

    All are taken; those that are missing or cannot be read wait. Raises `WarehouseError` for a missing folder.
    """
    if not folder.exists():
        raise WarehouseError(f"{folder.location}: no such folder. Is the storage mounted?")
    sorter = IntakeSorter(ledger, rules.parser_version, len(entries), rules.name_file)
    _hash_and_sort(folder, entries, sorter, rules.max_bytes)
    return Scan(tuple(sorter.arrivals), tuple(sorter.waiting), 0)


def _hash_and_sort(folder: Folder, entries: Sequence[Entry], sorter: IntakeSorter, max_bytes: int) -> None:
    for entry, sha256 in _hash_files(folder, entries, max_bytes, stop=lambda: sorter.is_full):
        if sha256 is None:
            sorter.defer(entry.name, OVER_THE_LIMIT, size=entry.size_bytes)
        elif isinstance(sha256, OSError):
            sorter.defer(entry.name, UNREADABLE, sha256.strerror or str(sha256), entry.size_bytes)
        else:
            name = sorter.name_file(entry.name)
            sorter.add(f"{folder.location}/{entry.name}", name, entry.size_bytes, sha256)


class IntakeSorter:
    """Sorts files into arrivals and waiting ones, and counts those that the load has to read."""

    def __init__(self, ledger: Ledger, parser_version: str, max_files: int, name_file: NameFile) -> None:
        """Begin with no files."""
        self.name_file = name_file
        self._ledger, self._parser_version, self._places_left = ledger, parser_version, max_files
        self._hashes: set[str] = set()
        self._names: set[tuple[str, str]] = set()
        self._now = datetime.now(UTC).isoformat(timespec="seconds")
        self.arrivals: list[Arrival] = []
        self.waiting: list[Waiting] = []

    @property
    def is_full(self) -> bool:
        """Whether the load has as many files as it may have."""
        return self._places_left <= 0

    def add(self, path: str, source_path: str, size_bytes: int, sha256: str) -> None:
        """Add a file as new, duplicate or known; known files do not count towards the limit."""
        status = self._find_status(source_path, sha256)
        if status != KNOWN and self.is_full:
            self.defer(source_path, OVER_THE_LIMIT, size=size_bytes)
            return
        self._places_left -= status != KNOWN
        self._hashes.add(sha256)
        self._names.add((sha256, source_path))
        first_seen = self._ledger.waiting.get(source_path, self._now)
        self.arrivals.append(Arrival(path, source_path, size_bytes, sha256, status, first_seen))

    def defer(self, name: str, why: str, detail: str | None = None, size: int | None = None) -> None:
        """Leave a file for a later load."""
        source_path = self.name_file(name)
        first_seen = self._ledger.waiting.get(source_path, self._now)
        self.waiting.append(Waiting(source_path, why, detail, size, first_seen))

    def _find_status(self, source_path: str, sha256: str) -> str:
        if (sha256, source_path) in self._names:  # a stored file dropped again under its own name: one ledger row
            return KNOWN
        if (sha256, self._parser_version) in self._ledger.read:
            return KNOWN if (sha256, source_path) in self._ledger.seen else DUPLICATE
        return DUPLICATE if sha256 in self._hashes else NEW


def _hash_files(
    folder: Folder, entries: Sequence[Entry], max_bytes: int, stop: Callable[[], bool]
) -> Iterator[tuple[Entry, str | OSError | None]]:
    """Yield each file with its sha256 or the error of reading it; with `None`, unread, once `stop` is true."""

    def hash_one(entry: Entry) -> str | OSError:
        try:
            with folder.open(entry.name) as file:
                if entry.size_bytes > max_bytes:
                    return hash_beginning(file, entry.size_bytes)
                return hash_stream(file, max_bytes=max_bytes)
        except OSError as error:
            return error

    with ThreadPoolExecutor(HASHING_THREADS) as threads:
        for first in range(0, len(entries), FILES_A_SLICE):
            some = entries[first : first + FILES_A_SLICE]
            yield from zip(some, [None] * len(some) if stop() else threads.map(hash_one, some), strict=True)


def write_arrivals(run: Run, arrivals: Iterable[Arrival]) -> None:
    """Write a scan's arrivals to the run, one JSON object a line."""
    run.files.write(ARRIVALS, "".join(json.dumps(asdict(a)) + "\n" for a in arrivals).encode())


def read_arrivals(run: Run) -> list[Arrival]:
    """Return the arrivals of a run in the order of the scan. Raises `WarehouseError` where no scan was recorded."""
    content = run.read_file(ARRIVALS)
    if content is None:
        raise WarehouseError(
            f"{run.place}: no arrivals of run {run.run_id}. Is IMR_SHARED_RUNS the same on every machine?"
        )
    return [Arrival(**json.loads(line)) for line in content.decode().splitlines()]


def write_waiting(run: Run, waiting: Iterable[Waiting]) -> None:
    """Write the files that a scan left in the inbox to the run, as the load puts them into the ledger."""
    rows = [
        asdict(w) | {"first_seen_at": datetime.fromisoformat(w.first_seen).replace(tzinfo=None), "run_id": run.run_id}
        for w in waiting
    ]
    rows = [{field.name: row[field.name] for field in FILES_WAITING} for row in rows]
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=FILES_WAITING), content)
    write_bytes(run.waiting, content.getvalue())


def list_waiting(run: Run) -> list[tuple[str, str, str | None]]:
    """Return name, reason and detail of each file that a run's scan left; none for a run without a whole scan."""
    try:
        rows = pq.read_table(run.waiting).to_pylist()
    except (FileNotFoundError, pa.ArrowInvalid):
        return []
    return [(row["source_path"], row["why"], row["detail"]) for row in rows]


def find_paths(run: Run) -> dict[str, str]:
    """Return the path or URL of each file of a run, by its hash."""
    return {a.sha256: a.path for a in reversed(read_arrivals(run))}


def name_in_archive(sha256: str, source_path: str) -> str:
    """Return the name under which a file's bytes are stored: its hash, with the suffix it arrived with."""
    return f"{sha256[:2]}/{sha256}{PurePosixPath(source_path).suffix.lower()}"
