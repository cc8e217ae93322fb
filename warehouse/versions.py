"""Published versions: immutable folders, and one link that says which of them readers see.

warehouse/versions/000042/{imr.duckdb,marts.duckdb,manifest.json}
warehouse/current -> versions/000042
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.errors import WarehouseError
from warehouse.run import write_json

FULL, MARTS, MANIFEST = "imr.duckdb", "marts.duckdb", "manifest.json"


@dataclass(frozen=True)
class Version:
    """One published version; its files never change."""

    folder: Path

    @property
    def number(self) -> int:
        """The version's number, counted from 1."""
        return int(self.folder.name)

    @property
    def full(self) -> Path:
        """The whole warehouse: raw, staging, marts. For engineers, and the next run's base."""
        return self.folder / FULL

    @property
    def marts(self) -> Path:
        """The marts alone, as tables. For BI tools."""
        return self.folder / MARTS

    @property
    def manifest(self) -> dict[str, Any]:
        """What was published: run, time, base, hashes, row counts, revision, parser, gates."""
        manifest: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text("utf-8"))
        return manifest


@dataclass(frozen=True)
class VersionStore:
    """The published warehouse's folder."""

    root: Path

    @property
    def link(self) -> Path:
        """The link that readers follow."""
        return self.root / "current"

    def all(self) -> list[Version]:
        """Return every version on disk, oldest first."""
        return [Version(f) for f in sorted((self.root / "versions").glob("[0-9]*")) if (f / MANIFEST).exists()]

    def current(self) -> Version | None:
        """Return the version that readers see, or `None` before the first publication."""
        return Version(self.link.resolve()) if self.link.exists() else None

    def require_current(self) -> Version:
        """Return the version that readers see. Raises `WarehouseError` before the first publication."""
        version = self.current()
        if version is None:
            raise WarehouseError(f"nothing is published under {self.root} yet: load some letters first (make run)")
        return version

    def publish(self, staged: Path, manifest: dict[str, Any], *, based_on: int | None, keep: int) -> Version:
        """Make a staged folder the next version, and the one that readers see.

        `staged` holds both DuckDB files, closed, on the same file system as the store. `based_on` is the
        version that the candidate was copied from: where another one is current by now, nothing is
        published and `WarehouseError` says so. The oldest versions over `keep` are removed.
        """
        with self._lock():
            current = self.current()
            if (current.number if current else None) != based_on:
                raise WarehouseError(
                    f"version {current.number if current else None} was published while this run built on "
                    f"{based_on}: run the load again, it will build on the newer one"
                )
            versions = self.all()
            number = versions[-1].number + 1 if versions else 1
            write_json(staged / MANIFEST, manifest | {"version": number, "based_on": based_on})
            target = self.root / "versions" / f"{number:06d}"
            target.parent.mkdir(parents=True, exist_ok=True)
            for file in staged.iterdir():
                _sync(file)
            staged.rename(target)
            for file in target.iterdir():  # not before: a run that is killed here writes them again
                file.chmod(0o444)
            self._point_to(Version(target))
            self._prune(keep)
            return Version(target)

    def finish(self, run_id: str) -> Version | None:
        """Return the version that a run has made, `None` if it has made none yet; readers see it from now on.

        For a run that was killed after its version was whole and before it could say so. A version that
        another one has replaced since stays as it is.
        """
        with self._lock():
            version = next((v for v in reversed(self.all()) if v.manifest["run_id"] == run_id), None)
            current = self.current()
            if version and (current.number if current else None) == version.manifest["based_on"]:
                self._point_to(version)
            return version

    def rollback(self, number: int | None = None) -> Version:
        """Let readers see another version: the given one, or the one that the current was built on.

        Nothing is deleted, so a second call with the former number undoes it. Raises `WarehouseError`
        where there is no such version.
        """
        with self._lock():
            current = self.require_current()
            wanted = current.manifest["based_on"] if number is None else number
            if wanted is None:
                raise WarehouseError(f"version {current.number} is the first: there is none before it")
            version = next((v for v in self.all() if v.number == wanted), None)
            if version is None:
                on_disk = ", ".join(str(v.number) for v in self.all()) or "none"
                raise WarehouseError(f"there is no version {wanted} to go back to; on disk: {on_disk}")
            self._point_to(version)
            return version

    def rolled_back(self) -> list[Version]:
        """Return the versions newer than the current one: their letters are not in it."""
        current = self.current()
        return [v for v in self.all() if current and v.number > current.number]

    def _point_to(self, version: Version) -> None:
        """Flip the link in one step: a reader gets the old version or this one."""
        new = self.root / ".current.new"
        new.unlink(missing_ok=True)
        new.symlink_to(Path("versions") / version.folder.name)
        new.replace(self.link)
        _sync(self.root)

    def _prune(self, keep: int) -> None:
        current = self.require_current()
        for version in self.all()[:-keep]:
            if version.number != current.number:
                (version.folder / MANIFEST).unlink()  # first, so that what a kill leaves is no version any more
        for folder in (self.root / "versions").glob("[0-9]*"):
            if not (folder / MANIFEST).exists():
                shutil.rmtree(folder)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
