"""Published versions: immutable, numbered, and one pointer that says which of them readers see.

What holds wherever they lie is here; `versions_on_disk` and `versions_on_objects` know the two kinds of place.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from warehouse.errors import WarehouseError

FULL, MARTS, MANIFEST, LEDGER = "imr.duckdb", "marts.duckdb", "manifest.json", "files.parquet"


class Version(ABC):
    """One published version; its files never change."""

    @property
    @abstractmethod
    def number(self) -> int:
        """The version's number, counted from 1."""

    @abstractmethod
    def file(self, name: str) -> Path:
        """Return one of its files on this machine. Raises `WarehouseError` where it cannot be had whole."""

    @property
    @abstractmethod
    def manifest(self) -> dict[str, Any]:
        """What was published: run, time, base, hashes, row counts, revision, parser, gates."""

    @property
    def full(self) -> Path:
        """The whole warehouse: raw, staging, marts. For engineers, and the next run's base."""
        return self.file(FULL)

    @property
    def marts(self) -> Path:
        """The marts alone, as tables. For BI tools."""
        return self.file(MARTS)

    @property
    def ledger(self) -> Path:
        """The ledger rows that this version added, as Parquet."""
        return self.file(LEDGER)


class VersionStore(ABC):
    """The published versions of a warehouse."""

    @property
    @abstractmethod
    def location(self) -> str:
        """Where the versions are, for people."""

    @property
    @abstractmethod
    def readers_place(self) -> str:
        """What a reader opens, or where it is told what to open."""

    @abstractmethod
    def all(self) -> list[Version]:
        """Return every version that is kept, oldest first."""

    @abstractmethod
    def current(self) -> Version | None:
        """Return the version that readers see, or `None` before the first publication."""

    @abstractmethod
    def _place(self, staged: Path, manifest: dict[str, Any]) -> Version:
        """Bring the staged files to where the next version lies; nobody sees it yet."""

    @abstractmethod
    def _point_to(self, version: Version, before: Version | None) -> None:
        """Let readers see a version, in one step. Raises `WarehouseError` where they see another than `before`."""

    @abstractmethod
    def _remove(self, version: Version) -> None:
        """Remove a version."""

    @abstractmethod
    def _lock(self) -> AbstractContextManager[None]:
        """Keep other publishers of this machine out."""

    def require_current(self) -> Version:
        """Return the version that readers see. Raises `WarehouseError` before the first publication."""
        version = self.current()
        if version is None:
            raise WarehouseError(f"nothing is published under {self.location} yet: load some letters first (make run)")
        return version

    def publish(self, staged: Path, manifest: dict[str, Any], *, based_on: int | None, keep: int) -> Version:
        """Make a staged folder the next version, and the one that readers see.

        `staged` holds the version's files, closed; the folder is gone afterwards. `based_on` is the
        version that the candidate was copied from: where another one is current by now, nothing is
        published and `WarehouseError` says so. The oldest versions over `keep` are removed.
        """
        with self._lock():
            current = self._expect(based_on)
            version = self._place(staged, manifest | {"based_on": based_on})
            self._point_to(version, current)
            self._prune(keep)
            return version

    def finish(self, run_id: str) -> Version | None:
        """Return the version that a run has made, `None` if it has made none yet; readers see it from now on.

        For a run that was killed after its version was whole and before it could say so. A version that
        another one has replaced since stays as it is.
        """
        with self._lock():
            version = next((v for v in reversed(self.all()) if v.manifest["run_id"] == run_id), None)
            current = self.current()
            if version and (current.number if current else None) == version.manifest["based_on"]:
                self._point_to(version, current)
            return version

    def _expect(self, number: int | None) -> Version | None:
        current = self.current()
        if (current.number if current else None) != number:
            raise WarehouseError(
                f"version {current.number if current else None} was published while this run built on "
                f"{number}: run the load again, it will build on the newer one"
            )
        return current

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
            versions = self.all()
            version = next((v for v in versions if v.number == wanted), None)
            if version is None:
                kept = ", ".join(str(v.number) for v in versions) or "none"
                raise WarehouseError(f"there is no version {wanted} to go back to; kept: {kept}")
            self._point_to(version, current)
            return version

    def find_abandoned(self) -> list[Version]:
        """Return the versions that the current one was not built on, oldest first; their letters may not be in it."""
        current, versions = self.current(), {v.number: v for v in self.all()}
        number = current.number if current else None
        while number in versions:
            number = versions.pop(number).manifest["based_on"]
        return list(versions.values()) if current else []

    def _prune(self, keep: int) -> None:
        current = self.require_current()
        for version in self.all()[:-keep]:
            if version.number != current.number:
                self._remove(version)


def json_object(text: bytes) -> dict[str, Any]:
    """Return the object that a JSON text is."""
    value: dict[str, Any] = json.loads(text)
    return value
