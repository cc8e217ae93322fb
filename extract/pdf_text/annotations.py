"""Finds what has been written on a page after it was made: notes, stamps, form fields."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

_NO_WRITING = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)
_KINDS = {
    getattr(pdfium, name): name.removeprefix("FPDF_ANNOT_").lower()
    for name in (
        "FPDF_ANNOT_TEXT", "FPDF_ANNOT_FREETEXT", "FPDF_ANNOT_STAMP", "FPDF_ANNOT_WIDGET", "FPDF_ANNOT_HIGHLIGHT",
        "FPDF_ANNOT_SQUARE", "FPDF_ANNOT_INK", "FPDF_ANNOT_STRIKEOUT", "FPDF_ANNOT_REDACT",
    )
}  # fmt: skip
REDACT = _KINDS[pdfium.FPDF_ANNOT_REDACT]
_KEYS = (b"Contents", b"V")


class Annotation(NamedTuple):
    """The kind of an annotation, its page and its text, which may name somebody."""

    kind: str
    page: int
    text: str


def find_annotations(page: Any, number: int) -> list[Annotation]:
    """Return the annotations of a page of pdfium's, except links and empty form fields."""
    found = []
    for at in range(pdfium.FPDFPage_GetAnnotCount(page)):
        item = pdfium.FPDFPage_GetAnnot(page, at)
        if not item:
            continue
        subtype = pdfium.FPDFAnnot_GetSubtype(item)
        text = " ".join(filter(None, (_read_string(item, key) for key in _KEYS)))
        if subtype not in _NO_WRITING and (text or subtype != pdfium.FPDF_ANNOT_WIDGET):
            found.append(Annotation(_KINDS.get(subtype, "other"), number, text))
        pdfium.FPDFPage_CloseAnnot(item)
    return found


def _read_string(item: Any, key: bytes) -> str:
    size = pdfium.FPDFAnnot_GetStringValue(item, key, None, 0)
    units = (ctypes.c_ushort * (size // 2 + 1))()
    pdfium.FPDFAnnot_GetStringValue(item, key, units, size)
    return bytes(memoryview(units).cast("B")[: max(0, size - 2)]).decode("utf-16-le", errors="replace").strip()
