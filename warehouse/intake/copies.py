"""Copies files and compares their bytes with their hash. A storage that fails is an error, a changed file is not."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from warehouse.errors import WarehouseError
from warehouse.files import make_owner_only_folder
from warehouse.hashing import hash_stream
from warehouse.intake.folders import LetterFolders
from warehouse.intake.inbox import Arrival
from warehouse.storage import Entry, Folder, NotAFileError

COPYING_THREADS = 8
"""Files copied at a time; in an object store each is several requests to wait for."""
_GONE = (FileNotFoundError, NotADirectoryError, NotAFileError)
CHANGED = "has changed since the scan, or is gone"


class LeftError(Exception):
    """A file that stays where it is; the message says why."""


@dataclass(frozen=True)
class Copies:
    """Arrivals with their copies, `None` for a file over the size limit, and why the others were left (by name)."""

    copied: list[tuple[Arrival, Path | None]]
    left: dict[str, str]


@contextmanager
def copy_locally(
    folders: LetterFolders, arrivals: Sequence[Arrival], scratch: Path, *, max_bytes: int
) -> Iterator[Copies]:
    """Copy arrivals to `scratch` under neutral names; yield each with its copy.

    Each copy has the bytes that the scan hashed. Files that are missing, unreadable or changed since are left. Raises
    `WarehouseError` for a damaged file of the archive or the quarantine, and OSError where the storage fails.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    make_owner_only_folder(scratch)

    def copy_one(numbered: tuple[int, Arrival]) -> Path | LeftError | None:
        index, arrival = numbered
        if arrival.size_bytes > max_bytes:
            return None
        copy = scratch / f"{index:05d}-{arrival.sha256[:16]}{PurePosixPath(arrival.source_path).suffix.lower()}"
        folder, name = folders.find(arrival.path)
        try:
            copy_if_unchanged(folder, name, arrival, copy)
        except LeftError as left:
            if folder is not folders.inbox and folder.exists(name):
                raise WarehouseError(describe_damage({arrival.source_path: arrival.path})) from left
            return left
        return copy

    try:
        with ThreadPoolExecutor(COPYING_THREADS) as threads:
            made = list(zip(arrivals, threads.map(copy_one, enumerate(arrivals)), strict=True))
        yield Copies(
            [(arrival, copy) for arrival, copy in made if not isinstance(copy, LeftError)],
            {arrival.source_path: str(left) for arrival, left in made if isinstance(left, LeftError)},
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def copy_if_unchanged(folder: Folder, name: str, arrival: Arrival, target: Path | None) -> None:
    """Copy a file if it still has the bytes of its arrival; without a target, only compare it.

    Raises `LeftError` where it has others or cannot be read, and OSError where the storage fails, as when it is full.
    """
    if stat_if_unchanged(folder, name).size_bytes != arrival.size_bytes:  # it may have grown beyond any limit
        raise LeftError(CHANGED)
    try:
        with folder.open(name) as source, open(target or os.devnull, "wb") as copy:  # noqa: PTH123 - or the null device
            if hash_stream(source, copy) != arrival.sha256:
                raise LeftError(CHANGED)
    except _GONE as error:
        raise LeftError(CHANGED) from error
    except PermissionError as error:
        raise LeftError(f"cannot be read: {error.strerror}") from error
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link has replaced it
            raise LeftError(CHANGED) from error
        if error.errno is None:  # of an object store, whose message says more
            raise
        raise OSError(error.errno, error.strerror, f"{folder.location}/{name}", None, str(target)) from error


def stat_if_unchanged(folder: Folder, name: str) -> Entry:
    """Return a file's size and time. Raises `LeftError` where it is gone, replaced by a link, or not accessible."""
    try:
        return folder.stat(name)
    except _GONE as error:
        raise LeftError(CHANGED) from error
    except PermissionError as error:
        raise LeftError(f"cannot be read: {error.strerror}") from error


def has_bytes(folder: Folder, name: str, sha256: str, size_bytes: int) -> bool:
    """Whether a stored file exists and has these bytes. Raises OSError where it cannot be read."""
    try:
        if folder.stat(name).size_bytes != size_bytes:
            return False
        with folder.open(name) as file:
            return hash_stream(file) == sha256
    except _GONE:
        return False


def describe_damage(damaged: dict[str, str]) -> str:
    """Return the message of damaged stored files, given their paths by the names that they arrived with."""
    names = "; ".join(f"{path} ({name})" for name, path in list(damaged.items())[:10])
    more = f" and {len(damaged) - 10} more" if len(damaged) > 10 else ""
    return (
        f"stored files are damaged, as their bytes are not those of their names: {names}{more}. To mend one, put a "
        "good copy into the inbox, or restore the file. To go on without it, remove it."
    )
