"""Versions in an object store.

s3://bucket/prefix/raw/000042/{letters,decisions,citations,flags,files,...}.parquet
s3://bucket/prefix/versions/000042/{marts.duckdb,manifest.json}
s3://bucket/prefix/current.json    {"version": 42, ...}

A version's manifest names its part of raw and those of the versions that it was built on, which share them.

DuckDB needs local files, so a version's files are opened from a cache and checked against the manifest's sha256. The
pointer is one small object, replaced on the condition that it is unchanged since it was read. A manifest is written
last; a version without one is unfinished.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from warehouse.errors import WarehouseError
from warehouse.files import locked, sync
from warehouse.hashing import hash_file
from warehouse.storage.objects import ObjectFolder
from warehouse.versions.base import (
    MANIFEST,
    MODES,
    OWNER_ONLY,
    RAW,
    Version,
    VersionStore,
    complete_manifest,
    name_folder,
)

POINTER = "current.json"
VERSIONS_CACHED = 3
"""Versions with local copies: the current one, its base, and one that somebody has opened."""


@dataclass(frozen=True)
class ObjectVersion(Version):
    """A version's objects, and the cache that its files are opened from."""

    store: ObjectFolder
    cache: Path

    def file(self, name: str) -> Path:
        """Return the path of one of its files in the cache, downloaded if it is not there yet."""
        sha256 = self.manifest.get("sha256", {}).get(name)
        if sha256 is None:
            raise WarehouseError(f"version {self.number} in {self.store.url} has no {name}")
        target = self._fetch(_key(self.number, name), self.find_in_cache(name, sha256), sha256)
        self._prune_cache()
        return target

    def _find_part(self, name: str, files: Mapping[str, str]) -> Path:
        folder = self.find_part_in_cache(name, files)
        for file, sha256 in files.items():
            self._fetch(f"{RAW}/{name}/{file}", folder / file, sha256)
        return folder

    def _fetch(self, key: str, target: Path, sha256: str) -> Path:
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with locked(self.cache / ".lock"):
                if not target.exists():  # otherwise another process has downloaded it meanwhile
                    self._download(key, target, sha256)
        return target

    def find_in_cache(self, name: str, sha256: str) -> Path:
        """Return the path of a file in the cache. Its stem is kept, as DuckDB names a file's catalog by it."""
        stem = name.split(".", maxsplit=1)[0]
        return self.cache / f"{self.number:06d}-{stem}-{sha256[:16]}" / name

    def find_part_in_cache(self, name: str, files: Mapping[str, str]) -> Path:
        """Return the folder of a part in the cache; another store's part of that number is in another folder."""
        digest = hashlib.sha256("".join(sorted(files.values())).encode()).hexdigest()
        return self.cache / RAW / f"{name}-{digest[:16]}"

    def open(self, name: str) -> BinaryIO:
        """Open one of its objects, not its copy in the cache."""
        return self.store.open(name if name.startswith(f"{RAW}/") else _key(self.number, name))

    def _read_manifest(self) -> bytes:
        try:
            return self.store.read(_key(self.number, MANIFEST))
        except FileNotFoundError:
            return b""

    def _download(self, key: str, target: Path, sha256: str) -> None:
        part = target.with_name(f".{target.name}.part")
        try:
            self.store.fetch(key, part)
        except OSError as error:
            raise WarehouseError(
                f"version {self.number}: {target.name} cannot be downloaded from {self.store.url}: {error}"
            ) from error
        if hash_file(part) != sha256:
            raise WarehouseError(
                f"version {self.number}: {target.name} in {self.store.url} is not the published file, as its sha256 "
                "differs. Roll back to an undamaged version (imr versions, imr rollback N)."
            )
        part.chmod(MODES.get(target.name, OWNER_ONLY))
        sync(part)
        part.replace(target)

    def _prune_cache(self) -> None:
        """Remove the cached files of older versions; a process that has one open can go on reading it."""
        folders = {folder: int(folder.name.split("-")[0]) for folder in self.cache.glob("[0-9]*")}
        kept = sorted(set(folders.values()))[-VERSIONS_CACHED:]
        for folder, number in folders.items():
            if number not in (*kept, self.number):
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
        """The pointer, which names the version to download."""
        return f"{self.store.url}/{POINTER}"

    def all(self) -> list[Version]:
        """Return every finished version, oldest first."""
        return [self._version(n) for n, names in sorted(self._list_objects().items()) if MANIFEST in names]

    def current(self) -> Version | None:
        """Return the version that the pointer names; `None` where there is no pointer, or it is damaged."""
        try:
            return self._version(int(json.loads(self.store.read(POINTER))["version"]))
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    def _version(self, number: int) -> ObjectVersion:
        return ObjectVersion(number, self.store, self.cache)

    def _list_objects(self) -> dict[int, list[str]]:
        """Return the names of each version's objects, by its number."""
        found: dict[int, list[str]] = {}
        for entry in ObjectFolder(f"{self.store.url}/versions").walk():
            number, _, name = entry.name.partition("/")
            if number.isdigit():
                found.setdefault(int(number), []).append(name)
        return found

    def _place(self, staged: Path, manifest: dict[str, Any]) -> Version:
        version = self._version(self._claim_number(manifest))
        manifest = complete_manifest(manifest, version.number, staged)
        part = name_folder(version.number)
        folder = version.find_part_in_cache(part, manifest[RAW][part])
        cached = {f"{RAW}/{part}/{name}": folder / name for name in manifest[RAW][part]}
        cached |= {_key(version.number, n): version.find_in_cache(n, sha) for n, sha in manifest["sha256"].items()}
        for key, target in cached.items():
            file = staged / RAW / target.name if key.startswith(f"{RAW}/") else staged / target.name
            self.store.put(key, file)
            target.parent.mkdir(parents=True, exist_ok=True)  # an uploaded file need not be downloaded again
            shutil.copyfile(file, target)
            target.chmod(MODES.get(target.name, OWNER_ONLY))
            sync(target)
        self.store.create(_key(version.number, MANIFEST), json.dumps(manifest, indent=2, default=str).encode())
        shutil.rmtree(staged)
        return version

    def _claim_number(self, manifest: dict[str, Any]) -> int:
        """Reserve the next number for this publisher; the number of one that was killed is never used again."""
        number = max(self._list_objects(), default=0) + 1
        while True:
            try:
                self.store.create(_key(number, "claimed-by"), str(manifest.get("run_id")).encode())
            except FileExistsError:
                number += 1
            else:
                return number

    def _point_to(self, version: Version, before: Version | None) -> None:
        pointer = {"version": version.number, "switched_at": datetime.now(UTC).isoformat(timespec="seconds")}
        conflict = WarehouseError(
            f"{self.store.url}: another version was published meanwhile. Run again, to build on the newer one."
        )
        token, now = self.store.token(POINTER), self.current()  # in this order, so that a change between is noticed
        if (now and now.number) != (before and before.number):
            raise conflict
        try:
            self.store.replace(POINTER, json.dumps(pointer).encode(), token)
        except FileExistsError as error:
            raise conflict from error

    def _remove(self, number: int) -> None:
        self._remove_objects(number, self._list_objects().get(number, []))

    def _remove_objects(self, number: int, names: list[str]) -> None:
        for name in sorted(names, key=lambda n: n != MANIFEST):
            self.store.remove(_key(number, name))

    def _remove_unfinished(self) -> None:
        current = self.require_current().number
        for number, names in self._list_objects().items():
            if MANIFEST not in names and number < current:  # a newer one may still be uploading
                self._remove_objects(number, names)
        files = [entry.name for entry in ObjectFolder(f"{self.store.url}/{RAW}").walk()]
        unnamed = self._find_unnamed(file.partition("/")[0] for file in files)
        for file in files:
            part = file.partition("/")[0]
            if part in unnamed and int(part) < current:
                self.store.remove(f"{RAW}/{file}")

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self.cache / ".publish-lock")


def _key(number: int, name: str) -> str:
    return f"versions/{number:06d}/{name}"
