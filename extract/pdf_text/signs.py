"""Cheap signs in a PDF's data that what is drawn may differ from the text in it.

A sign proves nothing: it makes the fast route compare the text with the drawn page, which takes longer.
"""

from __future__ import annotations

import re

# Each pattern begins with a literal and looks back, as every letter is searched.
_TEXT_REPLACED = b"/ActualText"
# A hyphen, a space or nothing with a width: what browsers state for the hyphen at a line's end.
_HARMLESS = re.compile(
    rb"/ActualText\s*(?:<\s*(?:FEFF)?(?:00AD|2010|2011|002D|0020|00A0|200B)\s*>|\([- \xad]\))", re.IGNORECASE
)
_LINE_END_HYPHEN = re.compile(rb"<00(?:AD|ad)>")
_IN_OBJECTS = re.compile(rb"/OC(?:Properties|G|MD)?\b|/Type3\b|/Luminosity\b|/ca\s*0?\.?\d(?<!\D1)")
_IN_CONTENT = re.compile(rb"/OC\b|Tr(?<=[1-7]\sTr)\b")
_COLOUR = re.compile(rb"\s(?:g|rg|k|scn?)\s")
_OPERAND = re.compile(rb"(\S+)\s*$")
_PAINT = re.compile(rb"\s(?:f\*?|F|B\*?|b\*?|Do|sh|W\*?|EI)\s")
_LIGHTEST = 0.88
"""A fill that is lighter than this hardly shows on paper; the letters' table heads have 0.875."""
_LONGEST_OPERAND = 16


class Signs:
    """What the objects and streams of one file have shown so far.

    `is_odd`: text may be invisible. `is_replaced`: text may be replaced. `has_soft_hyphens`: a font has the character
    U+00AD. `painted` counts the streams that fill or clip an area.
    """

    def __init__(self) -> None:
        """Begin with no sign."""
        self.is_odd = False
        self.is_replaced = False
        self.has_soft_hyphens = False
        self.painted = 0

    def add_objects(self, data: bytes) -> None:
        """Search the file's bytes, or an inflated stream of objects."""
        self.is_odd = self.is_odd or _IN_OBJECTS.search(data) is not None

    def add_stream(self, data: bytes) -> None:
        """Search an inflated stream, whose kind need not be known."""
        self.is_replaced = self.is_replaced or _replaces_text(data)
        self.has_soft_hyphens = self.has_soft_hyphens or _LINE_END_HYPHEN.search(data) is not None
        self.painted += _PAINT.search(data) is not None
        self.is_odd = self.is_odd or _IN_CONTENT.search(data) is not None or _has_light_fill(data)


def _replaces_text(data: bytes) -> bool:
    return _TEXT_REPLACED in data and _TEXT_REPLACED in _HARMLESS.sub(b"", data)


def _has_light_fill(data: bytes) -> bool:
    """Whether a fill is light, or a pattern: what is then printed may not show."""
    for operator in _COLOUR.finditer(data):
        operand = _OPERAND.search(data, max(0, operator.start() - _LONGEST_OPERAND), operator.start())
        try:
            number = float(operand[1]) if operand else 0.0
        except ValueError:  # the name of a pattern
            return True
        if (number < 1 - _LIGHTEST) if operator[0].strip() == b"k" else (number > _LIGHTEST):
            return True
    return False
