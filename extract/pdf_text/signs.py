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
_PAGE_IN_STRUCTURE = re.compile(rb"/StructParents\s+(\d+)")
_LAYER = b"/OC"
_RENDER_MODE = re.compile(rb"Tr(?<=[1-7]\sTr)\b")
# What fills an area, and all fill colours but black and the grey of the letters' table heads.
_OPERATOR = re.compile(
    rb" (?=[rsIlcvygk])(re|sh|ID|[lcvy]|g(?<!\s0 g)(?<!\.875 g)"
    rb"|scn(?<!\s0 scn)(?<!\s0  scn)(?<!\.875 scn)(?<!\.875  scn)|rg(?<!\s0 0 0 rg)|k|sc)[\r\n ]"
)
_COLOURS = {b"g", b"rg", b"k", b"sc", b"scn"}
_IMAGE = re.compile(rb"Do(?<=\sDo)\b")
_RECTANGLE = b"re"
_CLIP = re.compile(rb" re\s+W")
_SHOWS = (b"TJ", b"Tj")
_AREAS_PER_TEXT, _FEWEST_AREAS = 1.5, 10
_THICKEST = 3.0
"""Points; a rule or border is no thicker, and hides nothing."""
_SPECK = re.compile(rb"Tf(?:(?<=\s0\.\d Tf)|(?<=\s0\.\d\d Tf)|(?<=\s\.\d Tf)|(?<=\s\.\d\d Tf))")
_DARKEST = 0.5
"""A fill that is lighter may not show on paper; but the letters' table heads are filled with 0.875."""
_LONGEST_OPERAND = 16
_LONGEST_SNIFFED = 1024


class Signs:
    """What the objects and streams of one file have shown so far.

    `is_odd`: text may be invisible. `is_replaced`: text may be replaced. `has_soft_hyphens`: a font has the character
    U+00AD. `structure_numbers` are those of the pages in the order in which they were written. `painted` counts the
    streams that fill or clip an area otherwise than tables do, `images` what else is drawn on pages.
    """

    def __init__(self) -> None:
        """Begin with no sign."""
        self.is_odd = False
        self.is_replaced = False
        self.has_soft_hyphens = False
        self.structure_numbers: list[int] = []
        self.painted = 0
        self.images = 0

    def add_objects(self, data: bytes) -> None:
        """Search the file's bytes, or an inflated stream of objects."""
        self.is_odd = self.is_odd or _IN_OBJECTS.search(data) is not None
        self.structure_numbers += map(int, _PAGE_IN_STRUCTURE.findall(data))

    def find_page_changes(self, page_count: int) -> str | None:
        """Return how the pages differ from those that were written together, or `None`.

        Programs number the pages of a tagged file from 0 (PDF 1.7, 14.7.4.4), and others keep these numbers.
        """
        numbers = self.structure_numbers
        if numbers and max(numbers) - min(numbers) + 1 > page_count:
            return f"it was written with more pages than these {page_count}"
        if len(set(numbers)) < len(numbers) == page_count:
            return "its pages were written in several files"
        return None

    def add_stream(self, data: bytes) -> None:
        """Search an inflated stream, whose kind need not be known."""
        if b"begincmap" in data:
            self.has_soft_hyphens = self.has_soft_hyphens or _SOFT_HYPHEN.search(data) is not None
            return
        if b"\0" in data[:_LONGEST_SNIFFED]:  # a font's
            return
        self.is_replaced = self.is_replaced or _replaces_text(data)
        patterns = (_RENDER_MODE, _SPECK)
        self.is_odd = self.is_odd or _LAYER in data or any(pattern.search(data) for pattern in patterns)
        self.images += len(_IMAGE.findall(data))
        areas, has_other = [], False
        for operator in _OPERATOR.finditer(data):
            kind = operator[1]
            if kind == _RECTANGLE:
                areas.append(operator.start())
            elif kind not in _COLOURS:
                has_other = True
            elif _is_light(data, operator.start(), kind):
                self.is_odd = True
        self.painted += has_other or not _is_table(data, areas)


def _is_light(data: bytes, end: int, operator: bytes) -> bool:
    """Whether a fill is neither black nor dark, or a pattern: what is then printed may not show."""
    try:
        number = float(data[max(0, end - _LONGEST_OPERAND) : end].split()[-1])
    except (ValueError, IndexError):
        return True
    return number < 1 - _DARKEST if operator == b"k" else number > _DARKEST


def _is_table(data: bytes, areas: list[int]) -> bool:
    """Whether areas are filled and clipped only in a table, which has more of them than texts.

    The header table of a letter has some 120, for its cells and their borders. To search its objects one by one takes
    a fifth of a letter's time.
    """
    if areas and _CLIP.match(data, areas[-1]) and not any(data.find(show, areas[-1]) >= 0 for show in _SHOWS):
        areas = areas[:-1]  # the last clip was for a logo
    texts = sum(data.count(show, 0, areas[-1]) for show in _SHOWS) if areas else 0
    if texts and len(areas) >= _FEWEST_AREAS:
        return len(areas) > _AREAS_PER_TEXT * texts
    return all(_is_border(data, area) for area in areas)


def _is_border(data: bytes, area: int) -> bool:
    try:
        width, height = map(float, data[max(0, area - _LONGEST_OPERAND * 2) : area].split()[-2:])
    except ValueError:
        return False
    return min(abs(width), abs(height)) <= _THICKEST and not _CLIP.match(data, area)


def _replaces_text(data: bytes) -> bool:
    return _TEXT_REPLACED in data and _TEXT_REPLACED in _HARMLESS.sub(b"", data)
