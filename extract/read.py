"""Entry point of `extract`: reads a file and returns its letter record, or raises a typed reason why not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from extract.letters.identity import check_identity
from extract.letters.parse import RELEASED, parse_letter
from extract.letters.sections import Span
from extract.limits import Limits
from extract.lines import Document, Unseen
from extract.pdf_text import REFERENCE_ROUTE, fast, ocr
from extract.pdf_text.fast import DamagedError, UnsureError
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

_UNTRUSTED_FONTS = "fonts_not_trusted"


@dataclass(frozen=True)
class ReadEvents:
    """Functions that are called while a letter is read.

    `on_reference` before pages are drawn or the reference route begins, `on_audit` with the record before it is
    audited, `on_ocr` before OCR.
    """

    on_reference: Callable[[], None] = lambda: None
    on_audit: Callable[[LetterRecord], None] = lambda _: None
    on_ocr: Callable[[], None] = lambda: None


def read_letter(
    path: Path,
    limits: Limits | None = None,
    *,
    may_audit: bool = True,
    events: ReadEvents | None = None,
) -> LetterRecord:
    """Return the letter record of one file, read in this process.

    Size and pages are checked before text is loaded; `extract.pool` enforces seconds and memory. A letter that the
    fast route cannot read reliably is read by the reference route and flagged. One of the sample is then read by both,
    if `may_audit` is set. Raises `UnreadableError` with a reason from the closed list, and `OSError` if the file cannot
    be opened.
    """
    limits, events = limits or Limits(), events or ReadEvents()
    data = _load(path, limits)
    letter_id = hashlib.sha256(data).hexdigest()
    reader = _PdfReader(data, limits, letter_id, path.name, events)
    if path.suffix.lower() == ".txt":
        return reader.parse(read_text(data))
    if b"%PDF-" not in data[:HEADER_WINDOW]:
        raise UnreadableError(Reason.NOT_A_PDF, f"begins with {data[:16]!r}")
    try:
        record = reader.read()
    except UnreadableError as error:
        if error.reason is not Reason.NO_TEXT_LAYER or not limits.ocr:
            raise
    else:
        if not (may_audit and record.extractor == fast.NAME and is_sampled(letter_id)):
            return record
        events.on_audit(record)
        return reader.audit(record)
    events.on_ocr()
    document = ocr.read_lines(data, max_pages=limits.max_pages, seconds=limits.ocr_seconds)
    return reader.parse(document).add_flags([Flag(ocr.FLAG, "a scan: any word of it may be misread")])


def is_sampled(letter_id: str) -> bool:
    """Return whether a letter is in the audit's sample, by its hash."""
    return int(letter_id[:2], 16) < AUDITED_OF_256


def _load(path: Path, limits: Limits) -> bytes:
    """Return a file's bytes, unless it is empty or too large."""
    size = path.stat().st_size
    if size == 0:
        raise UnreadableError(Reason.ZERO_BYTES, "the file is empty")
    if size > limits.max_bytes:
        raise limits.describe_excess(size)
    return path.read_bytes()


