"""Opens the store of published versions, on disk or in an object store."""

from __future__ import annotations

from pathlib import Path

from warehouse.storage import Place, is_remote
from warehouse.storage.objects import ObjectFolder
from warehouse.versions.base import VersionStore
from warehouse.versions.on_disk import DiskVersions
from warehouse.versions.on_objects import ObjectVersions


def open_version_store(place: Place, *, cache: Path) -> VersionStore:
    """Return the version store at a path or URL; `cache` holds local copies of remote versions."""
    return ObjectVersions(ObjectFolder(str(place)), cache) if is_remote(place) else DiskVersions(place)
