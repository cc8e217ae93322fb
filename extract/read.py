"""Entry point of `extract`: reads a file and returns its letter record, or raises a typed reason why not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from extract.letters.parse import parse_letter
from extract.limits import Limits
from extract.lines import Document
from extract.pdf_text import UnsureError, fast, ocr, reference
from extract.pdf_text.fast import DamagedError
from extract.plain_text import read_text
from extract.reasons import Reason, UnreadableError
from extract.record import Flag, LetterRecord

SUFFIXES = (".pdf", ".txt")
"""Suffixes of letters; any other file is skipped."""

HEADER_WINDOW = 1024
"""Readers accept `%PDF-` anywhere in the first kilobyte (PDF 1.7, appendix H, note 13)."""

AUDITED_OF_256 = 3
"""Of 256 letters, by the first byte of their hash, this many are read by both routes: a bit over 1 %."""

_EFFECTS_OF_DAMAGE = (Reason.NO_TEXT_LAYER, Reason.UNKNOWN_FORMAT, Reason.AMBIGUOUS_FORMAT, Reason.INCOMPLETE_LETTER)
_SAME_BY_EITHER_ROUTE = (Reason.TOO_LARGE, Reason.TOO_MANY_PAGES)

_Parse = Callable[[Document], LetterRecord]
_ReadByReference = Callable[..., LetterRecord]


def read_letter(
    path: Path,
    limits: Limits | None = None,
    *,
    on_reference: Callable[[], None] = lambda: None,
    on_ocr: Callable[[], None] = lambda: None,
) -> LetterRecord:
    """Return the letter record of one file, read in this process.

    Size and pages are checked before text is loaded; `extract.pool` enforces seconds and memory. `on_reference` is
    called before the reference route begins, `on_ocr` before OCR. A letter that the fast route cannot read
    reliably is read by the reference route and flagged. Raises `UnreadableError` with a reason from the closed
    list, and `OSError` if the file cannot be opened.
    """
    limits = limits or Limits()
    data = _load(path, limits)
    letter_id = hashlib.sha256(data).hexdigest()
    parse = partial(parse_letter, letter_id=letter_id, source_name=path.name, released=letter_id in limits.released)
    if path.suffix.lower() == ".txt":
        return parse(read_text(data))
    if b"%PDF-" not in data[:HEADER_WINDOW]:
        raise UnreadableError(Reason.NOT_A_PDF, f"begins with {data[:16]!r}")

    def read_by_reference(*flags: Flag) -> LetterRecord:
        on_reference()
        return parse(reference.read_lines(data, max_pages=limits.max_pages)).add_flags(flags)

    try:
        return _read_pdf(data, limits, parse, read_by_reference)
    except UnreadableError as error:
        if error.reason is not Reason.NO_TEXT_LAYER or not limits.ocr:
            raise
    on_ocr()
    document = ocr.read_lines(data, max_pages=limits.max_pages, seconds=limits.ocr_seconds)
    return parse(document).add_flags([Flag(ocr.FLAG, "a scan: any word of it may be misread")])


def _load(path: Path, limits: Limits) -> bytes:
    """Return a file's bytes, unless it is empty or too large."""
    size = path.stat().st_size
    if size == 0:
        raise UnreadableError(Reason.ZERO_BYTES, "the file is empty")
    if size > limits.max_bytes:
        raise UnreadableError(Reason.TOO_LARGE, f"{size:,} bytes, at most {limits.max_bytes:,}")
    return path.read_bytes()


def _read_pdf(data: bytes, limits: Limits, parse: _Parse, read_by_reference: _ReadByReference) -> LetterRecord:
    """Return the record of a PDF with text, by the fast route where it is reliable."""
    try:
        record = parse(fast.read_lines(data, max_pages=limits.max_pages))
    except DamagedError as damage:
        return _read_damaged(damage, read_by_reference)
    except UnsureError as unsure:
        return read_by_reference(Flag(unsure.flag, str(unsure)))
    except UnreadableError as error:
        if error.reason in _SAME_BY_EITHER_ROUTE:
            raise
        return read_by_reference(_flag_failure(fast.NAME, error))
    return _audit(record, read_by_reference) if int(record.letter_id[:2], 16) < AUDITED_OF_256 else record


def _read_damaged(damage: DamagedError, read_by_reference: _ReadByReference) -> LetterRecord:
    """Return what the reference route reads of a damaged file; if that is no letter, the reason is the damage."""
    try:
        return read_by_reference(Flag(damage.flag, str(damage)))
    except UnreadableError as error:
        if error.reason not in _EFFECTS_OF_DAMAGE:
            raise
        detail = f"{damage}; the rest: {error}"
        raise UnreadableError(Reason.DAMAGED, detail, field=error.field, page=error.page) from error


def _audit(record: LetterRecord, read_by_reference: _ReadByReference) -> LetterRecord:
    """Return a record with a flag for each field that the reference route reads differently."""
    try:
        differences = find_differences(record, read_by_reference())
    except UnreadableError as error:
        return record.add_flags([_flag_failure(reference.NAME, error)])
    return record.add_flags(Flag("routes_disagree", difference) for difference in differences)


def _flag_failure(route: str, error: UnreadableError) -> Flag:
    """Return the flag of a letter that only the other route could read."""
    return Flag("routes_disagree", f"by {route} no letter is read: {error}")


def find_differences(record: LetterRecord, other: LetterRecord) -> Iterator[str]:
    """Yield each field that two routes read differently, with both values, shortened."""
    for name, value in vars(record).items():
        if name != "extractor" and value != getattr(other, name):
            yield f"{name}: {value!r:.120} by {record.extractor}, {getattr(other, name)!r:.120} by {other.extractor}"
