"""How a load of the sample files ends."""

from __future__ import annotations

from extract.samples import FILES

QUARANTINED = {
    "damaged.pdf": "damaged",
    "locked.pdf": "password",
    "not a letter.pdf": "unknown_format",
    "scan.pdf": "no_text_layer",
}
"""Reason by file name."""
COPY = "one more copy.pdf"
NAMES = {file.name for file in FILES.iterdir()}
LOADED = NAMES - set(QUARANTINED) - {COPY}
