"""Checks that the data inside a PDF are intact: neither library reports when it gives up in the middle of a page.

Every compressed stream ends in a checksum. If one does not match, text is lost, although the rest may still be read
as a letter.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import NamedTuple

from extract.pdf_text.decrypt import UndecryptableError, decrypt_stream, derive_key
from extract.pdf_text.inflate import inflate
from extract.pdf_text.signs import Signs

_STREAM = re.compile(rb">>\s{0,2}stream(?:\r\n|\n|\r)")
_OBJECT = re.compile(rb"(\d+)[ \r\n]+(\d+)[ \r\n]+$")
_LONGEST_HEAD = 4096
_LENGTH = re.compile(rb"/Length[ \r\n]+(\d+)(?!\d|[ \r\n]+\d+[ \r\n]+R)")
_END = re.compile(rb"\s{0,2}endstream")
_NO_TEXT = re.compile(rb"/Subtype\s*/(?:Image|XML)\b|/Type\s*/(?:XRef|Metadata)\b")
_FILTERS = re.compile(rb"/Filter\s*(\[[^\]]*\]|/\w+)")
_FILTER = re.compile(rb"/(\w+)")
_KNOWN = {(), (b"FlateDecode",), (b"ASCII85Decode", b"FlateDecode")}
_OBJECT_STREAM = re.compile(rb"/Type\s*/ObjStm\b")
# A list of only numbers is a font's widths, which determine the spaces between words.
_NUMBERS = re.compile(rb"obj\s*\[(\s*\d+\s[^\]/(<R]*)\]")
_NUMBER_BYTES = b"0123456789.- \r\n\t"
_TOO_LONG = re.compile(rb"(?<!\.)\d{6}")
_HOLE = bytes(64)  # intact letters have up to 16 zero bytes, in an encryption entry


class _Stream(NamedTuple):
    """A stream object: number, generation, dictionary, data and the offset of their end."""

    number: int
    generation: int
    head: bytes
    body: bytes
    end: int


def find_faults(data: bytes, signs: Signs | None = None) -> Iterator[str]:
    """Yield the faults of a PDF's objects; nothing for an intact file.

    Notes in `signs` what the streams contain. The patterns of this module only prove that a common file is intact;
    what they do not understand, qpdf judges. Images and metadata are not checked, as they contain no text. Raises
    `UnreadableError` (too large) for a stream that inflates to too much.
    """
    found = Signs()
    try:
        is_doubtful = next(_find_doubts(data, found), None) is not None
    except UndecryptableError:
        is_doubtful = True
    if is_doubtful:
        from extract.pdf_text import qpdf  # noqa: PLC0415 - few files need it, and every worker would import it

        found = Signs()
        yield from qpdf.find_faults(data, found)
    if signs is not None:
        signs.__dict__.update(vars(found))


def _find_doubts(data: bytes, signs: Signs) -> Iterator[str]:
    """Yield what is not as in a common intact file."""
    key = derive_key(data)
    signs.add_objects(data)
    at, begun = 0, 0
    while (found := _STREAM.search(data, at)) is not None:
        yield from _check_between(data, at, found.start())
        begun += 1
        stream = _find_stream(data, at, found)
        at = found.end() if stream is None else stream.end
        if stream is None:
            yield f"the stream at byte {at} is not an object of its stated length"
        elif not _NO_TEXT.search(stream.head) and not _is_whole(stream, key, signs):
            yield f"the data of object {stream.number} are garbled"
    if begun != data.count(b"endstream"):
        yield f"{begun} streams begin, but {data.count(b'endstream')} end"
    yield from _check_between(data, at, len(data))


def _check_between(data: bytes, start: int, end: int) -> Iterator[str]:
    """Yield the faults of the objects between two streams, as far as their form shows them."""
    if data.find(_HOLE, start, end) >= 0:
        yield f"there are zero bytes instead of objects between bytes {start} and {end}"
    for widths in _NUMBERS.finditer(data, start, end):
        if widths[1].translate(None, _NUMBER_BYTES) or _TOO_LONG.search(widths[1]):
            yield f"the list of numbers at byte {widths.start()} contains something else"


def _find_stream(data: bytes, after: int, found: re.Match[bytes]) -> _Stream | None:
    """Return the stream whose data begin where `found` ends; `None` if its number or length is missing."""
    begin = data.rfind(b"obj", max(after, found.start() - _LONGEST_HEAD), found.start())
    named = _OBJECT.search(data, max(after, begin - 24), begin) if begin >= 0 else None
    head = data[max(begin, after) : found.end()]
    length = _LENGTH.search(head)
    end = found.end() + int(length[1]) if length else data.find(b"endstream", found.end())
    if named is None or end < 0 or not _END.match(data, end):
        return None
    return _Stream(int(named[1]), int(named[2]), head, data[found.end() : end], end)


def _is_whole(stream: _Stream, key: bytes | None, signs: Signs) -> bool:
    """Whether a stream's data decode to their end, by filters that exist; notes in `signs` what they contain."""
    written = _FILTERS.search(stream.head)
    filters = tuple(_FILTER.findall(written[1])) if written else ()
    if filters not in _KNOWN:
        return False
    packed = decrypt_stream(stream.body, key, stream.number, stream.generation) if key else stream.body
    if packed is not None and b"ASCII85Decode" in filters:
        packed = _decode_ascii85(packed)
    if packed is None:
        return False
    content = inflate(packed, f"object {stream.number}")
    if content is None:
        if not filters:
            signs.add_stream(packed)
        return not filters
    signs.add_stream(content)
    if _OBJECT_STREAM.search(stream.head):
        signs.add_objects(content)
    return bool(filters)  # if data inflate but no filter is declared, the filter's name is lost


def _decode_ascii85(body: bytes) -> bytes | None:
    try:
        return base64.a85decode(body.strip().removesuffix(b"~>"))
    except ValueError:
        return None
