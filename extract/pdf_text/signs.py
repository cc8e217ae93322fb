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
_LAYER = b"/OC"
_RENDER_MODE = re.compile(rb"Tr(?<=[1-7]\sTr)\b")
# All fills but black and the grey of the letters' table heads.
_COLOUR = re.compile(
    rb" (?:g(?<!\s0 g)(?<!0\.875 g)|scn(?<!\s0 scn)(?<!\s0  scn)(?<!0\.875 scn)(?<!0\.875  scn)"
    rb"|rg(?<!\s0 0 0 rg)|k|sc)[\r\n ]"
)
_OPERAND = re.compile(rb"(\S+)\s*$")
_PAINT = re.compile(rb" (?:re|sh|ID|[lcvy])[\r\n ]")
_IMAGE = re.compile(rb"Do(?<=\sDo)\b")
_OTHER_PAINT = re.compile(rb" (?:sh|ID|[lcvy])[\r\n ]")
_RECTANGLE = b" re"
_AREA = re.compile(rb" re\s+(?:(f\*?)|W\*?\s+n)\b")
_PLACE = b" Tm"
_BLACK = 0.5
_BORDER = 3.0
"""Points; a rule or border is no wider, and hides nothing."""
_DARKEST = 0.5
"""A fill that is lighter may not show on paper; but the letters' table heads are filled with 0.875."""
_LONGEST_OPERAND = 16


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
        self.is_replaced = self.is_replaced or _replaces_text(data)
        self.has_soft_hyphens = self.has_soft_hyphens or _LINE_END_HYPHEN.search(data) is not None
        if b"begincmap" in data:
            return
        self.images += len(_IMAGE.findall(data))
        self.painted += _PAINT.search(data) is not None and not _is_table(data)
        self.is_odd = self.is_odd or _LAYER in data or _RENDER_MODE.search(data) is not None or _has_light_fill(data)


def _is_table(data: bytes) -> bool:
    """Whether each area that is filled or clipped is a border, or a cell of a table with its text after it."""
    areas = list(_AREA.finditer(data))
    if len(areas) != data.count(_RECTANGLE) or _OTHER_PAINT.search(data):
        return False
    try:
        return all(_is_cell(data, area) for area in areas)
    except ValueError:  # not written as numbers
        return False


def _is_cell(data: bytes, area: re.Match[bytes]) -> bool:
    x, y, width, height = map(float, data[max(0, area.start() - 48) : area.start()].split()[-4:])
    is_fill = area[1] is not None
    if is_fill and (abs(width) <= _BORDER or abs(height) <= _BORDER):
        return True
    at = data.find(_PLACE, area.end())
    if at < 0:
        return not is_fill  # a clip without text
    left, base = map(float, data[max(0, at - 32) : at].split()[-2:])
    is_inside = min(x, x + width) - 1 <= left <= max(x, x + width) and min(y, y + height) <= base <= max(y, y + height)
    return is_inside and not (is_fill and _find_fill(data, area.start()) < _BLACK)


def _find_fill(data: bytes, end: int) -> float:
    """Return the grey of the last fill colour before an offset."""
    at = max(data.rfind(b" g", 0, end), data.rfind(b" scn", 0, end))
    return float(data[max(0, at - _LONGEST_OPERAND) : at].split()[-1]) if at >= 0 else 0.0


def _replaces_text(data: bytes) -> bool:
    return _TEXT_REPLACED in data and _TEXT_REPLACED in _HARMLESS.sub(b"", data)


def _has_light_fill(data: bytes) -> bool:
    """Whether a fill is neither black nor dark: what is then printed may not show."""
    for operator in _COLOUR.finditer(data):
        operand = _OPERAND.search(data, max(0, operator.start() - _LONGEST_OPERAND), operator.start())
        try:
            number = float(operand[1]) if operand else 0.0
        except ValueError:  # the name of a pattern
            return True
        if (number < 1 - _DARKEST) if operator[0].strip() == b"k" else (number > _DARKEST):
            return True
    return False
