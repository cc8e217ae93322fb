"""Reads letters stored as plain text (`.txt`)."""

from __future__ import annotations

from extract.lines import Document, Line
from extract.reasons import Reason, UnreadableError


def read_text(data: bytes) -> Document:
    """Return the non-blank lines of a text file as one page, fonts unknown.

    Decodes UTF-8, with or without a byte order mark, else Windows-1252. Raises `UnreadableError` for bytes that
    are not text.
    """
    if b"\0" in data:
        raise UnreadableError(Reason.DAMAGED, f"contains zero bytes, so it is not text: {data[:16]!r}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    lines = tuple(Line(line.strip(), 1) for line in text.replace("\f", "\n").splitlines() if line.strip())
    if not lines:
        raise UnreadableError(Reason.NO_TEXT_LAYER, "only blank lines")
    return Document.make(lines, 1, "text")
