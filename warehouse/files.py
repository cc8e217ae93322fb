"""Atomic writes, files for their owner alone, and locks between processes."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

OWNER_FOLDER = 0o700
OWNER_FILE = 0o600
DEFAULT_FILE = 0o666  # without the bits of the umask


def write_bytes(path: Path, content: bytes, *, mode: int = DEFAULT_FILE) -> None:
    """Write a file in one step: readers see the old content or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    # The mode is set at creation: with a later chmod others could open the file in between.
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    part.replace(path)


def write_json(path: Path, value: Any, *, mode: int = DEFAULT_FILE) -> None:
    """Write a JSON file in one step, as `write_bytes` does."""
    write_bytes(path, (json.dumps(value, indent=2, default=str) + "\n").encode(), mode=mode)


def make_owner_only_folder(folder: Path) -> Path:
    """Create a folder if it is missing, restrict it to its owner, and return it."""
    folder.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
    folder.chmod(OWNER_FOLDER)
    return folder


def lock_file(path: Path, *, shared: bool = False) -> TextIO:
    """Open a file and lock it; wait while another process holds the lock.

    The lock is held until the file is closed, in this process and in each child that has inherited its descriptor.
    The kernel releases the lock of a process that dies.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    return lock


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock on a file; other processes wait."""
    with lock_file(path):
        yield


def is_locked(path: Path, *, shared: bool = False) -> bool:
    """Return whether a process holds the lock on a file; with `shared`, a shared lock counts as well."""
    with path.open("a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_NB | (fcntl.LOCK_EX if shared else fcntl.LOCK_SH))
        except BlockingIOError:
            return True
    return False
