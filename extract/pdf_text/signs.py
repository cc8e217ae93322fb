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
_SOFT_HYPHEN = re.compile(rb"<00(?:AD|ad)>")
_IN_OBJECTS = re.compile(rb"/OC(?:Properties|G|MD)?\b|/Type3\b|/Luminosity\b|/ca\s*0?\.?\d(?<!\D1)")
_LAYER = b"/OC"
_RENDER_MODE = re.compile(rb"Tr(?<=[1-7]\sTr)\b")
# What fills an area, and all fill colours but black and the grey of the letters' table heads.
_OPERATOR = re.compile(
    rb" (re|sh|ID|[lcvy]|g(?<!\s0 g)(?<!0\.875 g)|scn(?<!\s0 scn)(?<!\s0  scn)(?<!0\.875 scn)(?<!0\.875  scn)"
    rb"|rg(?<!\s0 0 0 rg)|k|sc)[\r\n ]"
)
_COLOURS = {b"g", b"rg", b"k", b"sc", b"scn"}
_AREA = {b"re"}
_IMAGE = re.compile(rb"Do(?<=\sDo)\b")
_RECTANGLE = b" re"
_CLIP = re.compile(rb" re\s+W")
_SHOWS = (b"TJ", b"Tj")
_AREAS_PER_TEXT = 1.5
_DARKEST = 0.5
"""A fill that is lighter may not show on paper; but the letters' table heads are filled with 0.875."""
_LONGEST_OPERAND = 16
_LONGEST_SNIFFED = 1024


class Signs:
    """What the objects and streams of one file have shown so far.

    `is_odd`: text may be invisible. `is_replaced`: text may be replaced. `has_soft_hyphens`: a font has the character
    U+00AD. `painted` counts the streams that fill or clip an area otherwise than tables do, `images` what else is
    drawn on pages.
    """

    def __init__(self) -> None:
        """Begin with no sign."""
        self.is_odd = False
        self.is_replaced = False
        self.has_soft_hyphens = False
        self.painted = 0
        self.images = 0

    def add_objects(self, data: bytes) -> None:
        """Search the file's bytes, or an inflated stream of objects."""
        self.is_odd = self.is_odd or _IN_OBJECTS.search(data) is not None

    def add_stream(self, data: bytes) -> None:
        """Search an inflated stream, whose kind need not be known."""
        if b"begincmap" in data:
            self.has_soft_hyphens = self.has_soft_hyphens or _SOFT_HYPHEN.search(data) is not None
            return
        if b"\0" in data[:_LONGEST_SNIFFED]:  # a font's
            return
        self.is_replaced = self.is_replaced or _replaces_text(data)
        self.is_odd = self.is_odd or _LAYER in data or _RENDER_MODE.search(data) is not None
        self.images += len(_IMAGE.findall(data))
        used = set()
        for operator in _OPERATOR.finditer(data):
            used.add(operator[1])
            if operator[1] in _COLOURS and _is_light(data, operator.start(), operator[1]):
                self.is_odd = True
        if used - _COLOURS:
            self.painted += not (used - _COLOURS == _AREA and _is_table(data))


def _is_light(data: bytes, end: int, operator: bytes) -> bool:
    """Whether a fill is neither black nor dark, or a pattern: what is then printed may not show."""
    try:
        number = float(data[max(0, end - _LONGEST_OPERAND) : end].split()[-1])
    except (ValueError, IndexError):
        return True
    return number < 1 - _DARKEST if operator == b"k" else number > _DARKEST


def _is_table(data: bytes) -> bool:
    """Whether areas are filled and clipped only in a table, which has more of them than texts.

    The header table of a letter has some 120, for its cells and their borders. To search its objects one by one takes
    a fifth of a letter's time.
    """
    end = _find_last_rectangle(data, len(data))
    if _CLIP.match(data, end) and not any(data.find(show, end) >= 0 for show in _SHOWS):
        end = _find_last_rectangle(data, end)  # the last clip was for a logo
    if end < 0:
        return True
    texts = sum(data.count(show, 0, end) for show in _SHOWS)
    return data.count(_RECTANGLE, 0, end) > _AREAS_PER_TEXT * texts


def _find_last_rectangle(data: bytes, end: int) -> int:
    return max(data.rfind(_RECTANGLE + space, 0, end) for space in (b"\n", b"\r", b" "))


def _replaces_text(data: bytes) -> bool:
    return _TEXT_REPLACED in data and _TEXT_REPLACED in _HARMLESS.sub(b"", data)
