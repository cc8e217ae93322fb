"""The letters of a folder by name, size and time, before any is opened."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from warehouse.storage import Entry, Folder, SkippedEntry


@dataclass(frozen=True)
class Listing:
    """The files of a folder: `quiet` letters, oldest first, and `fresh` ones, written a moment ago.

    `unreadable` could not be listed; `ignored` counts what is no letter by name or kind.
    """

    quiet: list[Entry]
    fresh: list[Entry]
    unreadable: list[SkippedEntry]
    ignored: int


def list_letters(folder: Folder, *, suffixes: tuple[str, ...], quiet_seconds: float) -> Listing:
    """List the letters of a folder, those unchanged for `quiet_seconds` apart from those that may still be written."""
    quiet: list[Entry] = []
    fresh: list[Entry] = []
    unreadable: list[SkippedEntry] = []
    ignored = 0
    before = time.time() - quiet_seconds
    for found in folder.walk():
        if isinstance(found, SkippedEntry):
            if found.problem is not None:
                unreadable.append(found)
            else:
                ignored += 1
        elif not found.name.lower().endswith(suffixes):
            ignored += 1
        else:
            (quiet if found.modified <= before or not quiet_seconds else fresh).append(found)
    return Listing(sorted(quiet, key=_age), sorted(fresh, key=_age), unreadable, ignored)


def wait_until_quiet(folder: Folder, listing: Listing, seconds: float) -> tuple[list[Entry], list[Entry]]:
    """Check fresh files again after a while; return all that are quiet, oldest first, and those that have changed."""
    if not listing.fresh:
        return listing.quiet, []
    time.sleep(seconds)
    quiet, changing = list(listing.quiet), list[Entry]()
    for entry in listing.fresh:
        try:
            (quiet if folder.stat(entry.name) == entry else changing).append(entry)
        except OSError:
            changing.append(entry)  # removed or replaced: the next load lists it
    return sorted(quiet, key=_age), changing


def find_arrivals(
    folder: Folder, last: str | None, *, suffixes: tuple[str, ...], quiet_seconds: float
) -> tuple[str | None, bool]:
    """Return a fingerprint of the quiet letters in a folder, and whether they should start a load.

    They should if the fingerprint is not `last` and at least one of them can be opened, so each set of files starts
    one load at most. A file from the future counts as quiet (a clock was set back; the load looks twice). A file that
    stays (unreadable, or stopped at a gate) starts another only after a change. The
    fingerprint is `None` for a folder without quiet letters.
    """
    if not folder.exists():
        return None, False
    listing = list_letters(folder, suffixes=suffixes, quiet_seconds=quiet_seconds)
    quiet = [*listing.quiet, *(entry for entry in listing.fresh if entry.modified > time.time() + quiet_seconds)]
    if not quiet:
        return None, False
    digest = hashlib.sha256()
    for entry in sorted(quiet, key=lambda e: e.name):
        digest.update(f"{entry.name}\0{entry.size_bytes}\0{entry.modified}\0".encode("utf-8", "surrogateescape"))
    fingerprint = digest.hexdigest()[:16]
    return fingerprint, fingerprint != last and any(_can_open(folder, entry) for entry in quiet)


def _can_open(folder: Folder, entry: Entry) -> bool:
    try:
        folder.open(entry.name).close()
    except OSError:
        return False
    return True


def _age(entry: Entry) -> tuple[float, str]:
    return entry.modified, entry.name
