"""Durable and atomic writes, files for their owner alone, and locks between processes."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

OWNER_FOLDER = 0o700
OWNER_FILE = 0o600
_COPIED_AT_ONCE = 1 << 30
_COPIED_BY_READING = (errno.EXDEV, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
"""Errors of file systems between which, or on which, the kernel copies no range."""


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file in one step: readers see the old content or the new one, even after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replace_file(path) as file:
        file.write(content)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file in one step, as `write_bytes` does."""
    write_bytes(path, (json.dumps(value, indent=2, default=str) + "\n").encode())


def read_json(path: Path) -> Any | None:
    """Return the content of a JSON file; `None` where it is missing or, as after a power cut, empty or cut off."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def copy_file(source: Path, target: Path) -> None:
    """Copy a file's bytes; on a file system with reflinks the copy shares its blocks with the source."""
    try:
        with source.open("rb") as old, target.open("wb") as new:
            while os.copy_file_range(old.fileno(), new.fileno(), _COPIED_AT_ONCE):
                pass
    except OSError as error:
        if error.errno not in _COPIED_BY_READING:
            raise
        shutil.copyfile(source, target)


@contextmanager
def replace_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file for its owner alone, and put it at `path` once it is whole and on the disk."""
    part = path.with_name(f".{path.name}.part")
    try:
        # The mode is set at creation: with a later chmod others could open the file in between.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_FILE), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync(path.parent)
    finally:
        part.unlink(missing_ok=True)  # of a full disk


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_owner_only_folder(folder: Path) -> Path:
    """Create a folder if it is missing, restrict it to its owner, and return it.

    The mode of a folder of another owner (a mount point) is left as it is.
    """
    if not folder.is_dir():
        folder.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
        sync(folder.parent)
    found = folder.stat()
    if found.st_uid == os.geteuid() and found.st_mode & 0o777 != OWNER_FOLDER:
        folder.chmod(OWNER_FOLDER)
    return folder


def lock_file(path: Path) -> TextIO:
    """Open a file and lock it; wait while another process holds the lock.

    The lock is held until the file is closed, in this process and in each child that has inherited its descriptor.
    The kernel releases the lock of a process that dies.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock on a file; other processes wait."""
    with lock_file(path):
        yield


def is_locked(path: Path) -> bool:
    """Return whether a process holds the lock on a file."""
    try:
        with path.open(encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
