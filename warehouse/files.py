"""Files that only their owner may read, and locks between processes."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OWNER_FOLDER = 0o700
OWNER_FILE = 0o600


def owner_only_folder(folder: Path) -> Path:
    """Make the folder if need be, close it to everybody but its owner, and return it."""
    folder.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
    folder.chmod(OWNER_FOLDER)
    return folder


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold a lock file for the block; a second process waits. The kernel frees it should the holder die."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def write_owner_only(path: Path, content: dict[str, Any]) -> None:
    """Replace a JSON file in one step, so that no reader ever sees half of it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    # The mode is given at creation: a later chmod would leave the file open for a moment.
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_FILE), "w") as file:
        json.dump(content, file, indent=1)
    fresh.replace(path)


def read_or_create(path: Path, create: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Return the JSON file's content, made once with `create` and shared by all later processes."""
    with exclusive(path.with_name(f".{path.name}.lock")):
        if not path.exists():
            write_owner_only(path, create())
        path.chmod(OWNER_FILE)
        content: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return content
