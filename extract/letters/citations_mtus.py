"""Reads citations of the MTUS: `Title 2016, Section(s): A, B, and Title 2004` (domain.md 5.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest

from extract.letters.vocabularies import load_names
from extract.record import Citation

_SECTIONS = re.compile(r",?\s*Section\(s\):\s*", re.IGNORECASE)
_PAGES = re.compile(r"\s*Page\(s\):\s*(?P<pages>\d[\d\s,-]*?)\s*\.?\s*$", re.IGNORECASE)
_IN_CAPITALS = re.compile(r"\s+(?P<section>[A-Z][A-Z/&(),-]+(?:\s+[A-Z/&(),-]+)*)$")
_NUMBERED = re.compile(r"\d+(?:\.\d+)*\.?\s")
_NUMBERED_END = re.compile(r",\s+(?=\d+(?:\.\d+)+\.?\s)")
_COMMA = re.compile(r",\s+(?![^()]*\))")


@cache
def _make_chapter_pattern() -> re.Pattern[str]:
    """Match a chapter's title and year: a known one at the beginning or after a comma, any other after "and"."""
    known = "|".join(re.escape(title).replace(r"\ ", r"\s") for title in load_names("mtus_chapters", "title"))
    other = r"(?!Section)[A-Z](?:(?!,\sand\s|Section\(s\))[\w,/&:()\s-]){2,90}?(?=\s(?:19|20)\d{2}\b)"
    return re.compile(
        rf"(?:(?:^|,\s+(?:and\s+)?)(?P<known>{known})|(?:^|,\s+and\s+)(?P<other>{other}))"
        r"(?:\s+(?P<year>(?:19|20)\d{2}))?(?:\s+Guidelines)?(?=\s*(?:$|[.,]|Section|Page\(s\)|[A-Z]{2}))",
    )


def read_mtus(raw: str, cited_by: str) -> Iterator[Citation]:
    """Yield one citation for each chapter. A title that is in no list is kept as printed."""
    pages = _PAGES.search(raw)
    text = raw[: pages.start()] if pages else raw.rstrip(". ")
    chapters = _find_chapters(text)
    if not chapters:
        yield Citation(cited_by, "MTUS", raw, title=text or None, pages=pages["pages"] if pages else None)
    for match, following in zip_longest(chapters, chapters[1:]):
        end = following.start() if following else len(text)
        rest = text[match.end() : end]
        yield Citation(
            cited_by,
            "MTUS",
            raw if len(chapters) == 1 else text[match.start() : end].lstrip(", ").removeprefix("and "),
            title=match["known"] or match["other"],
            year=int(match["year"]) if match["year"] else None,
            sections=tuple(_find_sections(rest)),
            pages=pages["pages"] if pages else None,
        )


def _find_chapters(text: str) -> list[re.Match[str]]:
    """Return the chapters' titles: the first, and later ones that have a year, as sections have the same names."""
    found = list(_make_chapter_pattern().finditer(text))
    return [m for n, m in enumerate(found) if n == 0 or m["year"]]


def _find_sections(rest: str) -> Iterator[str]:
    label = _SECTIONS.match(rest)
    if label:
        yield from split_sections(rest[label.end() :])
    elif capitals := _IN_CAPITALS.match(rest):
        yield capitals["section"]


def split_sections(text: str, comma: re.Pattern[str] = _COMMA) -> Iterator[str]:
    """Yield the sections of a list; their names contain commas, so the longest known name is taken.

    A numbered section (of the opioid chapter) ends before the next number, any other unknown name at the next
    comma outside parentheses, or what else `comma` matches.
    """
    text = text.strip(" ,.")
    while text:
        lowered, names = text.lower(), load_names("mtus_sections", "section")
        known = (len(s) for s in names if lowered.startswith(s.lower()) and text[len(s) : len(s) + 1] in {"", ","})
        if (end := next(known, 0)) == 0:
            stop = (_NUMBERED_END if _NUMBERED.match(text) else comma).search(text)
            end = stop.start() if stop else len(text)
        yield text[:end].strip()
        text = text[end:].removeprefix(",").strip().removeprefix("and ").strip()
