"""The letters of a folder by name, size and time, before any is opened."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from warehouse.storage import Entry, Folder, SkippedEntry


@dataclass(frozen=True)
class Listing:
    """What a folder shows: `settled` letters, oldest first; `fresh` ones, written a moment ago.

    `refused` could not be looked at; `ignored` counts what is no letter by its name or kind.
    """

    settled: list[Entry]
    fresh: list[Entry]
    refused: list[SkippedEntry]
    ignored: int


def list_letters(folder: Folder, *, suffixes: tuple[str, ...], quiet_seconds: float) -> Listing:
    """Walk a folder and tell letters that have settled from those that may still be written."""
    settled: list[Entry] = []
    fresh: list[Entry] = []
    refused: list[SkippedEntry] = []
    ignored = 0
    before = time.time() - quiet_seconds
    for found in folder.walk():
        if isinstance(found, SkippedEntry):
            if found.problem is not None:
                refused.append(found)
            else:
                ignored += 1
        elif not found.name.lower().endswith(suffixes):
            ignored += 1
        else:
            (settled if found.modified <= before or not quiet_seconds else fresh).append(found)
    return Listing(sorted(settled, key=_age), sorted(fresh, key=_age), refused, ignored)


def wait_for(folder: Folder, listing: Listing, seconds: float) -> tuple[list[Entry], list[Entry]]:
    """Look at fresh files again after a while; return all that have settled, oldest first, and those that have not."""
    if not listing.fresh:
        return listing.settled, []
    time.sleep(seconds)
    settled, changing = list(listing.settled), list[Entry]()
    for entry in listing.fresh:
        try:
            (settled if folder.look(entry.name) == entry else changing).append(entry)
        except OSError:
            changing.append(entry)  # it is gone, or something else took its place: the next load looks
    return sorted(settled, key=_age), changing


def worth_a_load(
    folder: Folder, last: str | None, *, suffixes: tuple[str, ...], quiet_seconds: float
) -> tuple[str | None, bool]:
    """Return a fingerprint of the settled letters in a folder, and whether they are worth a load.

    They are, if they are not the same as at `last` and at least one can be opened. So each set of files
    starts one load at most: a file that stays (it cannot be read, or its load was stopped at a gate) starts
    another only once something changes. The fingerprint is `None` for a folder without settled letters.
    """
    if not folder.exists():
        return None, False
    settled = list_letters(folder, suffixes=suffixes, quiet_seconds=quiet_seconds).settled
    if not settled:
        return None, False
    digest = hashlib.sha256()
    for entry in sorted(settled, key=lambda e: e.name):
        digest.update(f"{entry.name}\0{entry.size_bytes}\0{entry.modified}\0".encode("utf-8", "surrogateescape"))
    fingerprint = digest.hexdigest()[:16]
    return fingerprint, fingerprint != last and any(_opens(folder, entry) for entry in settled)


def _opens(folder: Folder, entry: Entry) -> bool:
    try:
        folder.open(entry.name).close()
    except OSError:
        return False
    return True


def _age(entry: Entry) -> tuple[float, str]:
    return entry.modified, entry.name
