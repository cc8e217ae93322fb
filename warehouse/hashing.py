"""Content hashes: what a letter is known by."""

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
    """Return the sha256 of what is left in an open file, hexadecimal; write it to `copy` on the way if given."""
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
        if copy is not None:
            copy.write(block)
    return digest.hexdigest()
