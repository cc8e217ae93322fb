"""Versions on a disk.

warehouse/raw/000042/{letters,decisions,citations,flags,files,...}.parquet
warehouse/versions/000042/{marts.duckdb,manifest.json}
warehouse/current -> versions/000042

A version's manifest names its part of raw and those of the versions that it was built on, which share them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from warehouse.errors import WarehouseError
from warehouse.files import OWNER_FILE, OWNER_FOLDER, copy_file, locked, make_owner_only_folder, sync, write_json
from warehouse.versions.base import (
    MANIFEST,
    MARTS,
    MODES,
    OWNER_ONLY,
    RAW,
    Version,
    VersionStore,
    complete_manifest,
    name_folder,
)

FOLDER = 0o755
"""Readers pass through the folders of versions, whatever the umask; a mode that somebody has set later is kept."""


@dataclass(frozen=True)
class DiskVersion(Version):
    """A version's folder, in that of the store."""

    folder: Path
    root: Path

    def file(self, name: str) -> Path:
        """Return the path of one of its files."""
        return self.folder / name

    def open(self, name: str) -> BinaryIO:
        """Open one of its files, or of its parts'."""
        return (self.root / name if name.startswith(f"{RAW}/") else self.folder / name).open("rb")

    def _find_part(self, name: str, files: Mapping[str, str]) -> Path:
        folder = self.root / RAW / name
        missing = [str(folder / file) for file in files if not (folder / file).exists()]
        if missing:
            raise WarehouseError(
                f"version {self.number}: {', '.join(missing)}: missing. Restore it, or go back to an undamaged version "
                "(imr versions --verify, imr rollback N)."
            )
        return folder

    def _read_manifest(self) -> bytes:
        try:
            return (self.folder / MANIFEST).read_bytes()
        except OSError:
            return b""


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
        """Return the version that the link points to; `None` where there is no link, or it points to no version."""
        name = self.link.readlink().name if self.link.is_symlink() else ""
        version = self._version(int(name)) if name.isdecimal() else None
        return version if version and version.folder.is_dir() else None

    def _version(self, number: int) -> DiskVersion:
        return DiskVersion(number, self.root / "versions" / name_folder(number), self.root)

    def _list_folders(self) -> list[Path]:
        return sorted(f for f in (self.root / "versions").glob("[0-9]*") if f.name.isdecimal() and f.is_dir())

    def _place(self, staged: Path, manifest: dict[str, Any]) -> Version:
        version = self._version(max((int(f.name) for f in self._list_folders()), default=0) + 1)
        write_json(staged / MANIFEST, complete_manifest(manifest, version.number, staged))
        _copy_folder(staged / RAW, make_owner_only_folder(self.root / RAW) / name_folder(version.number))
        if staged.stat().st_dev == self.root.stat().st_dev:
            (staged / RAW).chmod(OWNER_FOLDER)  # it is in the version's folder until the switch
            _put_folder(staged, version.folder)
        else:  # a rename works within one file system
            _copy_folder(staged, version.folder)
            shutil.rmtree(staged)
        return version

    def _point_to(self, version: Version, before: Version | None) -> None:
        for folder in self._list_folders():
            shutil.rmtree(folder / RAW, ignore_errors=True)  # the candidate's: the store has its part
            for file in folder.iterdir():
                file.chmod(MODES.get(file.name, OWNER_ONLY))
        for file in (self.root / RAW / name_folder(version.number)).glob("*"):
            file.chmod(OWNER_ONLY)
        new = self.root / ".current.new"
        new.unlink(missing_ok=True)
        new.symlink_to(Path("versions") / f"{version.number:06d}")
        try:
            new.replace(self.link)
        except IsADirectoryError as error:
            raise WarehouseError(
                f"{self.link}: a folder, not a link to a version. Move it away and run `imr rollback {version.number}`."
            ) from error
        sync(self.root)

    def _remove(self, number: int) -> None:
        folder = self._version(number).folder
        (folder / MANIFEST).unlink()
        shutil.rmtree(folder)

    def _remove_unfinished(self) -> None:
        for folder in self._list_folders():
            if not (folder / MANIFEST).exists():
                shutil.rmtree(folder)
        for part in self._find_unnamed(folder.name for folder in (self.root / RAW).iterdir()):
            shutil.rmtree(self.root / RAW / part)

    def _lock(self) -> AbstractContextManager[None]:
        _make_folder(self.root)
        return locked(self.root / ".lock")


def _copy_folder(source: Path, target: Path) -> None:
    """Copy the files of a folder to a new one; where the file system can, without their bytes."""
    part = target.with_name(f".{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    _make_folder(target.parent)
    part.mkdir()
    for file in source.iterdir():
        if file.is_file():
            copy_file(file, part / file.name)
    _put_folder(part, target)


def _put_folder(source: Path, target: Path) -> None:
    """Rename a folder once its files are on the disk; what a killed publisher left in its place is removed."""
    _make_folder(target.parent)
    for file in source.iterdir():
        if file.is_file():
            file.chmod(OWNER_FILE)  # read-only only after the move, as a run that is killed before writes it again
            sync(file)
    source.chmod(target.parent.stat().st_mode)
    sync(source)
    shutil.rmtree(target, ignore_errors=True)
    source.rename(target)
    sync(target.parent)


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(FOLDER)
