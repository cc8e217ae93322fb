"""Identity left unredacted: such a letter is quarantined, not published (Labor Code 4610.6; domain.md 6)."""

from __future__ import annotations

from collections.abc import Mapping

from extract.letters.sections import Span
from extract.letters.vocabularies import patterns
from extract.lines import Document
from extract.reasons import Reason, UnreadableError

_FORMS_OWN = ("header", "reviewer", "documents", "closing")
"""Sections in which the reviewing organisation's own address and telephone number may stand."""
_ANYWHERE = ("salutation", "email_address")


def refuse_identity(document: Document, sections: Mapping[str, Span]) -> None:
    """Raise `UnreadableError` where a letter still names somebody; the error says what kind, never whose."""
    whole = Span(0, len(document.text))
    free_text = [span for name, span in sections.items() if name not in _FORMS_OWN]
    for kind, pattern in patterns("identity").items():
        for span in [whole] if kind in _ANYWHERE else free_text:
            match = pattern.search(document.text, span.start, span.end)
            if match:
                raise UnreadableError(
                    Reason.IDENTITY_FOUND,
                    f"holds what looks like a {kind.replace('_', ' ')}",
                    field=kind,
                    page=document.page_at(match.start()),
                )
