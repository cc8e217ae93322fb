"""Content hashes, which identify letters."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hash_stream(file)


def hash_stream(file: BinaryIO, copy: BinaryIO | None = None) -> str:
    """Return the sha256 of the rest of an open file, hexadecimal, while writing it to `copy` if given."""
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
        if copy is not None:
            copy.write(block)
    return digest.hexdigest()
