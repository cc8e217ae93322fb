"""The door of `extract`: a file in, a letter record out, or a typed reason why not."""

from __future__ import annotations

import hashlib
from pathlib import Path

from extract.letters.parse import parse_letter
from extract.pdf_text import read_pdf
from extract.plain_text import read_text
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord

SUFFIXES = (".pdf", ".txt")
"""The names that a letter may end in; any other file is left alone."""


def read_letter(path: Path, *, max_bytes: int, max_pages: int) -> LetterRecord:
    """Return the letter record of one file.

    Size and pages are checked before text is loaded. Raises `UnreadableError` with a reason from the
    closed list, and `OSError` where the file itself cannot be opened.
    """
    size = path.stat().st_size
    if size == 0:
        raise UnreadableError(Reason.ZERO_BYTES, "the file is empty")
    if size > max_bytes:
        raise UnreadableError(Reason.TOO_LARGE, f"{size:,} bytes, at most {max_bytes:,}")
    data = path.read_bytes()
    document = read_text(data) if path.suffix.lower() == ".txt" else read_pdf(data, max_pages=max_pages)
    return parse_letter(document, letter_id=hashlib.sha256(data).hexdigest(), source_name=path.name)
