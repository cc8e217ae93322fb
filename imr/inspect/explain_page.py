"""Draws one page of `imr explain`: boxes over the text, names in the margins."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from extract.letters.regions import HEADING, LABEL, MARK, Region
from extract.pdf_text.placed import Box

Colour = tuple[int, int, int]

_HEADER, _REVIEWER, _SUMMARY = (33, 102, 172), (118, 42, 131), (0, 121, 107)
REASON, FLAG = "reason", "flag"
COLOURS: dict[str, Colour] = {
    "licensure_states": _REVIEWER,
    "specialties": _REVIEWER,
    "clinical_case_summary": _SUMMARY,
    "patient_age": _SUMMARY,
    "patient_sex": _SUMMARY,
    "diagnoses": _SUMMARY,
    "treatment_requested": (217, 72, 1),
    "outcome": (203, 24, 29),
    "claims_admin_guideline": (140, 81, 10),
    "reviewer_guideline": (85, 107, 47),
    "rationale": (63, 81, 181),
    REASON: (173, 20, 87),
    FLAG: (200, 0, 0),
    HEADING: (110, 110, 110),
    LABEL: (110, 110, 110),
    MARK: (158, 61, 130),
}
"""By kind of region; all others are fields of the header."""
_RED = (200, 0, 0)
_NAMES = {
    "claims_admin_guideline": "claims admin guideline",
    "clinical_case_summary": "case summary",
    "treatment_requested": "treatment",
}
_FILL, _MARGIN, _GAP, _FONT_SIZE = 40, 225, 8, 14
_NAMED_RIGHT = frozenset({"outcome", "patient_age", "patient_sex", "diagnoses", REASON, FLAG})
"""Kinds named in the right margin, since the left one names the text around them."""


@dataclass(frozen=True)
class Marked:
    """A line of a region; `is_named` if its name is drawn, `continues` if the region began on an earlier page."""

    region: Region
    box: Box
    is_named: bool
    continues: bool


@dataclass
class _Name:
    text: str
    colour: Colour
    anchor: tuple[int, int]
    is_right: bool
    top: int = 0


def draw_page(picture: Any, marked: list[Marked], title: str, reason: str | None) -> Image.Image:
    """Return pdfplumber's picture of a page with boxed regions and their names.

    `title` is printed above it. A `reason` why the letter cannot be read is printed in red, with a frame.
    """
    drawn = {(mark.region.kind, mark.box): mark for mark in marked}  # decisions may share a rationale
    for mark in drawn.values():
        colour = COLOURS.get(mark.region.kind, _HEADER)
        fill = (*colour, 0 if mark.region.kind in (HEADING, LABEL) else _FILL)
        picture.draw_rect(mark.box.corners, fill=fill, stroke=(*colour, 200), stroke_width=1)
    page: Image.Image = picture.annotated
    reason_lines = textwrap.wrap(reason, 110) if reason else []
    band = 2 * _GAP + (1 + len(reason_lines)) * (_FONT_SIZE + 6)
    canvas = Image.new("RGB", (page.width + 2 * _MARGIN, page.height + band), (246, 246, 246))
    canvas.paste(page, (_MARGIN, band))
    draw = ImageDraw.Draw(canvas)
    draw.text((_GAP, _GAP), title, font=_font(), fill="black")
    for number, line in enumerate(reason_lines, 1):
        draw.text((_GAP, _GAP + number * (_FONT_SIZE + 6)), line, font=_font(), fill=_RED)
    frame = (_MARGIN, band, _MARGIN + page.width - 1, canvas.height - 1)
    draw.rectangle(frame, outline=_RED if reason else (200, 200, 200), width=3 if reason else 1)
    names = list(_find_names(picture, marked, band))
    for is_right in (False, True):
        side = [n for n in names if n.is_right is is_right]
        _place_names(side, band, canvas.height)
        for name in side:
            _draw_name(draw, name, canvas.width)
    return canvas


def _find_names(picture: Any, marked: list[Marked], band: int) -> Iterator[_Name]:
    scale = float(picture.scale)
    middle = picture.bbox[0] + (picture.bbox[2] - picture.bbox[0]) / 2
    for mark in marked:
        region, box = mark.region, mark.box
        if not mark.is_named:
            continue
        is_right = region.kind in _NAMED_RIGHT or box.x0 > middle
        x = _MARGIN + int(((box.x1 if is_right else box.x0) - picture.bbox[0]) * scale)
        y = band + int((box.bottom - picture.bbox[1]) * scale)
        yield _Name(name_of(region, continues=mark.continues), COLOURS.get(region.kind, _HEADER), (x, y), is_right)


def name_of(region: Region, *, continues: bool = False) -> str:
    """Return a region's name in the picture: the number of its decision, and its field."""
    words = _NAMES.get(region.name, region.name.replace("_", " "))
    if region.kind in (HEADING, LABEL):
        words = f"{region.kind}: {words}"
    number = f"{region.decision}  " if region.decision else ""
    return f"{number}{words}{' (continued)' if continues else ''}"


def _place_names(names: list[_Name], top: int, bottom: int) -> None:
    """Place the names beside their boxes, moved down where they overlap, and up at the bottom of the page."""
    height = _FONT_SIZE + 4
    names.sort(key=lambda n: (n.anchor[1], n.anchor[0]))
    for name in names:
        name.top = max(top, name.anchor[1] - height + 2)
        top = name.top + height
    for name in reversed(names):
        name.top = min(name.top, bottom - height)
        bottom = name.top


def _draw_name(draw: ImageDraw.ImageDraw, name: _Name, width: int) -> None:
    """Draw a name in its margin, underlined, with a line to its box."""
    length = int(draw.textlength(name.text, font=_font()))
    left = width - _MARGIN + _GAP if name.is_right else _MARGIN - _GAP - length
    draw.text((left, name.top), name.text, font=_font(), fill=name.colour)
    edge = width - _MARGIN if name.is_right else _MARGIN
    foot = name.top + _FONT_SIZE + 2
    outer = left + length if name.is_right else left
    draw.line([(outer, foot), (edge, foot), (edge, name.anchor[1]), name.anchor], fill=name.colour, width=1)


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(_FONT_SIZE)
