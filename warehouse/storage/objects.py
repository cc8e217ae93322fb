"""A folder in an object store, through fsspec: S3 or any other store with an fsspec package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec

from warehouse.storage.folder import Entry, NotAFileError, SkippedEntry, is_hidden

_MODIFIED = ("LastModified", "last_modified", "mtime", "updated", "created")
"""Names of the modification time in the packages of fsspec."""

_IF_UNCHANGED = {"s3": "IfMatch"}
"""Parameter of a conditional write in the store's package, by protocol."""
_REFUSED = ("PreconditionFailed", "ConditionalRequestConflict")


@dataclass(frozen=True)
class ObjectFolder:
    """The objects under a URL's prefix. Writes are atomic, and there are no links."""

    url: str

    @property
    def fs(self) -> Any:
        """The store, opened at each use, so that a forked process has connections of its own."""
        return self._store[0]

    @property
    def root(self) -> str:
        """The prefix in the store's own form, with the bucket."""
        return self._store[1]

    @property
    def _store(self) -> tuple[Any, str]:
        # Other processes write too, so listings are not cached.
        store, root = fsspec.core.url_to_fs(self.url, use_listings_cache=False)
        return store, str(root).rstrip("/")

    @property
    def location(self) -> str:
        """The folder's URL."""
        return self.url

    def exists(self, name: str | None = None) -> bool:
        """Whether the bucket exists, or an object of that name.

        The object is tried by its first byte: for a missing object, fsspec's `exists` lists the prefix as well, which
        is the most expensive request to a store.
        """
        if name is None:
            return bool(self.fs.exists(self.root.split("/")[0]))
        try:
            self.fs.cat_file(self._key(name), start=0, end=1)
        except FileNotFoundError:
            return False
        except OSError:  # an empty object has no first byte
            return bool(self.fs.exists(self._key(name)))
        return True

    def make(self) -> None:
        """Do nothing: a prefix need not be created, and a bucket is created by its owner."""

    def walk(self) -> Iterator[Entry | SkippedEntry]:
        """Yield the objects under the prefix; see `Folder`."""
        store, root = self._store
        for key, info in store.find(root, detail=True).items():
            name = str(key).removeprefix(f"{root}/")
            if info["type"] == "file" and not name.endswith("/") and not is_hidden(name):
                yield Entry(name, int(info["size"]), _find_modified(info))

    def stat(self, name: str) -> Entry:
        """Return an object's current size and time; see `Folder`."""
        info = self.fs.info(self._key(name))
        if info["type"] != "file":
            raise NotAFileError(f"{name!r} is not an object")
        return Entry(name, int(info["size"]), _find_modified(info))

    def open(self, name: str) -> BinaryIO:
        """Open an object for reading."""
        return cast("BinaryIO", self.fs.open(self._key(name), "rb"))

    def read(self, name: str) -> bytes:
        """Return a small object. Raises FileNotFoundError where there is none."""
        return bytes(self.fs.cat_file(self._key(name)))

    def put(self, name: str, source: Path) -> None:
        """Upload a local file."""
        self.fs.put_file(str(source), self._key(name))

    def fetch(self, name: str, target: Path) -> None:
        """Download an object to a local file."""
        self.fs.get_file(self._key(name), str(target))

    def write(self, name: str, data: bytes) -> None:
        """Write an object in one request."""
        self.fs.pipe_file(self._key(name), data)

    def create(self, name: str, data: bytes) -> None:
        """Create an object. Raises FileExistsError where it exists."""
        self.fs.pipe_file(self._key(name), data, mode="create")

    def token(self, name: str) -> str | None:
        """Return the ETag of an object, which changes with each write; `None` where there is no object."""
        try:
            return str(self.fs.info(self._key(name)).get("ETag") or "")
        except FileNotFoundError:
            return None

    def replace(self, name: str, data: bytes, token: str | None) -> None:
        """Write an object if its ETag is still `token` (`None`: if it does not exist), in one request.

        Raises FileExistsError where another writer was first. Stores whose fsspec package has no conditional write
        are written in any case: with them, only one machine may publish.
        """
        store, root = self._store
        if token is None:
            self.create(name, data)
            return
        condition = _IF_UNCHANGED.get(str(store.protocol[0] if isinstance(store.protocol, tuple) else store.protocol))
        try:
            store.pipe_file(f"{root}/{name}", data, **({condition: token} if condition else {}))
        except OSError as error:
            answer = getattr(error.__cause__, "response", {})
            if answer.get("Error", {}).get("Code") in _REFUSED:
                raise FileExistsError(f"{self.url}/{name} was replaced by another writer") from error
            raise

    def remove(self, name: str) -> None:
        """Remove an object; no error where it is gone."""
        with suppress(FileNotFoundError):
            self.fs.rm_file(self._key(name))

    def clear(self) -> None:
        """Remove every object under the prefix."""
        store, root = self._store
        with suppress(FileNotFoundError):
            store.rm(root, recursive=True)

    def name_of(self, location: str) -> str | None:
        """Return an object's name in this folder from its URL."""
        return location.removeprefix(f"{self.url}/") if location.startswith(f"{self.url}/") else None

    def _key(self, name: str) -> str:
        return f"{self.root}/{name}"


def _find_modified(info: dict[str, Any]) -> float:
    found = next((info[key] for key in _MODIFIED if info.get(key) is not None), 0.0)
    return found.timestamp() if isinstance(found, datetime) else float(found)
