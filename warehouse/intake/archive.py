"""After publication: every file that the published version accounts for goes to the archive or the quarantine."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from warehouse.errors import WarehouseError
from warehouse.hashing import hash_stream
from warehouse.intake.inbox import Arrival, archived
from warehouse.storage import Entry, Folder, NotAFileError

MOVED_AT_ONCE = 8
"""Files that are copied at a time: on an object store each is some requests that are waited for."""


@dataclass(frozen=True)
class LetterFolders:
    """The folders that a load's letters may be in."""

    drop: Folder
    archive: Folder
    quarantine: Folder

    def find(self, path: str) -> tuple[Folder, str]:
        """Return the room that a path or URL is in, and the name there. Raises `WarehouseError` if it is in none."""
        for room in (self.drop, self.archive, self.quarantine):
            name = room.name_of(path)
            if name is not None:
                return room, name
        raise WarehouseError(f"{path} is neither in the drop folder, the archive nor the quarantine")


@contextmanager
def local_copies(
    folders: LetterFolders, arrivals: Sequence[Arrival], scratch: Path
) -> Iterator[list[tuple[Arrival, Path]]]:
    """Copy arrivals to `scratch` under names that say nothing; yield each with its copy.

    A copy has the bytes that the scan saw; what is gone, cannot be opened or has changed is left out.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)

    def bring(numbered: tuple[int, Arrival]) -> tuple[Arrival, Path] | None:
        index, arrival = numbered
        suffix = PurePosixPath(arrival.source_path).suffix.lower()
        copy = scratch / f"{index:05d}-{arrival.sha256[:16]}{suffix}"
        return (arrival, copy) if _fetch(*folders.find(arrival.path), arrival.sha256, copy) else None

    try:
        with ThreadPoolExecutor(MOVED_AT_ONCE) as threads:
            copied = [done for done in threads.map(bring, enumerate(arrivals)) if done]
        yield copied
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _fetch(folder: Folder, name: str, sha256: str, target: Path) -> bool:
    """Copy a file; whether its bytes are the ones expected. Nothing is left at `target` if not."""
    try:
        with folder.open(name) as source, target.open("wb") as copy:
            found = hash_stream(source, copy)
    except OSError:
        found = None
    if found != sha256:
        target.unlink(missing_ok=True)
    return found == sha256


def settle(
    arrivals: Iterable[Arrival],
    quarantined: dict[str, dict[str, Any]],
    folders: LetterFolders,
    *,
    empty_drop_folder: bool,
) -> dict[str, int]:
    """Bring published files to their place: the archive, or `quarantine/<reason>/` with a JSON note.

    `quarantined` holds the ledger row of each refused file by sha256. With `empty_drop_folder` the file
    then leaves the drop folder; else it is copied and left alone. A file whose bytes have changed since
    the scan stays where it is, is a new arrival of the next run, and is counted as changed here; so is one
    that is gone and was never stored. Can be run again at any point.
    """
    counts = {"archived": 0, "quarantined": 0, "removed": 0, "changed": 0}
    # Arrivals of the same bytes are one after the other: the first is stored, the others find it there.
    alike: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        alike.setdefault(arrival.sha256, []).append(arrival)
    with tempfile.TemporaryDirectory(prefix="imr-settle-") as scratch, ThreadPoolExecutor(MOVED_AT_ONCE) as threads:

        def settle_alike(sha256: str) -> list[str]:
            copy, note = Path(scratch, sha256), quarantined.get(sha256)
            done = [
                what
                for arrival in alike[sha256]
                for what in _settle_one(arrival, note, folders, copy, empty_drop_folder)
            ]
            copy.unlink(missing_ok=True)
            return done

        for done in threads.map(settle_alike, alike):
            for what in done:
                counts[what] += 1
    return counts


def _settle_one(
    arrival: Arrival, note: dict[str, Any] | None, folders: LetterFolders, copy: Path, empty_drop_folder: bool
) -> Iterator[str]:
    """Bring one file to its place; yield what was done, as counted."""
    source, source_name = folders.find(arrival.path)
    home, name = _home(arrival, note, folders)
    if (source, source_name) == (home, name):
        return
    before = _look(source, source_name)
    if before is None:
        if not home.holds(name):  # else it was settled before
            yield "changed"
        return
    if not _fetch(source, source_name, arrival.sha256, copy):
        yield "changed"
        return
    if not home.holds(name):
        home.put(name, copy)
        yield "quarantined" if note else "archived"
    if note:
        home.write(_note(name), json.dumps(note, indent=2, default=str).encode() + b"\n")
    if source is folders.drop and not empty_drop_folder:
        return
    if _look(source, source_name) != before:  # somebody wrote it, or took it away, while we copied
        yield "changed"
        return
    source.remove(source_name)
    if source is folders.quarantine:
        source.remove(_note(source_name))
    yield "removed"


def _look(folder: Folder, name: str) -> Entry | None:
    """Return a file as it is now; `None` where it is gone, or a link or the like took its place."""
    try:
        return folder.look(name)
    except (FileNotFoundError, NotAFileError, NotADirectoryError):
        return None


def _home(arrival: Arrival, note: dict[str, Any] | None, folders: LetterFolders) -> tuple[Folder, str]:
    name = archived(arrival.sha256, PurePosixPath(arrival.source_path).suffix)
    return (folders.quarantine, f"{note['reason']}/{name}") if note else (folders.archive, name)


def _note(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(".json"))
