"""Draws a letter's pages with a named box around each field."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pdfplumber
from pdfplumber.display import PageImage
from pdfplumber.utils.exceptions import MalformedPDFException
from PIL import Image

from extract.letters.regions import LABEL, Region, blank_page_furniture, find_regions
from extract.letters.text_dates import find_dates
from extract.limits import Limits
from extract.lines import Document
from extract.pdf_text.placed import PlacedDocument, read_placed
from extract.pdf_text.reference import turn_upright
from extract.reasons import Reason, UnreadableError
from extract.record import Flag, LetterRecord
from imr.inspect.coded import CodedLetter, CodedReason
from imr.inspect.explain_page import FLAG, REASON, Marked, draw_page
from imr.inspect.limited import Job, TooManyPagesError, run_limited

SUFFIXES = (".png", ".pdf")
_QUOTED = re.compile(r"'([^']{2,80})'")
RESOLUTION = 110
MAX_SIDE = 4000
"""Pixels; larger pages are drawn at a lower resolution."""
MAX_PNG_PAGES = 20
"""Pages of a PNG, one below the other."""
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
"""Files without pages, and files that must not be opened outside a supervised worker."""


def explain(
    path: Path,
    outcome: LetterRecord | UnreadableError,
    out: Path,
    limits: Limits,
    coded: CodedLetter | None = None,
) -> None:
    """Draw the pages of a PDF to `out`, a PNG or a PDF, in a process held to the limits of the reference route.

    For an unreadable letter, draws the fields that were found, and the reason. Raises the outcome if its reason is one
    of `CANNOT_BE_DRAWN`, `UnreadableError` if the pages cannot be drawn within the limits, `TooManyPagesError` for a
    PNG of too many pages, and `OSError` if `out` cannot be written.
    """
    if isinstance(outcome, UnreadableError) and outcome.reason in CANNOT_BE_DRAWN:
        raise outcome
    limit = MAX_PNG_PAGES if is_png(out) else limits.max_pages
    out.write_bytes(
        run_limited(Job(path.absolute(), outcome, coded or CodedLetter(), is_png(out), limits.max_pages, limit), limits)
    )


def is_png(out: Path) -> bool:
    """Return whether the output is a PNG."""
    return out.suffix.lower() == ".png"


def draw(job: Job) -> bytes:
    """Return the drawn pages of a PDF as a PNG or a PDF."""
    pages = list(draw_pages(job))
    picture = io.BytesIO()
    if job.as_png:
        _stack(pages).quantize(256, method=Image.Quantize.FASTOCTREE).save(picture, "PNG", optimize=True)
    else:
        pages[0].save(picture, "PDF", resolution=RESOLUTION, save_all=True, append_images=pages[1:])
    return picture.getvalue()


def draw_pages(job: Job) -> Iterator[Image.Image]:
    """Yield a picture of each page; raises `TooManyPagesError` for more pages than the job's limit."""
    data = job.path.read_bytes()
    placed = _read_placed(data, job.max_pages)
    flags = job.outcome.flags if isinstance(job.outcome, LetterRecord) else ()
    marked = list(find_marked(placed, job.coded.reasons, flags))
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        if len(pdf.pages) > job.limit:
            raise TooManyPagesError(
                f"{len(pdf.pages)} pages are too many for one PNG of at most {job.limit}: draw a PDF"
            )
        for page in pdf.pages:
            resolution = min(RESOLUTION, MAX_SIDE * 72 / max(float(page.width), float(page.height)))
            try:
                picture = _draw_upright(page, resolution)
            except MalformedPDFException as error:
                raise UnreadableError(Reason.DAMAGED, str(error), page=page.page_number) from error
            here = [m for m in marked if m.box.page == page.page_number]
            title = f"{job.path.name}    page {page.page_number} of {len(pdf.pages)}    {_summarize(job.outcome)}"
            yield draw_page(picture, here, title, _reason_on_page(job.outcome, page.page_number))
            page.close()


