"""What the house asks of a folder of letters, wherever it lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


class NotAFileError(OSError):
    """A name in a folder that is no regular file inside it: a link, a pipe, a device, or a way out."""


@dataclass(frozen=True)
class Entry:
    """A regular file of a folder: its name from there with `/`, its size, and when it was last written."""

    name: str
    size_bytes: int
    modified: float
    """Seconds since the epoch, by the store's own clock."""


@dataclass(frozen=True)
class SkippedEntry:
    """What a walk did not take: a link or special file (`problem` is `None`), or what it could not look at."""

    name: str
    problem: str | None = None


class Folder(Protocol):
    """A folder of files. A name is relative, and an open or a removal never leaves the folder."""

    @property
    def location(self) -> str:
        """The folder's path or URL."""

    def exists(self) -> bool:
        """Whether the folder is there; an object store has no empty folders, so there its bucket must be."""

    def make(self) -> None:
        """Make the folder if it is missing."""

    def walk(self) -> Iterator[Entry | SkippedEntry]:
        """Yield every file in it and its subfolders, in no order; dot files and what ends in `.part` are not told.

        What cannot be looked at is yielded as `SkippedEntry` and does not end the walk.
        """

    def look(self, name: str) -> Entry:
        """Return a file as it is now. Raises OSError where it is gone or is no regular file."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading. Raises OSError; `NotAFileError` for what is no regular file inside the folder."""

    def holds(self, name: str) -> bool:
        """Whether there is a file of that name."""

    def put(self, name: str, source: Path) -> None:
        """Store a local file under a name, whole or not at all."""

    def write(self, name: str, data: bytes) -> None:
        """Store a few bytes under a name, whole or not at all."""

    def remove(self, name: str) -> None:
        """Remove a file; no error where it is gone."""

    def name_of(self, location: str) -> str | None:
        """Return the name of a file of this folder from its whole path or URL; `None` if it is elsewhere."""


def is_hidden(name: str) -> bool:
    """Whether a file is not to be looked at by its name: dot files and folders, and unfinished copies."""
    parts = name.split("/")
    return parts[-1].endswith(".part") or any(part.startswith(".") for part in parts)
