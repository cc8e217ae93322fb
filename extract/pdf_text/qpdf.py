"""Checks a PDF by qpdf, which knows every legal form: the last word on whether a file is damaged."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pikepdf

from extract.pdf_text.inflate import inflate
from extract.pdf_text.signs import Signs

_NO_TEXT = ("/Image", "/XML")
_FLATE = "/FlateDecode"
_UNKNOWN_CIPHER = "unknown encryption filter"
_WIDEST = 100_000
"""Of a character or a character's number; common ones have up to 2,000 and 65,535."""
_READABLE = {"/LZWDecode", "/ASCIIHexDecode", "/ASCII85Decode", "/RunLengthDecode", _FLATE, "/Crypt"}


def find_faults(data: bytes, signs: Signs) -> Iterator[str]:
    """Yield the faults of a PDF's objects, and note in `signs` what they contain.

    Yields nothing for a file with a password or an unknown cipher: what it is, is found when it is read. Raises
    `UnreadableError` (too large) for a stream that inflates to too much.
    """
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            warnings = pdf.get_warnings()
            if any(_UNKNOWN_CIPHER in str(warning) for warning in warnings):
                signs.is_odd = True
                return
            signs.add_objects(data)
            for entry in pdf.objects:
                if isinstance(entry, pikepdf.Stream):
                    yield from _check_stream(entry, signs)
                elif isinstance(entry, pikepdf.Dictionary):
                    signs.add_objects(b" ".join(f"{key} ".encode() for key in entry))
                    yield from _check_widths(entry)
            found = [str(warning) for warning in [*warnings, *pdf.get_warnings()]]
            yield from (text.split(">", 1)[-1].strip() for text in found if _UNKNOWN_CIPHER not in text)
    except pikepdf.PasswordError:
        return
    except (pikepdf.PdfError, ValueError) as error:  # the latter of a string that is no text
        if "unsupported" not in str(error):  # an encryption that no library reads is no damage
            yield str(error).split(">", 1)[-1].strip()


def _check_widths(font: Any) -> Iterator[str]:
    """Yield the fault of a font whose widths, which determine the spaces between words, are not such numbers."""
    for name in ("/Widths", "/W"):
        widths = font.get(name)
        if isinstance(widths, pikepdf.Array) and not all(_is_width(number) for number in _flatten(widths)):
            yield f"the widths of the font {font.get('/BaseFont')} are no widths"


def _flatten(numbers: Any) -> Iterator[Any]:
    for number in numbers:
        yield from number if isinstance(number, pikepdf.Array) else [number]


def _is_width(number: Any) -> bool:
    return isinstance(number, int | Decimal) and -_WIDEST < float(number) < _WIDEST


def _check_stream(stream: Any, signs: Signs) -> Iterator[str]:
    """Yield the fault of a stream that does not decode to its end.

    Inflates by itself, as qpdf does not mind a wrong checksum.
    """
    if stream.get("/Subtype") in _NO_TEXT or stream.get("/Type") in ("/XRef", "/Metadata"):
        return
    declared = stream.get("/Filter", pikepdf.Array())
    filters = [str(f) for f in declared] if isinstance(declared, pikepdf.Array) else [str(declared)]
    name = f"object {stream.objgen[0]}"
    try:
        if filters == [_FLATE]:
            content = inflate(stream.read_raw_bytes(), name)
        elif set(filters) <= _READABLE:
            content = stream.read_bytes()
        else:
            content = None
    except pikepdf.PdfError:
        content = None
    if content is None:
        yield f"the data of {name} are garbled"
    else:
        signs.add_stream(content)
