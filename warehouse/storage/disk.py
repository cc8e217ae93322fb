"""A folder on disk. Its content is not trusted: an inbox may hold links, pipes and odd names."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from warehouse.files import make_owner_only_folder, replace_file
from warehouse.storage.folder import Entry, NotAFileError, SkippedEntry, is_hidden


@dataclass(frozen=True)
class DiskFolder:
    """A folder of this machine. Links in it are never followed, not even one that replaces a file meanwhile."""

    root: Path

    @property
    def location(self) -> str:
        """The folder's path."""
        return str(self.root)

    def exists(self, name: str | None = None) -> bool:
        """Whether the folder exists, or a file of that name in it."""
        return self.root.is_dir() if name is None else (self.root / name).is_file()

    def make(self) -> None:
        """Create the folder and its parents."""
        self.root.mkdir(parents=True, exist_ok=True)

    def walk(self) -> Iterator[Entry | SkippedEntry]:
        """Yield the files in it; see `Folder`."""
        folders = [""]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(self.root / folder) as found:
                    inside = list(found)
            except OSError as error:
                yield SkippedEntry(folder or ".", error.strerror or str(error))
                continue
            for item in inside:
                name = f"{folder}/{item.name}" if folder else item.name
                if is_hidden(item.name):
                    continue
                if item.is_dir(follow_symlinks=False):
                    folders.append(name)
                else:
                    yield _describe(name, item)

    def stat(self, name: str) -> Entry:
        """Return a file's current size and time; see `Folder`."""
        with self._parent(name) as (folder, last):
            return _make_entry(name, os.stat(last, dir_fd=folder, follow_symlinks=False))

    def open(self, name: str) -> BinaryIO:
        """Open a regular file. Its kind is checked on the open handle, so that it cannot be replaced in between."""
        with self._parent(name) as (folder, last):
            # O_NONBLOCK: opening a pipe would wait for a writer.
            handle = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            _make_entry(name, os.fstat(handle))
        except OSError:
            os.close(handle)
            raise
        return os.fdopen(handle, "rb")

    def put(self, name: str, source: Path) -> None:
        """Copy a local file to a name, atomically."""
        with self._replace(name) as file, source.open("rb") as content:
            shutil.copyfileobj(content, file)

    def write(self, name: str, data: bytes) -> None:
        """Write a few bytes to a name, atomically."""
        with self._replace(name) as file:
            file.write(data)

    def remove(self, name: str) -> None:
        """Remove a file; a link that replaced a folder is not followed."""
        with suppress(FileNotFoundError), self._parent(name) as (folder, last):
            os.unlink(last, dir_fd=folder)

    def clear(self) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self.root, ignore_errors=True)

    def name_of(self, location: str) -> str | None:
        """Return a file's name in this folder, by its path."""
        path = Path(location)
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else None

    @contextmanager
    def _replace(self, name: str) -> Iterator[BinaryIO]:
        """Yield a new file, which is on the disk, with its folders, when this ends."""
        folder = make_owner_only_folder(self.root)
        for part in name.split("/")[:-1]:
            folder = make_owner_only_folder(folder / part)
        with replace_file(self.root / name) as file:
            yield file

    @contextmanager
    def _parent(self, name: str) -> Iterator[tuple[int, str]]:
        """Yield the open parent folder of a name, reached without following links below the root, and its last part."""
        *folders, last = name.split("/")
        if any(part in ("", ".", "..") for part in (*folders, last)):
            raise NotAFileError(f"{name!r} is not a name inside {self.root}")
        handle = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for folder in folders:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                inner = os.open(folder, flags, dir_fd=handle)
                os.close(handle)
                handle = inner
            yield handle, last
        finally:
            os.close(handle)


def _describe(name: str, item: os.DirEntry[str]) -> Entry | SkippedEntry:
    try:
        if not item.is_file(follow_symlinks=False):
            return SkippedEntry(name)
        return _make_entry(name, item.stat(follow_symlinks=False))
    except OSError as error:  # removed meanwhile
        return SkippedEntry(name, error.strerror or str(error))


def _make_entry(name: str, found: os.stat_result) -> Entry:
    if not stat.S_ISREG(found.st_mode):
        raise NotAFileError(f"{name!r} is not a regular file")
    return Entry(name, found.st_size, found.st_mtime_ns / 1e9)
