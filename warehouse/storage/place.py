"""Places: a path on this machine, or a URL in an object store."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from typing_extensions import TypeIs
from upath import UPath

Place = Path | UPath


def as_place(value: str | Place) -> Place:
    """Return a `Path` for a path or a `file:///` URL, a `UPath` for a URL in an object store.

    Raises ValueError for a URL with a user or a password, as settings are printed.
    """
    if "://" not in str(value):
        return Path(value) if isinstance(value, str) else value
    parts = urlsplit(str(value))
    if parts.scheme == "file":
        return Path(parts.path)
    if parts.username or parts.password:
        raise ValueError("no credentials in a URL: set them in the environment (AWS_ACCESS_KEY_ID ... for S3)")
    return UPath(str(value).rstrip("/"))


def is_remote(place: Place) -> TypeIs[UPath]:
    """Whether a place is in an object store."""
    return not isinstance(place, Path)
