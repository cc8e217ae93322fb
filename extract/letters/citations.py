"""What a guideline line cites: its source, with the text as printed (domain.md 5.2).

Titles, years and sections are not split here yet: each source that a side cites is one citation.
"""

from __future__ import annotations

import re

from extract.record import Citation

_NOTHING_CITED = re.compile(r"did not cite any medical evidence", re.IGNORECASE)
_OUTSIDE = re.compile(
    r"The (?:Claims Administrator|Expert Reviewer) based (?:their|his|her|its|his/her) decision "
    r"on recommendations?(?:\(s\))? outside of the MTUS Guidelines\.?",
    re.IGNORECASE,
)
_PART = re.compile(r"Decision based on (?P<non>Non-\s?)?MTUS\b(?: Citation)?:?\s*", re.IGNORECASE)
_ODG = re.compile(r"\bODG\b|Official Disability Guidelines?", re.IGNORECASE)
_AND_OTHERS = re.compile(r"\band Other Medical Treatment Guidelines?\s+\w", re.IGNORECASE)
_ACOEM = re.compile(r"\bACOEM\b|American College of Occupational", re.IGNORECASE)


def read_citations(guideline: str, cited_by: str) -> tuple[Citation, ...]:
    """Return what one side (`claims_admin` or `reviewer`) cites; empty where it cites nothing."""
    if _NOTHING_CITED.search(guideline):
        return ()
    text = _OUTSIDE.sub("", guideline).strip()
    parts = list(_PART.finditer(text))
    if not parts:
        return tuple(Citation(cited_by, source, text) for source in _outside_sources(text)) if text else ()
    citations = []
    for part, end in zip(parts, [p.start() for p in parts[1:]] + [len(text)], strict=True):
        raw = text[part.end() : end].strip()
        sources = _outside_sources(raw) if part["non"] else ["MTUS"]
        citations += [Citation(cited_by, source, raw) for source in sources]
    return tuple(citations)


def _outside_sources(raw: str) -> list[str]:
    """Return the sources of a citation outside the MTUS; a list of other guidelines may follow the named one."""
    named = [name for name, pattern in (("ODG", _ODG), ("ACOEM", _ACOEM)) if pattern.search(raw)]
    if not named or _AND_OTHERS.search(raw):
        named.append("OTHER")
    return named
