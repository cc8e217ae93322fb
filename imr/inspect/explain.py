"""A letter's pages with every field boxed and named, to see why it was read as it was."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pdfplumber
from pdfplumber.utils.exceptions import MalformedPDFException
from PIL import Image

from extract.letters.regions import LABEL, blank_page_furniture, find_regions
from extract.lines import Document
from extract.pdf_text.placed import PlacedDocument, read_placed
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from imr.inspect.explain_page import Marked, draw_page

SUFFIXES = (".png", ".pdf")
RESOLUTION = 110
MAX_SIDE = 4000
"""Pixels: a page of an absurd size is drawn smaller."""
TALLEST = 20
"""A PNG shows at most this many pages, one below the other."""
CANNOT_BE_DRAWN = frozenset(
    {
        Reason.ZERO_BYTES,
        Reason.NOT_A_PDF,
        Reason.DAMAGED,
        Reason.PASSWORD,
        Reason.TOO_LARGE,
        Reason.TOO_MANY_PAGES,
        Reason.TIMED_OUT,
        Reason.CRASHED,
    }
)
"""What has no pages to draw, or is not to be opened outside a supervised worker."""


class TooTallError(ValueError):
    """More pages than one picture holds."""


def explain(path: Path, outcome: LetterRecord | UnreadableError, out: Path, *, max_pages: int) -> None:
    """Draw a PDF that was read with this outcome to `out`: a tall PNG, or a PDF of as many pages.

    Of an unreadable letter, what was found in it is drawn, with the reason. Raises the outcome again
    where its reason is one of `CANNOT_BE_DRAWN`, `TooTallError` for a PNG of too many pages, and
    `OSError` where `out` cannot be written.
    """
    if isinstance(outcome, UnreadableError) and outcome.reason in CANNOT_BE_DRAWN:
        raise outcome
    pages = list(draw_pages(path, outcome, max_pages=max_pages, most=TALLEST if is_png(out) else max_pages))
    if is_png(out):
        _stacked(pages).quantize(256, method=Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    else:
        pages[0].save(out, "PDF", resolution=RESOLUTION, save_all=True, append_images=pages[1:])


def is_png(out: Path) -> bool:
    """Whether a picture is asked for as PNG."""
    return out.suffix.lower() == ".png"


def draw_pages(
    path: Path, outcome: LetterRecord | UnreadableError, *, max_pages: int, most: int
) -> Iterator[Image.Image]:
    """Yield a picture of each page; raises `TooTallError` for more than `most` pages."""
    data = path.read_bytes()
    placed = _placed(data, max_pages)
    marked = list(find_marked(placed))
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        if len(pdf.pages) > most:
            raise TooTallError(f"{len(pdf.pages)} pages are too many for one PNG of at most {most}: draw a PDF")
        for page in pdf.pages:
            resolution = min(RESOLUTION, MAX_SIDE * 72 / max(float(page.width), float(page.height)))
            try:
                picture = page.to_image(resolution=resolution, antialias=True)
            except MalformedPDFException as error:
                raise UnreadableError(Reason.DAMAGED, str(error), page=page.page_number) from error
            here = [m for m in marked if m.box.page == page.page_number]
            title = f"{path.name}    page {page.page_number} of {len(pdf.pages)}    {_told(outcome)}"
            yield draw_page(picture, here, title, _reason(outcome, page.page_number))
            page.close()


def find_marked(placed: PlacedDocument) -> Iterator[Marked]:
    """Yield each region of a letter line by line; the first box of a region on a page carries its name.

    The labels of the blocks are named only where no block could be read: else the field beside one is.
    """
    placed = replace(placed, document=blank_page_furniture(placed.document))  # no box around a page's foot
    regions = find_regions(placed.document)
    knows_decisions = any(region.decision for region in regions)
    for region in regions:
        is_plain = region.kind == LABEL and knows_decisions
        page = 0
        for box in placed.find_boxes(region.start, region.end):
            yield Marked(region, box, is_named=box.page != page and not is_plain, continues=0 < page < box.page)
            page = box.page


def _placed(data: bytes, max_pages: int) -> PlacedDocument:
    try:
        return read_placed(data, max_pages=max_pages)
    except UnreadableError as error:
        if error.reason is not Reason.NO_TEXT_LAYER:
            raise
        return PlacedDocument(Document((), 0, ""), ())


def _told(outcome: LetterRecord | UnreadableError) -> str:
    if isinstance(outcome, UnreadableError):
        return "cannot be read"
    decisions = "1 decision" if len(outcome.decisions) == 1 else f"{len(outcome.decisions)} decisions"
    flags = f", {len(outcome.flags)} flagged" if outcome.flags else ""
    return f"read as {outcome.format}, {decisions}{flags}"


def _reason(outcome: LetterRecord | UnreadableError, page: int) -> str | None:
    """Return what to print across a page: the reason, on the page that it names, or else on the first."""
    if isinstance(outcome, UnreadableError) and page == (outcome.page or 1):
        return str(outcome)
    return None


def _stacked(pages: list[Image.Image]) -> Image.Image:
    tall = Image.new("RGB", (max(p.width for p in pages), sum(p.height for p in pages)), "white")
    top = 0
    for page in pages:
        tall.paste(page, (0, top))
        top += page.height
    return tall
