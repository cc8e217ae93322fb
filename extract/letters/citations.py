"""Splits a guideline line into citations, by the grammar of domain.md 5.2.

There is one citation for each chapter of the MTUS or of another guideline. Titles contain commas (`Forearm, Wrist,
and Hand`), so chapters and sections are looked up in closed lists (`vocabulary/`). `raw` keeps the printed text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest

from extract.letters.citations_mtus import read_mtus
from extract.letters.citations_other import read_other
from extract.record import Citation

_NOTHING_CITED = re.compile(r"did not cite (?:any|a)\b[^.]*\b(?:evidence|guidelines?)", re.IGNORECASE)
_OUTSIDE = re.compile(
    r"The (?:Claims Administrator|Expert Reviewer) based (?:their|his|her|its|his/her) decision "
    r"on recommendations?(?:\(s\))? outside of the MTUS Guidelines\.?",
    re.IGNORECASE,
)
_PART = re.compile(r"Decision based on (?P<non>Non-\s?)?MTUS\b(?: Citation)?:?\s*", re.IGNORECASE)
# Formats before 2016 state in a sentence what the later form states in fixed words (domain.md 1.3, unconfirmed).
_IN_PROSE = re.compile(
    r"The (?:Claims Administrator|(?:Expert|Physician) Reviewer) "
    r"(?:based (?:its|their|his/her|his|her) decision (?:up)?on|cited|used|relied (?:up)?on) (?:the )?"
    r"(?P<mtus>MTUS\b|Medical Treatment Utilization Schedule(?: \(MTUS\))?)?,?\s*",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)  # a few hundred lines are most of all letters' guidelines
def read_citations(guideline: str, cited_by: str) -> tuple[Citation, ...]:
    """Return the citations of one side (`claims_admin` or `reviewer`), in printed order."""
    if _NOTHING_CITED.search(guideline):
        return ()
    text = _IN_PROSE.sub(_replace_prose, _OUTSIDE.sub("", guideline))
    return tuple(_split_citations(text.strip(), cited_by))


def _replace_prose(prose: re.Match[str]) -> str:
    return "Decision based on MTUS " if prose["mtus"] else "Decision based on Non-MTUS Citation "


def _split_citations(text: str, cited_by: str) -> Iterator[Citation]:
    parts = list(_PART.finditer(text))
    if not parts and text:
        yield from read_other(text, cited_by)
    for part, following in zip_longest(parts, parts[1:]):
        raw = text[part.end() : following.start() if following else len(text)].strip()
        yield from read_other(raw, cited_by) if part["non"] else read_mtus(raw, cited_by)