def _draw_upright(page: Any, resolution: float) -> PageImage:
    """Return the picture of a page turned as its text runs, as the places of its characters are."""
    shown: PageImage = page.to_image(resolution=resolution, antialias=True)
    turned = turn_upright(page)
    if turned is page:
        return shown
    original = shown.original.rotate(page.rotation - turned.rotation, expand=True)
    return PageImage(turned, original=original, resolution=resolution)


def find_marked(
    placed: PlacedDocument, reasons: Sequence[CodedReason] = (), flags: Sequence[Flag] = ()
) -> Iterator[Marked]:
    """Yield the boxes of each region, of each reason's sentence, and of the words that a flag quotes.

    The first box of a region on a page is named.

    Labels of decision blocks are named only if no block could be read: otherwise the fields beside them are named.
    """
    placed = replace(placed, document=blank_page_furniture(placed.document))  # without page footers
    regions = find_regions(placed.document)
    has_decisions = any(region.decision for region in regions)
    regions += [
        *_find_sentences(placed.document.text, regions, reasons),
        *_find_flagged(placed.document.text, regions, flags),
    ]
    for region in regions:
        is_plain = region.kind == LABEL and has_decisions
        page = 0
        for box in placed.find_boxes(region.start, region.end):
            yield Marked(region, box, is_named=box.page != page and not is_plain, continues=0 < page < box.page)
            page = box.page


def _find_sentences(text: str, regions: list[Region], reasons: Sequence[CodedReason]) -> Iterator[Region]:
    """Yield the regions of the sentences that reasons rest on, in the rationale of their decision."""
    rationales = {region.decision: region for region in regions if region.name == "rationale"}
    for reason in reasons:
        rationale = rationales.get(reason.decision_number)
        if rationale and reason.sentence:
            words = r"\s+".join(map(re.escape, reason.sentence.split())).replace("-", r"-\s*")
            if found := re.compile(words).search(text, rationale.start, rationale.end):
                yield Region(reason.reason_name.lower(), *found.span(), reason.decision_number, REASON)


def _find_flagged(text: str, regions: list[Region], flags: Sequence[Flag]) -> Iterator[Region]:
    """Yield the dates and the quoted words of each flag, in the rationale of its decision or in the summary."""
    for flag in flags:
        name = "rationale" if flag.decision_number else "clinical_case_summary"
        for region in regions:
            if region.name == name and region.decision == flag.decision_number:
                searched = text[region.start : region.end]
                spans = [(d.start, d.end) for d in find_dates(searched) if d.day and d.day.isoformat() in flag.detail]
                spans += [
                    m.span() for q in _QUOTED.findall(flag.detail) if (m := re.search(rf"\b{re.escape(q)}\b", searched))
                ]
                for start, end in spans:
                    yield Region(flag.code, region.start + start, region.start + end, flag.decision_number, FLAG)


def _read_placed(data: bytes, max_pages: int) -> PlacedDocument:
    try:
        return read_placed(data, max_pages=max_pages)
    except UnreadableError as error:
        if error.reason is not Reason.NO_TEXT_LAYER:
            raise
        return PlacedDocument(Document((), 0, ""), ())


def _summarize(outcome: LetterRecord | UnreadableError) -> str:
    if isinstance(outcome, UnreadableError):
        return "cannot be read"
    decisions = "1 decision" if len(outcome.decisions) == 1 else f"{len(outcome.decisions)} decisions"
    flags = f", {len(outcome.flags)} flagged" if outcome.flags else ""
    return f"read as {outcome.format}, {decisions}{flags}"


def _reason_on_page(outcome: LetterRecord | UnreadableError, page: int) -> str | None:
    """Return the reason on the page that it names, or else on the first."""
    if isinstance(outcome, UnreadableError) and page == (outcome.page or 1):
        return str(outcome)
    return None


def _stack(pages: list[Image.Image]) -> Image.Image:
    tall = Image.new("RGB", (max(p.width for p in pages), sum(p.height for p in pages)), "white")
    top = 0
    for page in pages:
        tall.paste(page, (0, top))
        top += page.height
    return tall
