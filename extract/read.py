"""The door of `extract`: a file in, a letter record out, or a typed reason why not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from extract.letters.completeness import completeness_flags
from extract.letters.parse import parse_letter
from extract.limits import Limits
from extract.lines import Document
from extract.pdf_text import UnsureError, fast, ocr, reference
from extract.pdf_text.fast import DamagedError
from extract.plain_text import read_text
from extract.reasons import Reason, UnreadableError
from extract.record import Flag, LetterRecord

SUFFIXES = (".pdf", ".txt")
"""The names that a letter may end in; any other file is left alone."""

HEADER_WINDOW = 1024
"""Readers accept `%PDF-` anywhere in the first kilobyte (PDF 1.7, appendix H, note 13)."""

AUDITED_OF_256 = 3
"""Of 256 letters, by the first byte of their hash, this many are read by both routes: a bit over 1 %."""

_LED_TO = (Reason.NO_TEXT_LAYER, Reason.UNKNOWN_FORMAT, Reason.AMBIGUOUS_FORMAT, Reason.INCOMPLETE_LETTER)
"""What a damaged letter reads as, when it is not one any more."""

_CERTAIN = (Reason.TOO_LARGE, Reason.TOO_MANY_PAGES)  # the reference route would only take longer to say so


def read_letter(
    path: Path,
    limits: Limits | None = None,
    *,
    on_reference: Callable[[], None] = lambda: None,
    on_ocr: Callable[[], None] = lambda: None,
) -> LetterRecord:
    """Return the letter record of one file, read in this process.

    Size and pages are checked before text is loaded; seconds and memory are for `extract.pool`.
    `on_reference` is called before the slow route begins, `on_ocr` before text recognition, which a scan
    is only given to where the limits say so. A letter that only the reference route could
    vouch for carries a flag that says why. Raises `UnreadableError` with a reason from
    the closed list, and `OSError` where the file itself cannot be opened.
    """
    limits = limits or Limits()
    data = _checked(path, limits)
    letter_id = hashlib.sha256(data).hexdigest()
    named: dict[str, Any] = {"letter_id": letter_id, "source_name": path.name, "released": letter_id in limits.released}
    if path.suffix.lower() == ".txt":
        return read_document(read_text(data), **named)
    if b"%PDF-" not in data[:HEADER_WINDOW]:
        raise UnreadableError(Reason.NOT_A_PDF, f"begins with {data[:16]!r}")
    try:
        return _read_pdf(data, limits, named, on_reference)
    except UnreadableError as refused:
        if refused.reason is not Reason.NO_TEXT_LAYER or not limits.ocr:
            raise
    on_ocr()
    record = read_document(ocr.read_lines(data, max_pages=limits.max_pages, seconds=limits.ocr_seconds), **named)
    return record.with_flags((*record.flags, Flag(ocr.FLAG, "a scan: any word of it may be misread")))


def _read_pdf(data: bytes, limits: Limits, named: Mapping[str, Any], on_reference: Callable[[], None]) -> LetterRecord:
    """Return the record of a PDF with text, by the fast route where it can vouch for it."""

    def by_reference(*flags: Flag) -> LetterRecord:
        on_reference()
        record = read_document(reference.read_lines(data, max_pages=limits.max_pages), **named)
        return record.with_flags((*record.flags, *flags))

    try:
        record = read_document(fast.read_lines(data, max_pages=limits.max_pages), **named)
    except DamagedError as damage:
        return _from_damaged(damage, by_reference)
    except UnsureError as unsure:
        return by_reference(Flag(unsure.flag, str(unsure)))
    except UnreadableError as refused:
        if refused.reason in _CERTAIN:
            raise
        return by_reference(_refusal(fast.NAME, refused))
    return _audit(record, by_reference) if int(record.letter_id[:2], 16) < AUDITED_OF_256 else record


def _checked(path: Path, limits: Limits) -> bytes:
    """Return a file's bytes, if there are any and not too many."""
    size = path.stat().st_size
    if size == 0:
        raise UnreadableError(Reason.ZERO_BYTES, "the file is empty")
    if size > limits.max_bytes:
        raise UnreadableError(Reason.TOO_LARGE, f"{size:,} bytes, at most {limits.max_bytes:,}")
    return path.read_bytes()


def read_document(document: Document, *, letter_id: str, source_name: str, released: bool = False) -> LetterRecord:
    """Return the letter record of a document, with a flag for each part of the form that is missing or doubled."""
    record = parse_letter(document, letter_id=letter_id, source_name=source_name, released=released)
    return record.with_flags((*record.flags, *completeness_flags(document, record)))


def _audit(record: LetterRecord, by_reference: Callable[[], LetterRecord]) -> LetterRecord:
    try:
        return audited(record, by_reference())
    except UnreadableError as refused:
        return record.with_flags((*record.flags, _refusal(reference.NAME, refused)))


def _from_damaged(damage: DamagedError, by_reference: Callable[..., LetterRecord]) -> LetterRecord:
    """Return what can be read of a damaged file; where that is no letter, the reason is the damage."""
    try:
        return by_reference(Flag(damage.flag, str(damage)))
    except UnreadableError as refused:
        if refused.reason not in _LED_TO:
            raise
        told = f"{damage}; what is left of it: {refused}"
        raise UnreadableError(Reason.DAMAGED, told, field=refused.field, page=refused.page) from refused


def _refusal(route: str, refused: UnreadableError) -> Flag:
    """Return the flag on a letter that only the other route read."""
    return Flag("routes_disagree", f"by {route} no letter is read: {refused}")


def audited(record: LetterRecord, again: LetterRecord) -> LetterRecord:
    """Return a record with a flag for each field that the reference route read otherwise."""
    flags = (Flag("routes_disagree", told) for told in differences(record, again))
    return record.with_flags((*record.flags, *flags))


def differences(record: LetterRecord, again: LetterRecord) -> Iterator[str]:
    """Yield each field of a letter that two routes read differently, with both values, shortened."""
    for name, value in vars(record).items():
        other = getattr(again, name)
        if name != "extractor" and value != other:
            yield f"{name}: {value!r:.120} by {record.extractor}, {other!r:.120} by {again.extractor}"
