"""Finds identity left unredacted; such a letter is quarantined, not published (Labor Code 4610.6; domain.md 6)."""

from __future__ import annotations

from collections.abc import Mapping

from extract.letters.sections import Span
from extract.letters.vocabularies import load_patterns
from extract.lines import Document
from extract.reasons import Reason, UnreadableError

_SECTIONS_WITH_OWN_ADDRESS = ("header", "reviewer", "documents", "closing")
"""Sections that may contain the reviewing organisation's own address and telephone number."""
_KINDS_FOUND_ANYWHERE = ("salutation", "email_address")


def check_identity(document: Document, sections: Mapping[str, Span]) -> None:
    """Raise `UnreadableError` if a letter identifies a person; the message names the kind, never the text."""
    whole = Span(0, len(document.text))
    free_text = [span for name, span in sections.items() if name not in _SECTIONS_WITH_OWN_ADDRESS]
    for kind, pattern in load_patterns("identity").items():
        for span in [whole] if kind in _KINDS_FOUND_ANYWHERE else free_text:
            if match := pattern.search(document.text, span.start, span.end):
                raise UnreadableError(
                    Reason.IDENTITY_FOUND,
                    f"contains what may be a {kind.replace('_', ' ')}",
                    field=kind,
                    page=document.find_page(match.start()),
                )
