"""Files that harm the program that reads them, crafted or found; each function is named after the fault."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

GIB = 1024**3
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources %b >>"
_FONT = b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >> >>"
_TEXT = b"BT /F1 12 Tf 72 700 Td (%b) Tj ET\n"


def zero_bytes() -> bytes:
    return b""


def a_web_page_named_pdf() -> bytes:
    return b"<!DOCTYPE html><html><body><h1>503</h1><p>The decision search is being serviced.</p></body></html>\n"


def a_text_file_with_binary() -> bytes:
    """Return the content of a .txt file."""
    return b"HOW THE IMR FINAL DETERMINATION WAS MADE\n" + bytes(range(256)) * 4


def xref_garbage() -> bytes:
    """Return a PDF's header and a cross-reference table that points nowhere, without any object."""
    table = b"".join(b"%010d 00000 n \n" % (at * 7919 % 99_991) for at in range(40))
    trailer = b"trailer\n<< /Root 39 0 R >>\nstartxref\n7\n%%EOF\n"
    return b"%PDF-1.6\n" + b"\xde\xad" * 300 + b"\nxref\n0 40\n" + table + trailer


def a_deflate_bomb(inflated: int = 2 * GIB) -> bytes:
    """Return a page whose content inflates to `inflated` bytes of text."""
    return _pdf({4: _stream(_bomb(_TEXT % b"too much", inflated), b"/Filter /FlateDecode")})


def a_bomb_inside_a_bomb(inflated: int = 2 * GIB) -> bytes:
    """Return the same compressed twice: a few kilobytes, and a first layer that is not large."""
    twice = zlib.compress(_bomb(_TEXT % b"too much", inflated), 9)
    return _pdf({4: _stream(twice, b"/Filter [/FlateDecode /FlateDecode]")})


def a_self_referencing_form() -> bytes:
    """Return a form XObject that draws itself, a hundred times at each depth."""
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << %b /XObject << /X 5 0 R >> >>" % _FONT
    body = _TEXT % b"again" + b"/X Do\n" * 100
    return _pdf({4: _stream(b"/X Do\n"), 5: _stream(body, form[3:])}, b"<< %b /XObject << /X 5 0 R >> >>" % _FONT)


def a_fan_out_of_forms(levels: int = 30) -> bytes:
    """Return forms that each draw the next one twice: two to the power of `levels` strings in 10 kB."""
    forms = {4: _stream(b"/X Do\n")}
    for number in range(5, 5 + levels):
        below = b"/XObject << /X %d 0 R >>" % (number + 1) if number < 4 + levels else b""
        head = b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << %b %b >>" % (_FONT, below)
        forms[number] = _stream(b"/X Do\n/X Do\n" if below else _TEXT % b"x", head)
    return _pdf(forms, b"<< %b /XObject << /X 5 0 R >> >>" % _FONT)


def many_pages(count: int = 2000) -> bytes:
    return _pdf({4: _stream(_TEXT % b"one of too many")}, pages=count)


def characters_beyond_the_basic_plane() -> bytes:
    """Return a page in a font whose `x` is read as an emoji, which is two UTF-16 units."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /E def /CMapType 2 def "
        b"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <78> <D83DDE00> endbfchar endcmap end end"
    )
    font = b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /ToUnicode 5 0 R >> >>"
    return _pdf({4: _stream(_TEXT % b"x marks the spot"), 5: _stream(cmap)}, b"<< %b >>" % font)


def _bomb(block: bytes, inflated: int) -> bytes:
    """Deflate a text of `inflated` bytes fast: one block, flushed so that it can be repeated."""
    block *= 2**20 // len(block)
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + piece * (inflated // len(block)) + packer.flush()


def _stream(body: bytes, head: bytes = b"") -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (head, len(body), body)


def _pdf(objects: Mapping[int, bytes], resources: bytes = b"<< %b >>" % _FONT, pages: int = 1) -> bytes:
    """Return a PDF with the same content (object 4) on each page, and a valid cross-reference table."""
    first = max(objects) + 1
    kids = [3, *range(first, first + pages - 1)]
    every: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count %d /Kids [%b] >>" % (pages, b" ".join(b"%d 0 R" % kid for kid in kids)),
        **dict.fromkeys(kids, _PAGE % resources),
        **objects,
    }
    out, offsets = bytearray(b"%PDF-1.6\n"), {}
    for number in sorted(every):
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, every[number])
    table = b"".join(b"%010d 00000 n \n" % offsets[number] for number in sorted(every))
    size = len(every) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return bytes(out) + head + table + trailer
