"""Folders of files, such as inbox, archive and quarantine, on disk or in an object store.

One interface with two implementations. A place is a path or a URL that fsspec supports (`s3://bucket/prefix`). The
credentials of an object store come from the environment (`AWS_*` for S3), never from the URL.
"""

from __future__ import annotations

from warehouse.storage.disk import DiskFolder
from warehouse.storage.folder import Entry, Folder, NotAFileError, SkippedEntry
from warehouse.storage.objects import ObjectFolder
from warehouse.storage.place import Place, as_place, is_remote

__all__ = ["Entry", "Folder", "NotAFileError", "Place", "SkippedEntry", "as_place", "folder_at", "is_remote"]


def folder_at(place: Place) -> Folder:
    """Return the folder at a path or URL, without accessing it."""
    return ObjectFolder(str(place).rstrip("/")) if is_remote(place) else DiskFolder(place)
