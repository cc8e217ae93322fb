"""Inflates the data of a stream, if they are whole and no bomb."""

from __future__ import annotations

import zlib

from extract.reasons import Reason, UnreadableError

MAX_INFLATED = 128 * 1024 * 1024
"""Bytes that one stream may inflate to; the largest seen has 12 kB."""
_PIECE = 1024 * 1024


def inflate(packed: bytes, name: str) -> bytes | None:
    """Return inflated data; `None` if they end early or their checksum does not match.

    Raises `UnreadableError` (too large) for a bomb; `name` is the stream's in the message.
    """
    inflater, pieces, size = zlib.decompressobj(), [], 0
    try:
        while not inflater.eof:
            piece = inflater.decompress(packed, _PIECE)
            packed = inflater.unconsumed_tail
            pieces.append(piece)
            size += len(piece)
            if size > MAX_INFLATED:
                raise UnreadableError(Reason.TOO_LARGE, f"{name} inflates to over {MAX_INFLATED:,} bytes")
            if not piece and not packed:
                return None
    except zlib.error:
        return None
    return None if inflater.unused_data.strip() else b"".join(pieces)
