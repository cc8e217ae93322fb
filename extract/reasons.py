"""The closed list of quarantine reasons, and the error that carries one."""

from __future__ import annotations

from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why a file is quarantined; the value is written to the ledger and names the quarantine folder."""

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
    Reason.ZERO_BYTES: "fetch the file again: it is empty",
    Reason.NOT_A_PDF: "check what the file is; only PDF letters and .txt letters are read",
    Reason.DAMAGED: "fetch the file again: it is cut off or garbled",
    Reason.PASSWORD: "save a copy without its password, or ask the sender for one",
    Reason.NO_TEXT_LAYER: "a scan: set IMR_OCR=true (needs tesseract) and read it again, or drop a copy with text",
    Reason.TOO_LARGE: "check the file; raise IMR_MAX_FILE_MB if it is a letter",
    Reason.TOO_MANY_PAGES: "check the file; raise IMR_MAX_PAGES if it is a letter",
    Reason.TIMED_OUT: "open the file with care: it may be crafted to hang the program that reads it",
    Reason.CRASHED: "open the file with care: it crashed its worker process, or needs too much memory",
    Reason.UNKNOWN_FORMAT: "if it is a determination letter, add its format under extract/letters/formats/",
    Reason.AMBIGUOUS_FORMAT: "make the marks of the two formats under extract/letters/formats/ more specific",
    Reason.IDENTITY_FOUND: "have the letter redacted; do not forward it as it is",
    Reason.INCOMPLETE_LETTER: "look for a complete copy: a part of the letter is missing",
}


class UnreadableError(Exception):
    """A file that gives no letter record.

    `detail` says what was found; `field` and `page` (from 1) say where, and are `None` for the file as a whole.
    """

    def __init__(self, reason: Reason, detail: str, *, field: str | None = None, page: int | None = None):
        """Set the attributes and the message."""
        self.reason = reason
        self.detail = detail
        self.field = field
        self.page = page
        where = "".join([f", page {page}" if page else "", f", {field}" if field else ""])
        super().__init__(f"{reason}{where}: {detail}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to unpickle the error in another process."""
        return _make_error, (self.reason, self.detail, self.field, self.page)


def _make_error(reason: Reason, detail: str, field: str | None, page: int | None) -> UnreadableError:
    return UnreadableError(reason, detail, field=field, page=page)
