"""Published versions: immutable and numbered, with one pointer to the version that readers see."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from warehouse.errors import WarehouseError
from warehouse.hashing import hash_file, hash_stream
from warehouse.versions.contents import Contents

MARTS, MANIFEST, RAW, LEDGER = "marts.duckdb", "manifest.json", "raw", "files.parquet"
OWNER_ONLY, FOR_READERS = 0o400, 0o444
MODES = {MARTS: FOR_READERS, MANIFEST: FOR_READERS}
"""Modes of a version's own files. Those of raw are for the owner alone: they hold summaries, rationales and names."""


@dataclass(frozen=True)
class Version(ABC):
    """One published version, numbered from 1; its files never change."""

    number: int

    @abstractmethod
    def file(self, name: str) -> Path:
        """Return the local path of one of its files. Raises `WarehouseError` for a missing or damaged file."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """Open a file of its own or of its parts (`raw/000042/letters.parquet`) where it is stored. Raises OSError."""

    @abstractmethod
    def _find_part(self, name: str, files: Mapping[str, str]) -> Path:
        """Return the local folder of a part with these files (name and sha256).

        Raises `WarehouseError` for a missing or damaged file.
        """

    @abstractmethod
    def _read_manifest(self) -> bytes:
        """Return the content of the manifest; nothing where it cannot be read."""

    @property
    def manifest(self) -> dict[str, Any]:
        """Run, time, base, hashes of its files and parts, row counts, git revision, parser version and gates passed.

        Raises `WarehouseError` where it is damaged.
        """
        manifest = self._find_manifest()
        if manifest is None:
            raise WarehouseError(
                f"version {self.number}: {MANIFEST} is missing or cannot be read. Restore the file, or go back to "
                "another version (imr versions, imr rollback N)."
            )
        return manifest

    def _find_manifest(self) -> dict[str, Any] | None:
        try:
            manifest = json.loads(self._read_manifest())
        except ValueError:
            return None
        is_complete = isinstance(manifest, dict) and manifest.keys() >= {"run_id", "based_on", "sha256", RAW}
        return manifest if is_complete else None

    @property
    def has_manifest(self) -> bool:
        """Whether its manifest can be read."""
        return self._find_manifest() is not None

    def find_damage(self) -> list[str]:
        """Return each of its files that is not as published, by a comparison with the manifest."""
        manifest = self._find_manifest()
        if manifest is None:
            return [f"version {self.number}: {MANIFEST} is missing or cannot be read"]
        damage = []
        for name, sha256 in list_files(manifest).items():
            try:
                with self.open(name) as file:
                    is_sound = hash_stream(file) == sha256
            except OSError as error:
                damage.append(f"version {self.number}: {name} cannot be read: {error.strerror or error}")
            else:
                damage += [] if is_sound else [f"version {self.number}: {name} is not the published file"]
        return damage

    @property
    def marts(self) -> Path:
        """The marts alone, as tables, for BI tools."""
        return self.file(MARTS)

    @property
    def contents(self) -> Contents:
        """The whole warehouse: the raw rows of every load, and the marts. For engineers, and as the base of a load."""
        parts = sorted(self.manifest[RAW].items())
        return Contents(tuple(self._find_part(name, files) for name, files in parts), self.marts)

    @property
    def load_number(self) -> int:
        """The number of its load: one more than that of the version that it was built on, whatever the clock says."""
        return int(self.manifest["load_number"])

    @property
    def ledger(self) -> Path:
        """The ledger rows that this version added, as Parquet."""
        name, files = max(self.manifest[RAW].items())
        return self._find_part(name, files) / LEDGER


def complete_manifest(manifest: dict[str, Any], number: int, staged: Path) -> dict[str, Any]:
    """Return the manifest of a version with its number, and with its part among the earlier ones."""
    part = {file.name: hash_file(file) for file in sorted((staged / RAW).iterdir())}
    return manifest | {"version": number, RAW: manifest[RAW] | {name_folder(number): part}}


def name_folder(number: int) -> str:
    """Return the name of a version's folder, and of its part's."""
    return f"{number:06d}"


def list_files(manifest: dict[str, Any]) -> dict[str, str]:
    """Return the sha256 of each file that a manifest names, parts included, by its path in the store."""
    parts = {f"{RAW}/{part}/{name}": sha for part, files in manifest[RAW].items() for name, sha in files.items()}
    return {**manifest["sha256"], **parts}


class VersionStore(ABC):
    """The published versions of a warehouse."""

    @property
    @abstractmethod
    def location(self) -> str:
        """The path or URL of the store."""

    @property
    @abstractmethod
    def readers_place(self) -> str:
        """What a reader opens, or the pointer to it."""

    @abstractmethod
    def all(self) -> list[Version]:
        """Return every version that is kept, oldest first."""

    @abstractmethod
    def current(self) -> Version | None:
        """Return the version that readers see, or `None` before the first publication."""

    @abstractmethod
    def _place(self, staged: Path, manifest: dict[str, Any]) -> Version:
        """Move the staged files to the next version, which readers do not see yet.

        The staged folder `raw` becomes a part of that version's number; its hashes are added to the manifest's.
        """

    @abstractmethod
    def _point_to(self, version: Version, before: Version | None) -> None:
        """Switch readers to a version, atomically. Raises `WarehouseError` where they no longer see `before`."""

    @abstractmethod
    def _remove(self, number: int) -> None:
        """Remove a version, its manifest first: without it the rest is no version."""

    @abstractmethod
    def _remove_unfinished(self) -> None:
        """Remove what killed publishers left, and the parts that no version kept names."""

    def _find_unnamed(self, parts: Iterable[str]) -> set[str]:
        """Return those of the parts that no kept version names; none where a manifest cannot be read."""
        versions = self.all()
        if not all(version.has_manifest for version in versions):
            return set()
        return set(parts).difference(*(version.manifest[RAW] for version in versions))

    @abstractmethod
    def _lock(self) -> AbstractContextManager[None]:
        """Exclude other publishers of this machine."""

    def require_current(self) -> Version:
        """Return the version that readers see. Raises `WarehouseError` where they see none."""
        version = self.current()
        if version is None:
            raise WarehouseError(
                self._find_lost_pointer()
                or f"{self.location}: nothing is published yet. Load some letters first (make run)."
            )
        return version

    def find_base(self) -> Version | None:
        """Return the version that a load builds on; `None` before the first publication.

        A first publication that was killed before it switched readers is finished. Raises `WarehouseError` where
        versions are kept but none is current, or the current one has no manifest.
        """
        version, kept = self.current(), self.all()
        if version is None and len(kept) == 1 and kept[0].has_manifest and kept[0].manifest["based_on"] is None:
            self._point_to(kept[0], None)
            version = kept[0]
        if version is None and (lost := self._find_lost_pointer()):
            raise WarehouseError(lost)
        return version if version is None or version.manifest else None

    def find_problems(self) -> list[str]:
        """Return what is wrong with the pointer and the manifests, and how to repair it."""
        lost, current = self._find_lost_pointer(), self.current()
        versions = {v.number: v for v in [*self.all(), *([current] if current else [])]}
        damaged = [v for v in versions.values() if not v.has_manifest]
        problems = [f"version {v.number}: {MANIFEST} is missing or cannot be read" for v in damaged]
        if current in damaged:
            problems.append("the current version is damaged: go back to another one (imr versions, imr rollback N)")
        return [lost, *problems] if lost else problems

    def _find_lost_pointer(self) -> str | None:
        if self.current() is not None:
            return None
        kept = [v.number for v in self.all() if v.has_manifest]
        if not kept:
            return None
        return (
            f"{self.location}: the pointer to the current version is missing or damaged, so readers see nothing. "
            f"Kept versions: {', '.join(map(str, kept))}. Make one current: `imr rollback {kept[-1]}`."
        )

    def publish(self, staged: Path, manifest: dict[str, Any], *, based_on: int | None, keep: int) -> Version:
        """Make a staged folder the next version and switch readers to it.

        `staged` holds the version's closed files and is removed. `based_on` is the version that the candidate was
        copied from; raises `WarehouseError` if another one is current now. The oldest versions over `keep` are removed.
        """
        with self._lock():
            current = self.find_base()
            if _number(current) != based_on:
                raise WarehouseError(
                    f"version {_number(current)} was published while this run built on {based_on}. Run the load again; "
                    "it builds on the newer version."
                )
            earlier = current.manifest[RAW] if current else {}
            version = self._place(staged, manifest | {"based_on": based_on, RAW: earlier})
            self._point_to(version, current)
            for old in self.all()[:-keep]:
                if old.number != version.number:
                    self._remove(old.number)
            self._remove_unfinished()
            return version

    def finish(self, run_id: str) -> Version | None:
        """Return the version that a run has made, or `None`, and switch readers to it if its base is current.

        For a run that was killed between making its version and switching readers to it.
        """
        with self._lock():
            versions = [v for v in self.all() if v.has_manifest]
            version = next((v for v in reversed(versions) if v.manifest["run_id"] == run_id), None)
            current = self.current()
            if version and _number(current) in (version.manifest["based_on"], version.number):
                self._point_to(version, current)
            return version

    def rollback(self, number: int | None = None) -> Version:
        """Switch readers to a version, or to the one that the current version was built on.

        Nothing is deleted, so a second call with the former number undoes it. With a number it also repairs a lost
        pointer. Raises `WarehouseError` for a version that is not kept.
        """
        with self._lock():
            current = self.current()
            wanted = number or self.require_current().manifest["based_on"]
            if wanted is None:
                raise WarehouseError(f"version {_number(current)} is the first: there is none before it")
            kept = {v.number: v for v in self.all() if v.has_manifest}
            if wanted not in kept:
                numbers = ", ".join(map(str, kept)) or "none"
                raise WarehouseError(f"there is no version {wanted} to go back to; kept: {numbers}")
            self._point_to(kept[wanted], current)
            return kept[wanted]

    def find_abandoned(self) -> list[Version]:
        """Return the versions outside the current one's history, oldest first; it may lack their letters."""
        current, versions = self.current(), {v.number: v for v in self.all()}
        number = _number(current)
        while number in versions:
            version = versions.pop(number)
            number = version.manifest["based_on"] if version.has_manifest else None
        return list(versions.values()) if current else []


def _number(version: Version | None) -> int | None:
    return version.number if version else None
