"""Moves the files that a published version accounts for to the archive or the quarantine."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from warehouse.hashing import hash_stream
from warehouse.intake.folders import LetterFolders
from warehouse.intake.inbox import Arrival
from warehouse.storage import Entry, Folder, NotAFileError

COPYING_THREADS = 8
"""Files copied at a time; in an object store each is several requests to wait for."""

Action = Literal["archived", "quarantined", "removed", "changed"]


@contextmanager
def copy_locally(
    folders: LetterFolders, arrivals: Sequence[Arrival], scratch: Path
) -> Iterator[list[tuple[Arrival, Path]]]:
    """Copy arrivals to `scratch` under neutral names; yield each with its copy.

    Each copy has the bytes that the scan hashed. Files that are missing, unreadable or changed since are left out.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)

    def copy_one(numbered: tuple[int, Arrival]) -> tuple[Arrival, Path] | None:
        index, arrival = numbered
        suffix = PurePosixPath(arrival.source_path).suffix.lower()
        copy = scratch / f"{index:05d}-{arrival.sha256[:16]}{suffix}"
        return (arrival, copy) if _copy_if_unchanged(*folders.find(arrival.path), arrival.sha256, copy) else None

    try:
        with ThreadPoolExecutor(COPYING_THREADS) as threads:
            yield [copied for copied in threads.map(copy_one, enumerate(arrivals)) if copied]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _copy_if_unchanged(folder: Folder, name: str, sha256: str, target: Path) -> bool:
    """Copy a file; return whether its bytes have the hash. Leaves nothing at `target` if not."""
    try:
        with folder.open(name) as source, target.open("wb") as copy:
            found = hash_stream(source, copy)
    except OSError:
        found = None
    if found != sha256:
        target.unlink(missing_ok=True)
    return found == sha256


@dataclass(frozen=True)
class Archiver:
    """Moves files to `archive/`, or to `quarantine/<reason>/` with a JSON note.

    `quarantined` holds the ledger row of each quarantined file by sha256. With `empty_inbox` a stored file then leaves
    the inbox; otherwise it is copied and stays.
    """

    folders: LetterFolders
    quarantined: Mapping[str, Mapping[str, Any]]
    empty_inbox: bool

    def archive(self, arrivals: Iterable[Arrival]) -> dict[Action, int]:
        """Move arrivals and return how many files were stored, removed from their source, or found changed.

        A file whose bytes have changed since the scan stays where it is, for the next load; so does one that is gone
        and was never stored. Can be run again at any point.
        """
        counts: dict[Action, int] = {"archived": 0, "quarantined": 0, "removed": 0, "changed": 0}
        # Files with the same bytes are handled one after the other: the first is stored, the others find it there.
        same_bytes: dict[str, list[Arrival]] = {}
        for arrival in arrivals:
            same_bytes.setdefault(arrival.sha256, []).append(arrival)
        with (
            tempfile.TemporaryDirectory(prefix="imr-archive-") as scratch,
            ThreadPoolExecutor(COPYING_THREADS) as threads,
        ):

            def archive_all(sha256: str) -> list[Action]:
                copy = Path(scratch, sha256)
                actions = [action for arrival in same_bytes[sha256] for action in self._archive_one(arrival, copy)]
                copy.unlink(missing_ok=True)
                return actions

            for actions in threads.map(archive_all, same_bytes):
                for action in actions:
                    counts[action] += 1
        return counts

    def _archive_one(self, arrival: Arrival, copy: Path) -> Iterator[Action]:
        source, source_name = self.folders.find(arrival.path)
        note = self.quarantined.get(arrival.sha256)
        target, name = self._find_target(arrival, note)
        if (source, source_name) == (target, name):
            return
        before = _stat(source, source_name)
        if before is None:
            if not target.exists(name):  # otherwise an earlier try has stored it
                yield "changed"
            return
        if not _copy_if_unchanged(source, source_name, arrival.sha256, copy):
            yield "changed"
            return
        if not target.exists(name):
            target.put(name, copy)
            yield "quarantined" if note else "archived"
        if note:
            target.write(_note_name(name), json.dumps(note, indent=2, default=str).encode() + b"\n")
        if source is self.folders.inbox and not self.empty_inbox:
            return
        if _stat(source, source_name) != before:  # written or removed while it was copied
            yield "changed"
            return
        source.remove(source_name)
        if source is self.folders.quarantine:
            source.remove(_note_name(source_name))
        yield "removed"

    def _find_target(self, arrival: Arrival, note: Mapping[str, Any] | None) -> tuple[Folder, str]:
        if note:
            return self.folders.quarantine, f"{note['reason']}/{arrival.stored_name}"
        return self.folders.archive, arrival.stored_name


def _stat(folder: Folder, name: str) -> Entry | None:
    """Return a file's size and time; `None` where it is gone, or a link or the like has replaced it."""
    try:
        return folder.stat(name)
    except (FileNotFoundError, NotAFileError, NotADirectoryError):
        return None


def _note_name(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(".json"))
