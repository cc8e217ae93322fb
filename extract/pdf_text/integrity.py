"""Whether the data inside a PDF are whole: neither library says when it gives up in the middle of a page.

Every compressed stream ends in a checksum of its own. A letter in which one does not hold has lost text
somewhere, though what is left may still read as a letter.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from extract.pdf_text.decrypt import UndecryptableError, empty_password_key, object_data
from extract.reasons import Reason, UnreadableError

_STREAM = re.compile(rb">>\s{0,2}stream(?:\r\n|\n|\r)")
_OBJECT = re.compile(rb"(\d+)[ \r\n]+(\d+)[ \r\n]+$")
_LONGEST_HEAD = 4096
_LENGTH = re.compile(rb"/Length[ \r\n]+(\d+)(?![ \r\n]+\d+[ \r\n]+R)")
_END = re.compile(rb"\s{0,2}endstream")
_NO_TEXT = re.compile(rb"/Subtype\s*/(?:Image|XML)\b|/Type\s*/(?:XRef|Metadata)\b")
_FILTERS = re.compile(rb"/Filter\s*(\[[^\]]*\]|/\w+)")
_KNOWN = {(), (b"FlateDecode",), (b"ASCII85Decode", b"FlateDecode")}
_PASSED_OVER = {b"LZWDecode", b"ASCIIHexDecode", b"ASCII85Decode", b"RunLengthDecode", b"FlateDecode", b"Crypt"}
# A list of numbers alone is the widths of a font's letters, by which spaces between words are told.
_NUMBERS = re.compile(rb"obj\s*\[(\s*\d+\s[^\]/(<R]*)\]")
_OF_NUMBERS = b"0123456789.- \r\n\t"
_TOO_LONG = re.compile(rb"(?<!\.)\d{6}")
_HOLE = bytes(64)  # the letters have 16 of them inside an encryption entry
MAX_INFLATED = 128 * 1024 * 1024
"""Bytes that one stream of a letter may inflate to; the largest seen has 12 kB."""
_PIECE = 1024 * 1024


class _Stream(NamedTuple):
    """One stream object: its number and generation, its dictionary, its data and where those end."""

    number: int
    generation: int
    head: bytes
    body: bytes
    end: int


def faults(data: bytes) -> Iterator[str]:
    """Yield what is broken in a PDF's objects; nothing for a whole file.

    Pictures and metadata are passed over: they hold no text. So is what another cipher than the letters'
    protects. Raises `UnreadableError` (too large) for a stream that inflates out of all proportion.
    """
    try:
        key = empty_password_key(data)
    except UndecryptableError:
        return
    at, begun = 0, 0
    while (found := _STREAM.search(data, at)) is not None:
        yield from _faults_between(data, at, found.start())
        begun += 1
        stream = _stream(data, at, found)
        at = found.end() if stream is None else stream.end
        if stream is None:
            yield f"the stream at byte {at} is not an object as long as it says"
        elif not _NO_TEXT.search(stream.head) and not _is_whole(stream, key):
            yield f"the data of object {stream.number} are garbled"
    if begun != data.count(b"endstream"):
        yield f"{data.count(b'endstream')} streams end in it, but {begun} begin"
    yield from _faults_between(data, at, len(data))


def _faults_between(data: bytes, start: int, end: int) -> Iterator[str]:
    """Yield what is wrong with the objects between two streams, as far as their form shows it."""
    if data.find(_HOLE, start, end) >= 0:
        yield f"zero bytes stand between bytes {start} and {end} where objects should"
    for widths in _NUMBERS.finditer(data, start, end):
        if widths[1].translate(None, _OF_NUMBERS) or _TOO_LONG.search(widths[1]):
            yield f"the list of numbers at byte {widths.start()} holds something else"


def _stream(data: bytes, after: int, found: re.Match[bytes]) -> _Stream | None:
    """Return the stream whose data begin where `found` ends; `None` if its number or length is not there."""
    begin = data.rfind(b"obj", max(after, found.start() - _LONGEST_HEAD), found.start())
    named = _OBJECT.search(data, max(after, begin - 24), begin) if begin >= 0 else None
    head = data[max(begin, after) : found.end()]
    length = _LENGTH.search(head)
    end = found.end() + int(length[1]) if length else data.find(b"endstream", found.end())
    if named is None or end < 0 or not _END.match(data, end):
        return None
    return _Stream(int(named[1]), int(named[2]), head, data[found.end() : end], end)


def _is_whole(stream: _Stream, key: bytes | None) -> bool:
    """Whether a stream's data unpack to their end, by filters that there are."""
    written = _FILTERS.search(stream.head)
    filters = tuple(re.findall(rb"/(\w+)", written[1])) if written else ()
    if filters not in _KNOWN:
        return set(filters) <= _PASSED_OVER
    packed = object_data(stream.body, key, stream.number, stream.generation) if key else stream.body
    if packed is not None and b"ASCII85Decode" in filters:
        packed = _from_printable(packed)
    if packed is None:
        return False
    # Data that inflate, but are not said to be packed: the name of the filter is lost.
    return _inflates(packed, stream.number) == bool(filters)


def _from_printable(body: bytes) -> bytes | None:
    try:
        return base64.a85decode(body.strip().removesuffix(b"~>"))
    except ValueError:
        return None


def _inflates(packed: bytes, number: int) -> bool:
    """Whether a stream inflates to its end, with the right checksum there."""
    inflater, size = zlib.decompressobj(), 0
    try:
        while not inflater.eof:
            piece = inflater.decompress(packed, _PIECE)
            packed = inflater.unconsumed_tail
            size += len(piece)
            if size > MAX_INFLATED:
                raise UnreadableError(Reason.TOO_LARGE, f"object {number} inflates to over {MAX_INFLATED:,} bytes")
            if not piece and not packed:
                return False
    except zlib.error:
        return False
    return not inflater.unused_data.strip()
