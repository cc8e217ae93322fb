"""Content hashes, which identify letters."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hash_stream(file)


def hash_stream(file: BinaryIO, copy: BinaryIO | None = None, *, max_bytes: int | None = None) -> str:
    """Return the sha256 of the rest of an open file, hexadecimal; also write it to `copy` if given.

    Raises OSError for more than `max_bytes`.
    """
    digest, size = hashlib.sha256(), 0
    while block := file.read(_BLOCK):
        size += len(block)
        if max_bytes is not None and size > max_bytes:
            raise OSError(errno.EFBIG, f"has grown to more than {max_bytes:,} bytes")
        digest.update(block)
        if copy is not None:
            copy.write(block)
    return digest.hexdigest()


def hash_beginning(file: BinaryIO, size_bytes: int) -> str:
    """Return a hash that stands for a file too large to be read whole: of its size and first MiB."""
    return hashlib.sha256(f"{size_bytes}\n".encode() + file.read(_BLOCK)).hexdigest()
