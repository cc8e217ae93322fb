"""Finds identity left unredacted; such a letter is quarantined, not published (Labor Code 4610.6; domain.md 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from extract.letters.sections import Span
from extract.letters.vocabularies import load_patterns
from extract.lines import Document
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord

_SECTIONS_WITH_OWN_ADDRESS = ("header", "reviewer", "documents", "closing")
"""Sections that may contain the reviewing organisation's own address and telephone number."""
_KINDS_FOUND_ANYWHERE = ("salutation", "email_address")
# A file name may contain dates and numbers of any kind, so only unmistakable identifiers are searched in it.
_SOCIAL_SECURITY_NUMBER = re.compile(r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)")


def check_identity(document: Document, sections: Mapping[str, Span]) -> None:
    """Raise `UnreadableError` if a letter identifies a person; the message names the kind, never the text."""
    whole = Span(0, len(document.text))
    free_text = [span for name, span in sections.items() if name not in _SECTIONS_WITH_OWN_ADDRESS]
    for kind, pattern in load_patterns("identity").items():
        for span in [whole] if kind in _KINDS_FOUND_ANYWHERE else free_text:
            if match := pattern.search(document.text, span.start, span.end):
                raise _make_error(kind, document.find_page(match.start()))


def check_published_texts(record: LetterRecord) -> None:
    """Raise `UnreadableError` if a text that BI tools show identifies a person.

    On the page a line break may divide an identifier, and specialties stand in a section with an address of its own.
    """
    texts: list[tuple[str, int | None]] = [(" ".join(record.specialties), None)]
    for d in record.decisions:
        parts = (d.treatment_requested, d.original_request, d.authorized_request, d.disputed_request)
        texts.append((" | ".join(part for part in parts if part), d.page))
    for text, page in texts:
        for kind, pattern in load_patterns("identity").items():
            if pattern.search(text):
                raise _make_error(kind, page)


def identifies_person(file_name: str) -> bool:
    """Whether a file name contains a social security number, an e-mail address or a name after "Dear"."""
    patterns = load_patterns("identity")
    return bool(_SOCIAL_SECURITY_NUMBER.search(file_name)) or any(
        patterns[kind].search(file_name) for kind in _KINDS_FOUND_ANYWHERE
    )


def _make_error(kind: str, page: int | None) -> UnreadableError:
    detail = f"contains what may be a {kind.replace('_', ' ')}"
    return UnreadableError(Reason.IDENTITY_FOUND, detail, field=kind, page=page)
