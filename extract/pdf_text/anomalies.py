"""What a PDF contains beside the text that its pages show, with the flags for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extract.lines import Line, Unseen
from extract.pdf_text.annotations import REDACT, Annotation
from extract.pdf_text.visible import Hidden
from extract.record import Flag

HIDDEN = "text_hidden"
CUT_OFF = "text_cut_off"
OVERLAP = "text_overlaps"
RECOGNISED = "recognised_text"
ANNOTATED = "annotated"
PAGES_CHANGED = "pages_changed"
NOT_DRAWN = "page_not_drawn"
TURNED = "text_turned"


def flag_not_drawn(page: int) -> Flag:
    """Return the flag of a page whose text could not be compared with what it shows."""
    return Flag(NOT_DRAWN, f"page {page} has so many objects that it was not drawn: text on it may be hidden")


def flag_layout(hidden: Hidden, page: int) -> Iterator[Flag]:
    """Yield a flag for text that can be seen in part."""
    if hidden.runs_over:
        yield Flag(CUT_OFF, f"page {page} has lines that run over its edge")
    if hidden.overlaps:
        yield Flag(OVERLAP, f"page {page} has text over other text")


def make_unseen(hidden: Sequence[Line], annotations: Sequence[Annotation], *, blacked_out: int | None) -> Unseen:
    """Return hidden lines and annotations with a flag for each kind; `blacked_out` is a page with covered text.

    A flag never quotes them, as they may name somebody.
    """
    flags = []
    if hidden:
        flags.append(Flag(HIDDEN, f"page {hidden[0].page} has text that cannot be seen; it has been left out"))
    if annotations:
        kinds = ", ".join(sorted({annotation.kind for annotation in annotations}))
        flags.append(Flag(ANNOTATED, f"page {annotations[0].page} has been written on: {kinds}"))
    to_remove = [annotation.page for annotation in annotations if annotation.kind == REDACT]
    unredacted = min([page for page in (blacked_out, *to_remove) if page is not None], default=None)
    written = (Line(annotation.text, annotation.page) for annotation in annotations if annotation.text)
    return Unseen((*hidden, *written), unredacted, tuple(flags))
