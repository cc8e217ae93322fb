"""The one door to the published versions, wherever they lie."""

from __future__ import annotations

from pathlib import Path

from warehouse.storage import Place, is_remote
from warehouse.storage.objects import ObjectFolder
from warehouse.versions.base import VersionStore
from warehouse.versions.on_disk import DiskVersions
from warehouse.versions.on_objects import ObjectVersions


def version_store(place: Place, *, cache: Path) -> VersionStore:
    """Return the store of versions at a path or URL; `cache` is where copies of remote ones are opened."""
    return ObjectVersions(ObjectFolder(str(place)), cache) if is_remote(place) else DiskVersions(place)
