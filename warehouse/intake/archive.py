"""Moves the files that a published version accounts for to the archive or the quarantine."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from warehouse.errors import WarehouseError
from warehouse.intake.copies import (
    CHANGED,
    COPYING_THREADS,
    LeftError,
    copy_if_unchanged,
    describe_damage,
    has_bytes,
    stat_if_unchanged,
)
from warehouse.intake.folders import LetterFolders
from warehouse.intake.inbox import Arrival
from warehouse.storage import Entry, Folder

Action = Literal["archived", "quarantined", "removed"]
TOO_LARGE = "larger than IMR_MAX_FILE_MB, so it was neither read nor moved"


@dataclass
class Archived:
    """How many files were stored and removed from their source, and why others were left there (by name)."""

    counts: Counter[Action] = field(default_factory=Counter)
    left: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Archiver:
    """Moves files to `archive/`, or to `quarantine/<reason>/` with a JSON note.

    `quarantined` holds the ledger row of each quarantined file by sha256. With `empty_inbox` a stored file then leaves
    the inbox; otherwise it is copied and stays. Files over `max_bytes` always stay.
    """

    folders: LetterFolders
    quarantined: Mapping[str, Mapping[str, Any]]
    empty_inbox: bool
    max_bytes: int

    def archive(self, arrivals: Iterable[Arrival]) -> Archived:
        """Move arrivals. Can be run again at any point.

        A file is removed only when its stored copy is on the disk with the same bytes; a damaged one is replaced. A
        file whose bytes have changed since the scan stays where it is, for the next load. Raises `WarehouseError` for
        a damaged stored file without a good copy, and OSError where the storage fails.
        """
        result = Archived()
        # Files with the same bytes are handled one after the other: the first is stored, the others find it there.
        same_bytes: dict[str, list[Arrival]] = {}
        for arrival in arrivals:
            same_bytes.setdefault(arrival.sha256, []).append(arrival)
        with (
            tempfile.TemporaryDirectory(prefix="imr-archive-") as scratch,
            ThreadPoolExecutor(COPYING_THREADS) as threads,
        ):

            def archive_all(sha256: str) -> list[Action]:
                copy, actions = Path(scratch, sha256), list[Action]()
                for arrival in same_bytes[sha256]:
                    try:
                        actions += self._archive_one(arrival, copy)
                    except LeftError as left:
                        result.left[arrival.source_path] = str(left)
                copy.unlink(missing_ok=True)
                return actions

            for actions in threads.map(archive_all, same_bytes):
                result.counts.update(actions)
        return result

    def _archive_one(self, arrival: Arrival, copy: Path) -> Iterator[Action]:
        source, source_name = self.folders.find(arrival.path)
        note = self.quarantined.get(arrival.sha256)
        target, name = self._find_target(arrival, note)
        if (source, source_name) == (target, name):
            return
        if arrival.size_bytes > self.max_bytes:
            raise LeftError(TOO_LARGE)
        is_stored = has_bytes(target, name, arrival.sha256, arrival.size_bytes)
        is_removed = source is not self.folders.inbox or self.empty_inbox
        try:
            before = stat_if_unchanged(source, source_name)
            if is_removed or not is_stored:
                copy_if_unchanged(source, source_name, arrival, None if is_stored else copy)
        except LeftError:
            if is_stored and not source.exists(source_name):
                return  # an earlier try has moved it
            if not is_stored and target.exists(name):
                raise WarehouseError(describe_damage({arrival.source_path: f"{target.location}/{name}"})) from None
            raise
        if not is_stored:
            target.put(name, copy)
            yield "quarantined" if note else "archived"
        if note:
            target.write(_note_name(name), json.dumps(note, indent=2, default=str).encode() + b"\n")
        if is_removed:
            self._remove(source, source_name, before)
            yield "removed"

    def _remove(self, source: Folder, name: str, before: Entry) -> None:
        """Remove a stored file from its source, unless it was written or removed while it was copied."""
        if stat_if_unchanged(source, name) != before:
            raise LeftError(CHANGED)
        try:
            source.remove(name)
            if source is self.folders.quarantine:
                source.remove(_note_name(name))
        except OSError as error:
            raise LeftError(f"is stored, but cannot be removed: {error.strerror or error}") from error

    def _find_target(self, arrival: Arrival, note: Mapping[str, Any] | None) -> tuple[Folder, str]:
        if note:
            return self.folders.quarantine, f"{note['reason']}/{arrival.stored_name}"
        return self.folders.archive, arrival.stored_name


def _note_name(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(".json"))
