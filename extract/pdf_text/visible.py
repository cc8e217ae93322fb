"""Finds characters that a reader of the page cannot see, by looking for ink where they stand.

Whatever hides a character (its colour, a rectangle over it, a layer that is off, the page's edge, a clip, a render
mode), it leaves one even colour in its place.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

_SCALE = 2.0
"""Pixels per point: a full stop of a common size has two."""
_MOST_PIXELS = 16_000_000
MOST_OBJECTS = 10_000
"""Objects of a page that is drawn; a letter's has some 200."""
_CONTRAST = 24
"""Difference of brightness, of 255, below which nothing can be made out."""
_WHITE = 255
_NEAR_WHITE = bytes(range(_WHITE - _CONTRAST + 1, _WHITE + 1))
_DARK = 128
_LOWEST = 1.5
"""Points; lower characters are specks."""
_SMALL = 3.0
"""Points; a rule or border is no wider, and hides nothing."""
_CELL, _SHARE, _OVERLAPPING = 12.0, 0.35, 3
"""Points within which characters are compared, the share of one that another covers, and how many have to."""
_FIRST, _LAST = 2, 3
_DARK_FILL = 400
"""Sum of red, green and blue, of 765."""


class Place(NamedTuple):
    """A character's rectangle in points from the upper left corner of the page as drawn."""

    x0: float
    top: float
    x1: float
    bottom: float


class Hidden(NamedTuple):
    """Which of a page's characters cannot be seen, and whether a dark area covers one.

    `overlaps`: text is printed over other text, so that ink does not show whether both can be seen. `runs_over`: lines
    that begin on the page run over its edge. They are not hidden, as the rest shows what they say.
    """

    chars: tuple[bool, ...]
    is_blacked_out: bool
    overlaps: bool
    runs_over: bool


class Picture:
    """The brightness of a drawn page, with its annotations."""

    def __init__(self, page: Any) -> None:
        """Draw a page of pdfium's."""
        width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
        self.width = width
        self._scale = min(_SCALE, math.sqrt(_MOST_PIXELS / max(width * height, 1)))
        self._width, self._height = max(1, int(width * self._scale)), max(1, int(height * self._scale))
        bitmap = pdfium.FPDFBitmap_CreateEx(self._width, self._height, pdfium.FPDFBitmap_Gray, None, 0)
        if not bitmap:
            raise MemoryError
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, self._width, self._height, 0xFFFFFFFF)
            flags = pdfium.FPDF_ANNOT | pdfium.FPDF_GRAYSCALE
            pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, self._width, self._height, 0, flags)
            self._stride = pdfium.FPDFBitmap_GetStride(bitmap)
            size = self._stride * self._height
            self._rows = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), size)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)

    def find_ink(self, place: Place) -> tuple[bool, bool]:
        """Return whether there is anything to see in a place, and whether the place is dark."""
        left, right = max(0, int(place.x0 * self._scale)), min(self._width, math.ceil(place.x1 * self._scale))
        top, bottom = max(0, int(place.top * self._scale)), min(self._height, math.ceil(place.bottom * self._scale))
        if left >= right or top >= bottom or place.bottom - place.top < _LOWEST:
            return False, False
        rows = range(top * self._stride, bottom * self._stride, self._stride)
        pixels = b"".join([self._rows[row + left : row + right] for row in rows])
        if _WHITE in pixels:  # the usual case, far faster
            return bool(pixels.strip(_NEAR_WHITE)), False
        darkest, lightest = min(pixels), max(pixels)
        return lightest - darkest >= _CONTRAST, lightest < _DARK


def draw_page(page: Any) -> Picture | None:
    """Return the picture of a page; `None` for one of so many objects that it takes seconds to draw."""
    return Picture(page) if pdfium.FPDFPage_CountObjects(page) <= MOST_OBJECTS else None


