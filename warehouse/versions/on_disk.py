"""Versions on a disk.

warehouse/versions/000042/{imr.duckdb,marts.duckdb,files.parquet,manifest.json}
warehouse/current -> versions/000042
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.files import locked, write_json
from warehouse.versions.base import MANIFEST, MARTS, Version, VersionStore, json_object


@dataclass(frozen=True)
class DiskVersion(Version):
    """A version's folder."""

    folder: Path

    @property
    def number(self) -> int:
        """The version's number, counted from 1."""
        return int(self.folder.name)

    def file(self, name: str) -> Path:
        """Return one of its files."""
        return self.folder / name

    @property
    def manifest(self) -> dict[str, Any]:
        """What was published."""
        return json_object((self.folder / MANIFEST).read_bytes())


@dataclass(frozen=True)
class DiskVersions(VersionStore):
    """The published warehouse's folder; `current` in it is a link, flipped in one step."""

    root: Path

    @property
    def location(self) -> str:
        """The folder."""
        return str(self.root)

    @property
    def link(self) -> Path:
        """The link that readers follow."""
        return self.root / "current"

    @property
    def readers_place(self) -> str:
        """The BI file, by the link."""
        return str(self.link / MARTS)

    def all(self) -> list[Version]:
        """Return every version on disk, oldest first."""
        return [DiskVersion(f) for f in sorted((self.root / "versions").glob("[0-9]*")) if (f / MANIFEST).exists()]

    def current(self) -> Version | None:
        """Return the version that the link shows, or `None` before the first publication."""
        return DiskVersion(self.link.resolve()) if self.link.exists() else None

    def _place(self, staged: Path, manifest: dict[str, Any]) -> Version:
        versions = self.all()
        number = versions[-1].number + 1 if versions else 1
        write_json(staged / MANIFEST, manifest | {"version": number})
        target = self.root / "versions" / f"{number:06d}"
        target.parent.mkdir(parents=True, exist_ok=True)
        for file in staged.iterdir():
            _sync(file)
        if staged.stat().st_dev == target.parent.stat().st_dev:
            staged.rename(target)
        else:
            _copy_over(staged, target)
        for file in target.iterdir():  # not before: a run that is killed here writes them again
            file.chmod(0o444)
        return DiskVersion(target)

    def _point_to(self, version: Version, before: Version | None) -> None:
        new = self.root / ".current.new"
        new.unlink(missing_ok=True)
        new.symlink_to(Path("versions") / f"{version.number:06d}")
        new.replace(self.link)
        _sync(self.root)

    def _remove(self, version: Version) -> None:
        folder = self.root / "versions" / f"{version.number:06d}"
        (folder / MANIFEST).unlink()  # first, so that what a kill leaves is no version any more
        shutil.rmtree(folder)

    def _prune(self, keep: int) -> None:
        super()._prune(keep)
        for folder in (self.root / "versions").glob("[0-9]*"):
            if not (folder / MANIFEST).exists():
                shutil.rmtree(folder)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with locked(self.root / ".lock"):
            yield


def _copy_over(staged: Path, target: Path) -> None:
    """Copy to another file system, under a name that nobody looks at until it is whole."""
    unfinished = target.with_name(f".{target.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(staged, unfinished)
    for file in unfinished.iterdir():
        _sync(file)
    unfinished.rename(target)
    shutil.rmtree(staged)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
