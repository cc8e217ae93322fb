"""PDF bytes to text lines, each with its page and whether it begins in bold. Two routes, one interface.

`fast` (pdfium) reads nearly every letter; `reference` (pdfplumber) reads what `fast` is not sure of, and
a standing sample of the rest, to see that both agree. `ocr` is for scans, where somebody has asked for it.
"""

from extract.pdf_text import fast, ocr, reference
from extract.pdf_text.fast import UnsureError

__all__ = ["UnsureError", "fast", "ocr", "reference"]
