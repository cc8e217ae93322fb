"""Reads PDF bytes into text lines, each with its page and whether it begins in bold.

`fast` (pdfium) reads nearly every letter. `reference` (pdfplumber) reads those that `fast` cannot read reliably, and
a sample of the rest for comparison. `ocr` reads scans, if it is turned on.
"""

from extract.pdf_text import fast, ocr, reference
from extract.pdf_text.fast import UnsureError

__all__ = ["UnsureError", "fast", "ocr", "reference"]
