"""Interface of a folder of files, on disk or in an object store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


class NotAFileError(OSError):
    """A name that is not a regular file inside its folder: a link, pipe or device, or a path out of it."""


@dataclass(frozen=True)
class Entry:
    """A regular file of a folder: its name relative to it (with `/`), its size and its time of modification."""

    name: str
    size_bytes: int
    modified: float
    """Seconds since the epoch, by the clock of the storage."""


@dataclass(frozen=True)
class SkippedEntry:
    """A name that a walk skipped: a link or special file (`problem` is `None`), or one that could not be read."""

    name: str
    problem: str | None = None


class Folder(Protocol):
    """A folder of files. Names are relative, and no operation leaves the folder."""

    @property
    def location(self) -> str:
        """The folder's path or URL."""

    def exists(self, name: str | None = None) -> bool:
        """Whether the folder exists, or a file of that name in it; of an object store the bucket must exist."""

    def make(self) -> None:
        """Make the folder if it is missing."""

    def walk(self) -> Iterator[Entry | SkippedEntry]:
        """Yield every file in it and its subfolders, in no order, but dot files and `.part` files.

        What cannot be read is yielded as `SkippedEntry` and does not end the walk.
        """

    def stat(self, name: str) -> Entry:
        """Return a file's current size and time. Raises OSError where it is gone or not a regular file."""

    def open(self, name: str) -> BinaryIO:
        """Open a file. Raises OSError, `NotAFileError` for anything but a regular file inside the folder."""

    def put(self, name: str, source: Path) -> None:
        """Store a local file under a name, atomically."""

    def write(self, name: str, data: bytes) -> None:
        """Store a few bytes under a name, atomically."""

    def remove(self, name: str) -> None:
        """Remove a file; no error where it is gone."""

    def clear(self) -> None:
        """Remove the folder with everything in it, hidden files too; no error where it is gone."""

    def name_of(self, location: str) -> str | None:
        """Return the name of a file of this folder from its whole path or URL; `None` if it is elsewhere."""


def is_hidden(name: str) -> bool:
    """Whether a file is skipped for its name: dot files, files in dot folders, and unfinished copies."""
    parts = name.split("/")
    return parts[-1].endswith(".part") or any(part.startswith(".") for part in parts)
