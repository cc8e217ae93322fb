"""Versions on a disk.

warehouse/versions/000042/{imr.duckdb,marts.duckdb,files.parquet,manifest.json}
warehouse/current -> versions/000042
"""

from __future__ import annotations

import os
import shutil
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.files import locked, write_json
from warehouse.versions.base import MANIFEST, MARTS, Version, VersionStore


@dataclass(frozen=True)
class DiskVersion(Version):
    """A version's folder."""

    folder: Path

    def file(self, name: str) -> Path:
        """Return the path of one of its files."""
        return self.folder / name

    def _read_manifest(self) -> bytes:
        return (self.folder / MANIFEST).read_bytes()


@dataclass(frozen=True)
class DiskVersions(VersionStore):
    """The folder of published versions; `current` in it is a symbolic link, replaced atomically."""

    root: Path

    @property
    def location(self) -> str:
        """The folder's path."""
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
        return [self._version(int(f.name)) for f in self._list_folders() if (f / MANIFEST).exists()]

    def current(self) -> Version | None:
        """Return the version that the link points to, or `None` before the first publication."""
        return self._version(int(self.link.resolve().name)) if self.link.exists() else None

    def _version(self, number: int) -> DiskVersion:
        return DiskVersion(number, self.root / "versions" / f"{number:06d}")

    def _list_folders(self) -> list[Path]:
        return sorted((self.root / "versions").glob("[0-9]*"))

    def _place(self, staged: Path, manifest: dict[str, Any]) -> Version:
        versions = self.all()
        version = self._version(versions[-1].number + 1 if versions else 1)
        write_json(staged / MANIFEST, manifest | {"version": version.number})
        version.folder.parent.mkdir(parents=True, exist_ok=True)
        whole = staged
        if staged.stat().st_dev != version.folder.parent.stat().st_dev:  # a rename works within one file system
            whole = version.folder.with_name(f".{version.folder.name}.part")
            shutil.rmtree(whole, ignore_errors=True)
            shutil.copytree(staged, whole)
        for file in whole.iterdir():
            _sync(file)
        whole.rename(version.folder)
        shutil.rmtree(staged, ignore_errors=True)
        for file in version.folder.iterdir():  # not earlier, as a run that is killed before writes them again
            file.chmod(0o444)
        return version

    def _point_to(self, version: Version, before: Version | None) -> None:
        new = self.root / ".current.new"
        new.unlink(missing_ok=True)
        new.symlink_to(Path("versions") / f"{version.number:06d}")
        new.replace(self.link)
        _sync(self.root)

    def _remove(self, number: int) -> None:
        folder = self._version(number).folder
        (folder / MANIFEST).unlink()
        shutil.rmtree(folder)

    def _remove_unfinished(self) -> None:
        for folder in self._list_folders():
            if not (folder / MANIFEST).exists():
                shutil.rmtree(folder)

    def _lock(self) -> AbstractContextManager[None]:
        return locked(self.root / ".lock")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
