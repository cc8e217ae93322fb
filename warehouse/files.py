"""Atomic writes, files for their owner alone, and locks between processes."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OWNER_FOLDER = 0o700
OWNER_FILE = 0o600
EVERYBODY = 0o666  # less the umask


def write_bytes(path: Path, content: bytes, *, mode: int = EVERYBODY) -> None:
    """Write a file in one step: readers see the old content or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    # The mode is set at creation: with a later chmod others could open the file in between.
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    part.replace(path)


def write_json(path: Path, value: Any, *, mode: int = EVERYBODY) -> None:
    """Write a JSON file in one step, as `write_bytes` does."""
    write_bytes(path, (json.dumps(value, indent=2, default=str) + "\n").encode(), mode=mode)


def make_owner_only_folder(folder: Path) -> Path:
    """Create a folder if it is missing, restrict it to its owner, and return it."""
    folder.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
    folder.chmod(OWNER_FOLDER)
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock on a file; other processes wait. The kernel releases the lock of a process that dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
