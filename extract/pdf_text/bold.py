"""Decides whether a font is bold, by whatever its producer has kept: name, flags or weight."""

from __future__ import annotations

import re

_NAME = re.compile(r"bold|black|heavy|demi|[-, +]b(?:l?d)\b|[-, +]b(?:l?d)(?=[A-Z])|[-, +][Mm]edi(?!um)", re.IGNORECASE)
_FORCE_BOLD = 1 << 18
"""The flag of a font descriptor (PDF 1.7, table 123)."""
_WEIGHT = 700
"""Bold (CSS, OpenType). Pdfium estimates weights from stems: 645 for a regular font as Ghostscript writes it."""


def is_bold_font(name: str, flags: int, weight: float) -> bool:
    """Return whether a font is bold; 0 is an unknown weight."""
    return bool(_NAME.search(name)) or bool(flags & _FORCE_BOLD) or weight >= _WEIGHT