def find_hidden(text: Sequence[str], places: Sequence[Place | None], picture: Picture) -> Hidden:
    """Return which characters of a page cannot be seen, word by word.

    A character without a place, such as a space, is hidden with the one before it. A word is hidden if most of it is,
    as ink of its neighbours may reach into a place.
    """
    over = _find_overrun(places, picture)
    seen: list[bool | None] = []
    dark: list[bool] = []
    for char, place in zip(text, places, strict=True):
        has_ink, is_dark = (None, False) if place is None or char.isspace() else picture.find_ink(place)
        seen.append(True if len(seen) in over else has_ink)
        dark.append(is_dark)
    hidden: list[bool] = []
    is_blacked_out = False
    for start, end in _find_words(text):
        word = [has_ink for has_ink in seen[start:end] if has_ink is not None]
        if not word:
            hidden += [bool(hidden) and hidden[-1]] * (end - start)
            continue
        is_hidden = 2 * sum(word) < len(word) or (not any(word))
        hidden += [is_hidden] * (end - start)
        is_blacked_out = is_blacked_out or (is_hidden and any(dark[start:end]) and text[start].isalnum())
    shown = [(char, place) for char, place, gone in zip(text, places, hidden, strict=True) if place and not gone]
    return Hidden(tuple(hidden), is_blacked_out, _has_overlap(shown), bool(over))


def _has_overlap(shown: list[tuple[str, Place]]) -> bool:
    """Whether characters lie on others; the same character twice is somebody's way to print in bold."""
    cells: dict[tuple[int, int], list[tuple[str, Place]]] = {}
    overlapping = 0
    for char, place in shown:
        if not char.isalnum():
            continue
        across, down = int(place.x0 / _CELL), int(place.top / _CELL)
        near = [cells.get((x, y), ()) for x in (across - 1, across, across + 1) for y in (down - 1, down, down + 1)]
        overlapping += any(
            there.x0 < place.x1 and place.x0 < there.x1 and char != other and _share(place, there) > _SHARE
            for cell in near
            for other, there in cell
        )
        cells.setdefault((across, down), []).append((char, place))
    return overlapping >= _OVERLAPPING


def _share(one: Place, other: Place) -> float:
    """Return the share of a place that another one covers."""
    width, height = (
        min(one.x1, other.x1) - max(one.x0, other.x0),
        min(one.bottom, other.bottom) - max(one.top, other.top),
    )
    return max(0.0, width) * max(0.0, height) / max((one.x1 - one.x0) * (one.bottom - one.top), 0.01)


def _find_overrun(places: Sequence[Place | None], picture: Picture) -> set[int]:
    """Return the characters beyond the right edge in lines that begin on the page and run on without a gap."""
    over: set[int] = set()
    before: Place | None = None
    for at, place in enumerate(places):
        if place is None:
            continue
        height = place.bottom - place.top
        runs_on = before is not None and -height < place.x0 - before.x1 < height
        if place.x1 > picture.width and runs_on and before is not None and abs(place.bottom - before.bottom) < _SMALL:
            over.add(at)
            before = place
        else:
            before = place if place.x1 <= picture.width else None
    return over


