"""Why a file could not be read: a closed list. A quarantined file always carries one of these."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """The quarantine reasons; the value is what the ledger and the quarantine folder are named by."""

    ZERO_BYTES = "zero_bytes"
    NOT_A_PDF = "not_a_pdf"
    DAMAGED = "damaged"
    PASSWORD = "password"  # noqa: S105 - the name of a reason, not a secret
    NO_TEXT_LAYER = "no_text_layer"
    TOO_LARGE = "too_large"
    TOO_MANY_PAGES = "too_many_pages"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    UNKNOWN_FORMAT = "unknown_format"
    AMBIGUOUS_FORMAT = "ambiguous_format"
    INCOMPLETE_LETTER = "incomplete_letter"
    IDENTITY_FOUND = "identity_found"

    @property
    def remedy(self) -> str:
        """What a person does about it."""
        return _REMEDIES[self]


_REMEDIES = {
    Reason.ZERO_BYTES: "fetch the file again: nothing arrived",
    Reason.NOT_A_PDF: "look at what the file really is; only PDF letters and .txt letters are read",
    Reason.DAMAGED: "fetch the file again: it is cut off or garbled",
    Reason.PASSWORD: "save a copy without its password, or ask the sender for one",
    Reason.NO_TEXT_LAYER: "a scan: set IMR_OCR=true (needs tesseract) and read it again, or drop a copy with text",
    Reason.TOO_LARGE: "look at the file; raise IMR_MAX_FILE_MB if it is a letter",
    Reason.TOO_MANY_PAGES: "look at the file; raise IMR_MAX_PAGES if it is a letter",
    Reason.TIMED_OUT: "look at the file with care: it may be made to hang its reader",
    Reason.CRASHED: "look at the file with care: it killed its reader, or needs too much memory",
    Reason.UNKNOWN_FORMAT: "if it is a determination letter, add its layout under extract/letters/formats/",
    Reason.AMBIGUOUS_FORMAT: "sharpen the marks of the two layouts under extract/letters/formats/",
    Reason.IDENTITY_FOUND: "have the letter redacted; do not pass it on as it is",
    Reason.INCOMPLETE_LETTER: "look for a complete copy: a part of the letter is missing",
}


class UnreadableError(Exception):
    """A file that gives no letter record."""

    def __init__(self, reason: Reason, detail: str, *, field: str | None = None, page: int | None = None):
        """`reason` is from the closed list; `detail` says what was seen; `field` and `page` (from 1) say
        where, and are `None` where the file as a whole is meant.
        """
        self.reason = reason
        self.detail = detail
        self.field = field
        self.page = page
        where = "".join([f", page {page}" if page else "", f", {field}" if field else ""])
        super().__init__(f"{reason}{where}: {detail}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Let a worker process hand it over whole."""
        return _rebuilt, (self.reason, self.detail, self.field, self.page)


def _rebuilt(reason: Reason, detail: str, field: str | None, page: int | None) -> UnreadableError:
    return UnreadableError(reason, detail, field=field, page=page)
