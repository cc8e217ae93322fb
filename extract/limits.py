"""Limits for reading one letter."""

from __future__ import annotations

from dataclasses import dataclass

from extract.reasons import Reason, UnreadableError

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bytes and pages of the file, seconds of each route, and the address space of a worker process.

    `ocr` turns on text recognition for scans. `released` are the letters (sha256 of their bytes) that a person
    has released although they may identify somebody.
    """

    max_bytes: int = 50 * MIB
    max_pages: int = 200
    fast_seconds: float = 5.0
    reference_seconds: float = 30.0
    worker_bytes: int = 1536 * MIB
    ocr: bool = False
    ocr_seconds: float = 120.0
    released: frozenset[str] = frozenset()

    def describe_excess(self, size_bytes: int) -> UnreadableError:
        """Return the error of a file with too many bytes."""
        return UnreadableError(Reason.TOO_LARGE, f"{size_bytes:,} bytes, at most {self.max_bytes:,}")


def check_page_count(pages: int, max_pages: int) -> None:
    """Raise `UnreadableError` for a file with too many pages."""
    if pages > max_pages:
        raise UnreadableError(Reason.TOO_MANY_PAGES, f"{pages} pages, at most {max_pages}")