class _PdfReader:
    """Reads one file by the routes that it needs."""

    def __init__(self, data: bytes, limits: Limits, letter_id: str, source_name: str, events: ReadEvents) -> None:
        self._data = data
        self._limits = limits
        self._on_reference = events.on_reference
        self._is_released = letter_id in limits.released
        self._parse = partial(parse_letter, letter_id=letter_id, source_name=source_name, released=self._is_released)

    def parse(self, document: Document) -> LetterRecord:
        """Return the record of a document with the flags of its file.

        Where no decision is found by its bold face, it is looked for as in a letter whose fonts are unknown.
        """
        flags = [*document.flags, *_check_unseen(document, self._is_released)]
        try:
            record = self._parse(document)
        except UnreadableError as error:
            if error.reason is not Reason.INCOMPLETE_LETTER or error.field != "decisions" or not document.has_fonts:
                raise
            record = self._parse(document.without_fonts())
            flags.append(Flag(_UNTRUSTED_FONTS, f"read without regard to bold face, as with it {error.detail}"))
        return record.add_flags(flags)

    def read(self) -> LetterRecord:
        """Return the record of a PDF with text, by the fast route where it is reliable."""
        try:
            document = fast.read_lines(self._data, max_pages=self._limits.max_pages, on_slow=self._on_reference)
        except DamagedError as damage:
            return self._read_damaged(damage)
        except UnsureError as unsure:
            return _add_new_flags(self._read_by_reference(), Flag(unsure.flag, str(unsure)))
        if document.doubt is not None:
            return self._read_doubtful(document, document.doubt)
        try:
            return self.parse(document)
        except UnreadableError as error:
            if error.reason in _SAME_BY_EITHER_ROUTE:
                raise
            return _add_new_flags(self._read_by_reference(), _flag_failure(fast.NAME, error))

    def audit(self, record: LetterRecord) -> LetterRecord:
        """Return a record with a flag for each field that the reference route reads differently."""
        try:
            differences = find_differences(record, self._read_by_reference())
        except UnreadableError as error:
            return record.add_flags([_flag_failure(REFERENCE_ROUTE, error)])
        return record.add_flags(Flag("routes_disagree", difference) for difference in differences)

    def _read_by_reference(self) -> LetterRecord:
        from extract.pdf_text import reference  # noqa: PLC0415 - few letters need it, and every worker would import it

        self._on_reference()
        return self.parse(reference.read_lines(self._data, max_pages=self._limits.max_pages))

    def _read_damaged(self, damage: DamagedError) -> LetterRecord:
        """Return what the reference route reads of a damaged file; if that is no letter, the reason is the damage."""
        try:
            return _add_new_flags(self._read_by_reference(), Flag(damage.flag, str(damage)))
        except UnreadableError as error:
            if error.reason not in _EFFECTS_OF_DAMAGE:
                raise
            detail = f"{damage}; the rest: {error}"
            raise UnreadableError(Reason.DAMAGED, detail, field=error.field, page=error.page) from error

    def _read_doubtful(self, document: Document, doubt: Flag) -> LetterRecord:
        """Return the fast route's record if the reference route confirms it, else the latter's, flagged.

        The reference route reads characters where they stand, and only those that can be seen.
        """
        record = self._read_by_reference()
        try:
            other = self.parse(document)
        except UnreadableError:
            return _add_new_flags(record, doubt, *document.flags)
        if any(find_differences(replace(other, flags=()), replace(record, flags=()))):
            return _add_new_flags(record, doubt, *document.flags)
        return _add_new_flags(other, *record.flags)


def _add_new_flags(record: LetterRecord, *flags: Flag) -> LetterRecord:
    """Return a record with the flags whose code it lacks."""
    codes = {flag.code for flag in record.flags}
    return record.add_flags(flag for flag in flags if flag.code not in codes)


def _check_redaction(unseen: Unseen) -> None:
    if unseen.unredacted_page is not None:
        detail = "contains text that is only covered, or marked to be removed"
        raise UnreadableError(Reason.IDENTITY_FOUND, detail, field="covered_text", page=unseen.unredacted_page)


def _check_unseen(document: Document, is_released: bool) -> list[Flag]:
    """Return the flag of a released letter with identity in what its pages do not show.

    Raises `UnreadableError` for such a letter that is not released.
    """
    unseen = document.unseen
    if unseen is None:
        return []
    text = Document(unseen.lines, document.page_count, document.extractor)
    try:
        _check_redaction(unseen)
        check_identity(text, {"unseen": Span(0, len(text.text))})
    except UnreadableError as error:
        if not is_released:
            raise
        return [Flag(RELEASED, f"page {error.page}: {error.detail}")]
    return []


def _flag_failure(route: str, error: UnreadableError) -> Flag:
    """Return the flag of a letter that only the other route could read."""
    return Flag("routes_disagree", f"by {route} no letter is read: {error}")


def find_differences(record: LetterRecord, other: LetterRecord) -> Iterator[str]:
    """Yield each field that two routes read differently, with both values, shortened."""
    for name, value in vars(record).items():
        if name != "extractor" and value != getattr(other, name):
            yield f"{name}: {value!r:.120} by {record.extractor}, {getattr(other, name)!r:.120} by {other.extractor}"
