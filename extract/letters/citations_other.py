"""Reads citations outside the MTUS: chapters of the ODG, ACOEM's newer editions, articles, URLs (domain.md 5.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from extract.letters.vocabularies import load_names, load_table
from extract.record import Citation

_AND_OTHERS = re.compile(r"\s*\band Other Medical Treatment Guidelines?\s+(?P<others>\S.*)$", re.IGNORECASE)
_ODG = re.compile(r"(?:Official Disability Guidelines?(?:\s*\(ODG\))?|\bODG\b(?!\)))[\s,:;/-]*", re.IGNORECASE)
_ACOEM = re.compile(r"\bACOEM\b|American College of Occupational", re.IGNORECASE)
_YEAR = re.compile(r"\b((?:19|20)\d{2})\b(?!\.\d|/)")
_PAGES = re.compile(r"\b(?:pages?|pgs?\.?|p\.)\s*(\d+(?:\s*-\s*\d+)?)", re.IGNORECASE)
_EDITION = re.compile(
    r"^(?:(?:Guidelines|Web Version|Work Loss Data Institute|\(?\d+\w*\s+(?:Annual\s+)?Edition\)?|(?:19|20)\d{2})"
    r"[\s,]*)+",
    re.IGNORECASE,
)
_WHOLLY_BRACKETED = re.compile(r"^\(([^()]*(?:\([^()]*\)[^()]*)*)\)$")
# Text between a chapter's name and its topic.
_QUALIFIER = re.compile(
    r"(?:\s*\((?:Acute|Chronic|Thoracic|Lumbar|updated|Online|trauma)[^()]*(?:\([^()]*\)[^()]*)*\)"
    r"|\s*(?:Chapters?|sections?|Procedure Summary|Procedures?|Online Version|Guidelines)\b|[\s,:;/.\u2013-]+)+",
    re.IGNORECASE,
)


def read_other(raw: str, cited_by: str) -> Iterator[Citation]:
    """Yield one citation for each chapter of a known guideline, and one for each other source, as printed."""
    others = _AND_OTHERS.search(raw)
    named = raw[: others.start()] if others else raw
    if is_odg := _ODG.search(named):
        yield from _read_odg(named, cited_by)
    if is_acoem := _ACOEM.search(named):
        yield _keep_as_printed(named, cited_by, "ACOEM")
    if not is_odg and not is_acoem:
        yield _keep_as_printed(named, cited_by, "OTHER")
    if others:
        yield _keep_as_printed(others["others"], cited_by, "OTHER")


def _keep_as_printed(raw: str, cited_by: str, source: str) -> Citation:
    year, pages = _YEAR.search(raw), _PAGES.search(raw)
    return Citation(
        cited_by,
        source,
        raw,
        title=None if re.match(r"(?:https?:|www\.)", raw) else raw.rstrip(". "),
        year=int(year[1]) if year else None,
        pages=pages[1] if pages else None,
    )


@cache
def _make_chapter_pattern() -> re.Pattern[str]:
    names = "|".join(re.escape(name).replace(r"\ ", r"\s") for name in load_names("odg_chapters", "printed"))
    return re.compile(rf"(?:Chapter:?\s+)?(?P<name>{names})\b(?!\s+(?:fusion|pain|MRI))", re.IGNORECASE)


@cache
def _load_chapters() -> dict[str, str]:
    return {row["printed"].lower(): row["chapter"] for row in load_table("odg_chapters")}


def _read_odg(raw: str, cited_by: str) -> Iterator[Citation]:
    """Yield a citation for each chapter: the guideline's name or a semicolon precedes its chapters and topic."""
    stretches = [s for s in re.split(rf";|{_ODG.pattern}", raw, flags=re.IGNORECASE) if s.strip(" .,:-")]
    titles_before: list[str] = []
    for stretch in stretches or [""]:
        text = stretch.strip(" .,:;-/")
        year = _YEAR.match(text)
        titles, topic = _split_titles(text[year.end() :].lstrip(" ,") if year else _EDITION.sub("", text))
        titles = titles or titles_before
        titles_before = titles
        for title in titles or (None,):
            yield Citation(
                cited_by,
                "ODG",
                raw,
                title=title,
                year=int(year[1]) if year else None,
                sections=(_WHOLLY_BRACKETED.sub(r"\1", topic),) if topic.strip(" .,:()") else (),
            )


_ENDS_TITLE = re.compile(r"\s*(?:$|[,;.(]|Chapters?\b|sections?\b)", re.IGNORECASE)


def _split_titles(text: str) -> tuple[list[str], str]:
    """Return the chapters at the beginning of a text, and the topic after them.

    A second chapter counts only where nothing but a comma, a bracket or the word "Chapter" follows it:
    `Low Back, Hip injection` names a topic.
    """
    titles: list[str] = []
    while match := _make_chapter_pattern().match(text.removeprefix("and ") if titles else text):
        text = match.string
        if titles and not _ENDS_TITLE.match(text, match.end()):
            break
        titles.append(_load_chapters()[re.sub(r"\s+", " ", match["name"].lower())])
        text = text[match.end() :]
        qualifier = _QUALIFIER.match(text)
        text = text[qualifier.end() :] if qualifier else text
    return titles, text
