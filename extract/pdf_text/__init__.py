"""Reads PDF bytes into text lines, each with its page and whether it begins in bold.

`fast` (pdfium) reads nearly every letter. `reference` (pdfplumber) reads those that `fast` cannot read reliably, and
a sample of the rest for comparison. `ocr` reads scans, if it is turned on.
"""

REFERENCE_ROUTE = "pdfplumber"
"""Name of the reference route, whose library is imported where a letter needs it."""
