"""Decrypts the published letters: AES-128 with an empty user password (PDF 1.7, 7.6).

Both extraction routes decrypt by themselves; this is for the integrity check of the data.
"""

from __future__ import annotations

import re
from hashlib import md5

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_REFERENCE = re.compile(rb"/Encrypt[ \r\n]+(\d+)[ \r\n]+(\d+)[ \r\n]+R")
_ENTRY = re.compile(rb"\d+ \d+ obj(.*?)endobj", re.DOTALL)
_FIRST_ID = re.compile(rb"/ID\s*\[\s*(?=[<(])")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_LITERAL = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_HEXADECIMAL = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_PLAIN_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}


class UndecryptableError(Exception):
    """Not the encryption of the published letters, or not understood."""


def derive_key(data: bytes) -> bytes | None:
    """Return the file's key under an empty user password; `None` for an unencrypted file."""
    at = data.rfind(b"/Encrypt")
    if at < 0:
        return None
    reference = _REFERENCE.match(data, at)
    if reference is None:
        raise UndecryptableError
    begin = data.rfind(b"%s %s obj" % (reference[1], reference[2]))
    entry = _ENTRY.match(data, begin) if begin >= 0 else None
    identifier = _FIRST_ID.match(data, data.rfind(b"/ID"))
    if entry is None or identifier is None or not re.search(rb"/CFM\s*/AESV2\b", entry[1]):
        raise UndecryptableError
    owner, permissions = re.search(rb"/O\s*(?=[<(])", entry[1]), re.search(rb"/P\s+(-?\d+)", entry[1])
    if owner is None or permissions is None:
        raise UndecryptableError
    key = md5(usedforsecurity=False)
    key.update(_PADDING + _read_string(entry[1], owner.end())[:32])
    key.update((int(permissions[1]) & 0xFFFFFFFF).to_bytes(4, "little") + _read_string(data, identifier.end()))
    if re.search(rb"/EncryptMetadata\s+false", entry[1]):
        key.update(b"\xff\xff\xff\xff")
    digest = key.digest()
    for _ in range(50):
        digest = md5(digest, usedforsecurity=False).digest()
    return digest


def decrypt_stream(body: bytes, key: bytes, number: int, generation: int) -> bytes | None:
    """Return the data of one stream object; `None` if they cannot be the cipher's output."""
    if len(body) < 32 or len(body) % 16:
        return None
    numbers = number.to_bytes(3, "little") + generation.to_bytes(2, "little")
    own_key = md5(key + numbers + b"sAlT", usedforsecurity=False).digest()
    cipher = Cipher(algorithms.AES(own_key), modes.CBC(body[:16])).decryptor()
    padded = cipher.update(body[16:])
    return padded[: -padded[-1]] if 1 <= padded[-1] <= 16 else None


def _read_string(data: bytes, at: int) -> bytes:
    """Return the PDF string that begins at an offset."""
    hexadecimal = _HEXADECIMAL.match(data, at)
    if hexadecimal:
        digits = b"".join(hexadecimal[1].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))  # the last digit may be omitted
    literal = _LITERAL.match(data, at)
    if literal is None:
        raise UndecryptableError
    return _ESCAPED.sub(_unescape, literal[1])


def _unescape(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    return bytes([int(escaped, 8) & 255]) if escaped[:1].isdigit() else _PLAIN_ESCAPES.get(escaped, escaped)
