"""What a letter may cost: the caps that are checked before text is loaded, and those that its worker is held to."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Caps of one letter: bytes and pages of the file, seconds a route, and a worker's address space.

    `ocr` says whether a scan is given to text recognition, which is off by default. `released` are the letters
    (sha256 of their bytes) that a person lets through although they seem to name somebody.
    """

    max_bytes: int = 50 * MIB
    max_pages: int = 200
    fast_seconds: float = 5.0
    reference_seconds: float = 30.0
    worker_bytes: int = 1536 * MIB
    ocr: bool = False
    ocr_seconds: float = 120.0
    released: frozenset[str] = frozenset()
