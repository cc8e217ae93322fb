"""Versions on an object store.

s3://bucket/prefix/versions/000042/{imr.duckdb,marts.duckdb,files.parquet,manifest.json}
s3://bucket/prefix/current.json    {"version": 42, ...}

DuckDB works on local files: what is opened here is a copy in a cache, held against the manifest's sha256.
The pointer is one small object, written in one request on the condition that nobody wrote it since it was
read. A version's manifest is written last; what has none was not finished and is no version.
"""

from __future__ import annotations

import json
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.errors import WarehouseError
from warehouse.files import locked
from warehouse.hashing import hash_file
from warehouse.storage.objects import ObjectFolder
from warehouse.versions.base import MANIFEST, Version, VersionStore, json_object

POINTER = "current.json"
CACHED = 3
"""Versions whose files are kept on this machine: what readers see, its base, and one that was looked at."""


@dataclass(frozen=True)
class ObjectVersion(Version):
    """A version's objects, and the cache that its files are opened from."""

    store: ObjectFolder
    cache: Path
    _number: int

    @property
    def number(self) -> int:
        """The version's number, counted from 1."""
        return self._number

    @property
    def manifest(self) -> dict[str, Any]:
        """What was published."""
        return json_object(self.store.read(f"{folder_of(self._number)}/{MANIFEST}"))

    def file(self, name: str) -> Path:
        """Return one of its files from the cache, downloaded if it is not there yet."""
        wanted = self.manifest.get("sha256", {}).get(name)
        if wanted is None:
            raise WarehouseError(f"version {self._number} under {self.store.url} has no {name}")
        target = cached(self.cache, self._number, wanted, name)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with locked(self.cache / ".lock"):
                if not target.exists():  # else another process was at it
                    self._download(name, target, wanted)
        _drop_old(self.cache, keep=target.parent)
        return target

    def _download(self, name: str, target: Path, wanted: str) -> None:
        part = target.with_name(f".{name}.part")
        try:
            self.store.fetch(f"{folder_of(self._number)}/{name}", part)
        except OSError as error:
            raise WarehouseError(
                f"version {self._number}: {name} cannot be had from {self.store.url}: {error}"
            ) from error
        if hash_file(part) != wanted:
            raise WarehouseError(
                f"version {self._number}: {name} under {self.store.url} is not what was published (its sha256 is "
                f"another): roll back to a version that is whole (imr versions, imr rollback N)"
            )
        part.chmod(0o444)
        part.replace(target)


def folder_of(number: int) -> str:
    """Return where a version's objects lie in the store."""
    return f"versions/{number:06d}"


def cached(cache: Path, number: int, sha256: str, name: str) -> Path:
    """Return where a file is cached. The stem stays: DuckDB writes it into every view."""
    return cache / f"{number:06d}-{name.split('.', maxsplit=1)[0]}-{sha256[:16]}" / name


def _drop_old(cache: Path, keep: Path) -> None:
    """Remove the cached files of older versions; a process that has one open goes on reading it."""
    folders = sorted((f for f in cache.glob("[0-9]*") if f != keep), key=lambda f: f.name.split("-")[0])
    numbers = sorted({f.name.split("-")[0] for f in folders} | {keep.name.split("-")[0]})
    for folder in folders:
        if folder.name.split("-")[0] not in numbers[-CACHED:]:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class ObjectVersions(VersionStore):
    """The published versions under a URL."""

    store: ObjectFolder
    cache: Path

    @property
    def location(self) -> str:
        """The URL."""
        return self.store.url

    @property
    def readers_place(self) -> str:
        """The pointer: the version that readers are to fetch."""
        return f"{self.store.url}/{POINTER}"

    def all(self) -> list[Version]:
        """Return every finished version, oldest first."""
        return [self._version(n) for n, names in sorted(self._objects().items()) if MANIFEST in names]

    def current(self) -> Version | None:
        """Return the version that the pointer names, or `None` before the first publication."""
        try:
            pointer = json.loads(self.store.read(POINTER))
        except FileNotFoundError:
            return None
        return self._version(int(pointer["version"]))

    def _version(self, number: int) -> ObjectVersion:
        return ObjectVersion(self.store, self.cache, number)

    def _objects(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for entry in ObjectFolder(f"{self.store.url}/versions").walk():
            number, _, name = entry.name.partition("/")
            if number.isdigit():
                found.setdefault(int(number), []).append(name)
        return found

    def _place(self, staged: Path, manifest: dict[str, Any]) -> Version:
        number = self._claim(manifest)
        for file in sorted(staged.iterdir()):
            self.store.put(f"{folder_of(number)}/{file.name}", file)
        told = json.dumps(manifest | {"version": number}, indent=2, default=str)
        self.store.create(f"{folder_of(number)}/{MANIFEST}", told.encode())
        for name, sha256 in manifest["sha256"].items():  # what was just sent need not be fetched
            target = cached(self.cache, number, sha256, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(staged / name, target)
            target.chmod(0o444)
        shutil.rmtree(staged)
        return self._version(number)

    def _claim(self, manifest: dict[str, Any]) -> int:
        """Take the next number for this publisher; one that was killed leaves a number that is never used."""
        number = max(self._objects(), default=0) + 1
        while True:
            try:
                self.store.create(f"{folder_of(number)}/claimed-by", str(manifest.get("run_id")).encode())
            except FileExistsError:
                number += 1
            else:
                return number

    def _point_to(self, version: Version, before: Version | None) -> None:
        told = {"version": version.number, "switched_at": datetime.now(UTC).isoformat(timespec="seconds")}
        token, now = self.store.token(POINTER), self.current()  # in this order: what comes between is noticed
        meanwhile = WarehouseError(
            f"another version was published under {self.store.url} meanwhile: run again, it will see the newer one"
        )
        if (now.number if now else None) != (before.number if before else None):
            raise meanwhile
        try:
            self.store.replace(POINTER, json.dumps(told).encode(), token)
        except FileExistsError as error:
            raise meanwhile from error

    def _remove(self, version: Version) -> None:
        self._remove_objects(version.number, self._objects().get(version.number, []))

    def _remove_objects(self, number: int, names: list[str]) -> None:
        for name in sorted(names, key=lambda n: n != MANIFEST):  # without its manifest it is no version
            self.store.remove(f"{folder_of(number)}/{name}")

    def _prune(self, keep: int) -> None:
        super()._prune(keep)
        current = self.require_current().number
        for number, names in self._objects().items():
            if MANIFEST not in names and number < current:  # its publisher died, or may not publish any more
                self._remove_objects(number, names)

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self.cache / ".publish-lock")
