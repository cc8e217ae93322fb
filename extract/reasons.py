"""The closed list of quarantine reasons, and the error that carries one."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Any


class Reason(StrEnum):
    """Why a file is quarantined, and what to do about it.

    The value is written to the ledger and names the quarantine folder.
    """

    remedy: str

    def __new__(cls, value: str, remedy: str = "") -> Reason:
        """Make a member whose value is the reason."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.remedy = remedy
        return member

    ZERO_BYTES = "zero_bytes", "fetch the file again: it is empty"
    NOT_A_PDF = "not_a_pdf", "check what the file is; only PDF letters and .txt letters are read"
    DAMAGED = "damaged", "fetch the file again: it is cut off or garbled"
    NOT_OPENED = "not_opened", "check that the file is still there and may be read"
    PASSWORD = "password", "save a copy without its password, or ask the sender for one"
    NO_TEXT_LAYER = (
        "no_text_layer",
        "a scan: set IMR_OCR=true (needs tesseract) and read it again, or put a copy with text into the inbox",
    )
    TOO_LARGE = "too_large", "check the file; raise IMR_MAX_FILE_MB if it is a letter"
    TOO_MANY_PAGES = "too_many_pages", "check the file; raise IMR_MAX_PAGES if it is a letter"
    TIMED_OUT = "timed_out", "open the file with care: it may be crafted to hang the program that reads it"
    CRASHED = "crashed", "open the file with care: it crashed its worker process, or needs too much memory"
    UNKNOWN_FORMAT = (
        "unknown_format",
        "if it is a determination letter, add its format under extract/letters/formats/",
    )
    AMBIGUOUS_FORMAT = (
        "ambiguous_format",
        "make the marks of the two formats under extract/letters/formats/ more specific",
    )
    SEVERAL_LETTERS = "several_letters", "split the file: it holds more than one letter"
    PAGES_OUT_OF_ORDER = (
        "pages_out_of_order",
        "put the pages in order: one is missing, out of place or in the file twice",
    )
    FOREIGN_PAGES = (
        "foreign_pages",
        "take out what is no part of the letter: a cover sheet, a proof of service, a page of another document",
    )
    CASE_NUMBER_MALFORMED = "case_number_malformed", "look for a better copy: its case number is cut off or misprinted"
    OUTCOME_NOT_UNDERSTOOD = (
        "outcome_not_understood",
        "if the wording is a decision, add it to extract/letters/vocabulary/outcomes.csv and read the letter again",
    )
    IMPLAUSIBLE_FACT = (
        "implausible_fact",
        "compare the fact with the page: get a corrected letter, or correct the grammar and read it again",
    )
    INCOMPLETE_LETTER = "incomplete_letter", "look for a complete copy: a part of the letter is missing"
    IDENTITY_FOUND = "identity_found", "have the letter redacted; do not forward it as it is"


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
        return partial(UnreadableError, field=self.field, page=self.page), (self.reason, self.detail)