def _find_words(text: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the bounds of each word; every other character is one by itself."""
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not (text[at - 1].isalnum() and text[at].isalnum()):
            yield start, at
            start = at


Bounds = tuple[float, float, float, float]
"""Left, bottom, right and top."""


def may_hide_text(page: Any) -> bool:
    """Whether something is drawn on a page that could cover or clip text, as far as the bounds of objects show."""
    if pdfium.FPDFPage_CountObjects(page) > MOST_OBJECTS:
        return True
    get_item, get_kind = pdfium.FPDFPage_GetObject, pdfium.FPDFPageObj_GetType
    items = [get_item(page, number) for number in range(pdfium.FPDFPage_CountObjects(page))]
    kinds = [get_kind(item) for item in items]
    if any(_has_text(item) for item, kind in zip(items, kinds, strict=True) if kind == pdfium.FPDF_PAGEOBJ_FORM):
        return True
    areas = {
        number: bounds
        for number, kind in enumerate(kinds)
        if kind != pdfium.FPDF_PAGEOBJ_TEXT
        and not _is_thin(bounds := _find_bounds(items[number]))
        and (kind != pdfium.FPDF_PAGEOBJ_PATH or _covers(items[number]))
    }
    darks = {number for number in areas if kinds[number] != pdfium.FPDF_PAGEOBJ_PATH or _is_dark(items[number])}
    last = math.inf if darks else max(areas, default=-1)
    for number, kind in enumerate(kinds):
        if kind != pdfium.FPDF_PAGEOBJ_TEXT:
            continue
        clip = _find_clip(items[number])
        if clip is None and number > last:
            continue
        left, bottom, right, top = _find_bounds(items[number])
        if clip is not None and (
            clip[0] > left + _SMALL or clip[1] > bottom + _SMALL or clip[2] < right - _SMALL or clip[3] < top - _SMALL
        ):
            return True
        for other, (x0, y0, x1, y1) in areas.items():
            if (
                (other > number or other in darks)
                and x0 < right - 1
                and x1 > left + 1
                and y0 < top - 1
                and y1 > bottom + 1
            ):
                return True
    return False


def find_images(page: Any) -> list[Bounds]:
    """Return the bounds of the images among the first and last objects of a page, where letters have their logo."""
    count = pdfium.FPDFPage_CountObjects(page)
    numbers = {*range(min(_FIRST, count)), *range(max(0, count - _LAST), count)}
    items = [pdfium.FPDFPage_GetObject(page, number) for number in numbers]
    return [_find_bounds(item) for item in items if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_IMAGE]


_EDGES = tuple(ctypes.c_float() for _ in range(4))


def _find_bounds(item: Any) -> Bounds:
    """Return the bounds of an object."""
    left, bottom, right, top = _EDGES
    pdfium.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    return left.value, bottom.value, right.value, top.value


def _has_text(form: Any) -> bool:
    """Whether a form draws text, or another form that may."""
    inner = (pdfium.FPDFFormObj_GetObject(form, number) for number in range(pdfium.FPDFFormObj_CountObjects(form)))
    return any(
        pdfium.FPDFPageObj_GetType(item) in (pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_FORM) for item in inner
    )


def _is_thin(bounds: Bounds) -> bool:
    return bounds[2] - bounds[0] <= _SMALL or bounds[3] - bounds[1] <= _SMALL


def _covers(path: Any) -> bool:
    """Whether a path fills an area, or is a line as thick as one."""
    mode, is_stroked, width = ctypes.c_int(), ctypes.c_int(), ctypes.c_float()
    pdfium.FPDFPath_GetDrawMode(path, mode, is_stroked)
    pdfium.FPDFPageObj_GetStrokeWidth(path, width)
    return bool(mode.value != pdfium.FPDF_FILLMODE_NONE or (is_stroked.value and width.value > _SMALL))


def _is_dark(path: Any) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    pdfium.FPDFPageObj_GetFillColor(path, red, green, blue, alpha)
    return red.value + green.value + blue.value < _DARK_FILL


def _find_clip(text: Any) -> Bounds | None:
    """Return the area that a text object's clip leaves, as far as bounds show; `None` for one without a clip."""
    clip = pdfium.FPDFPageObj_GetClipPath(text)
    count = pdfium.FPDFClipPath_CountPaths(clip) if clip else 0
    if count <= 0:
        return None
    x, y = _EDGES[:2]
    left, bottom, right, top = -math.inf, -math.inf, math.inf, math.inf
    for path in range(count):
        across, up = [], []
        for at in range(pdfium.FPDFClipPath_CountPathSegments(clip, path)):
            if pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFClipPath_GetPathSegment(clip, path, at), x, y):
                across.append(x.value)
                up.append(y.value)
        left, right = max(left, min(across, default=math.inf)), min(right, max(across, default=-math.inf))
        bottom, top = max(bottom, min(up, default=math.inf)), min(top, max(up, default=-math.inf))
    return left, bottom, right, top
