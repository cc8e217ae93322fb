"""Reads citations outside the MTUS: chapters of the ODG, ACOEM's newer editions, articles, URLs (domain.md 5.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from extract.letters.citations_mtus import split_sections
from extract.letters.odg_titles import split_titles
from extract.record import Citation

_AND_OTHERS = re.compile(r"\s*\band Other Medical Treatment Guidelines?\s+(?P<others>\S.*)$", re.IGNORECASE)
_ODG = re.compile(r"(?:Official Disability Guidelines?(?:\s*\(ODG\))?|\bODG\b(?!\)))[\s,:;/-]*", re.IGNORECASE)
_ACOEM = re.compile(
    r"\b(?:American College of Occupational (?:and|&) Environmental Medicine(?:'s)?(?:\s*\(ACOEM\))?|ACOEM)",
    re.IGNORECASE,
)
_URL = re.compile(r"\b(?:https?://|www\.)[^\s,;]*[^\s,;.)]", re.IGNORECASE)
_YEAR = re.compile(r"\b((?:19|20)\d{2})\b(?!\.\d|/)")
_FIRST_YEAR = re.compile(r"\(?((?:19|20)\d{2})\)?(?!/|-\d)")
_YEAR_BETWEEN = re.compile(r"[\s,]*\(?\b(?:19|20)\d{2}\)?(?=\s*(?:,|$))")
_PAGES = re.compile(r"[\s,;(]*\b(?:pages?|pgs?\.?|pp?\.)\s*(\d+(?:\s*[-\u2013]\s*\d+)?)\)?", re.IGNORECASE)
_DATE = r"(?:\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|[A-Z][a-z]{2,8}\.? \d{4}|\d{4})"
# The edition of a source: "3rd ed.", "(updated 11/23/16)", "accessed January 5, 2017", "(Online Version)".
_EDITION = re.compile(
    r"[\s,;:-]*[(\[]?\b(?P<edition>"
    r"\d+(?:st|nd|rd|th)\s+(?:Annual\s+)?ed(?:ition|\b\.?)"
    rf"|(?:last\s+)?(?:updated|accessed|retrieved|revised|reviewed)(?:\s*(?:on|:))?\s*{_DATE}"
    r"|(?:Web|Online)\s+Version)(?:\s*[)\]])?",
    re.IGNORECASE,
)
_GENERAL = re.compile(
    r"^(?:(?:Guidelines|Work Loss Data Institute|Treatment in Workers'? Compensation|TWC)\b[\s,:;-]*)+", re.IGNORECASE
)
_LOOSE_DATE = re.compile(r"^\(?\d{1,2}/\d{1,2}/\d{2,4}\)?[\s,:;-]*")
_TOPIC_WORD = re.compile(
    r"^(?:(?:under\s+)?(?:the\s+)?topics?\b[\s:;,-]*)|[\s,;-]+\(?(?:sub)?(?:topics?|headings?)\)?$", re.IGNORECASE
)
_WHOLLY_BRACKETED = re.compile(r"^\(([^()]*(?:\([^()]*\)[^()]*)*)\)$")
_TRIMMED = " .,:;-\u2013/"
_AND_AT_END = re.compile(r"[\s,;]+(?:and|&|the|and the)?[\s,;]*$", re.IGNORECASE)


def read_other(raw: str, cited_by: str) -> Iterator[Citation]:
    """Yield one citation for each chapter of a known guideline, and one for each other source."""
    others = _AND_OTHERS.search(raw)
    named = raw[: others.start()] if others else raw
    odg, acoem = _ODG.search(named), _ACOEM.search(named)
    if odg is None and acoem is None:
        yield from _read_sources(named, cited_by)
    elif odg is None or (acoem is not None and acoem.start() < odg.start()):
        yield _read_source(named[: odg.start()] if odg else named, cited_by, "ACOEM")
        if odg:
            yield from _read_odg(named[odg.start() :], cited_by)
    else:
        yield from _read_odg(named[: acoem.start()] if acoem else named, cited_by)
        if acoem:
            yield _read_source(named[acoem.start() :], cited_by, "ACOEM")
    if others:
        yield from _read_sources(others["others"], cited_by)


def _read_sources(text: str, cited_by: str) -> Iterator[Citation]:
    """Yield a citation for each URL with the words before it, or one for a text without."""
    ends = [match.end() for match in _URL.finditer(text)]
    starts = [0, *ends]
    for start, end in zip(starts, ends, strict=False):
        yield _read_source(text[start:end].lstrip(" ,;."), cited_by, "OTHER")
    rest = text[starts[-1] :]
    if not ends or re.search(r"[^\W\d]{4}", rest):
        yield _read_source(rest.lstrip(" ,;.") or text, cited_by, "OTHER")


def _read_source(raw: str, cited_by: str, source: str) -> Citation:
    """Return a citation of a source other than a chapter of the ODG; edition and pages are no part of its title."""
    text = _AND_AT_END.sub("", raw)
    year, pages = _YEAR.search(_EDITION.sub("", text)), _PAGES.search(text)
    url = _URL.search(text)
    title = _PAGES.sub("", _EDITION.sub("", _URL.sub("", text))).strip(_TRIMMED)
    if source == "ACOEM":
        title = _YEAR_BETWEEN.sub("", title)
    return Citation(
        cited_by,
        source,
        raw,
        title=title or (_name_page(url.group()) if url else None),
        year=int(year[1]) if year else None,
        pages=_read_pages(pages) if pages else None,
        edition=_find_edition(text),
    )


def _find_edition(text: str) -> str | None:
    return ", ".join(match["edition"] for match in _EDITION.finditer(text)) or None


def _read_pages(match: re.Match[str]) -> str:
    return re.sub(r"\s", "", match[1])


def _name_page(url: str) -> str:
    """Return a title for a web page: its host, and the words that its address ends in."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    words = re.sub(r"\.\w{2,5}$", "", parts.path.rstrip("/").rsplit("/", 1)[-1]).replace("-", " ").replace("_", " ")
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}: {words}" if re.search(r"[^\W\d]{3}", words) else host


def _read_odg(raw: str, cited_by: str) -> Iterator[Citation]:
    """Yield a citation for each chapter: the guideline's name or a semicolon precedes its chapters and topics."""
    found: dict[tuple[str | None, int | None], Citation] = {}
    titles_before: list[str] = []
    stretches = [s for s in re.split(rf";|{_ODG.pattern}", raw, flags=re.IGNORECASE) if s.strip(f"{_TRIMMED}and")]
    for stretch in stretches or [""]:
        text = _AND_AT_END.sub("", stretch).strip(_TRIMMED)
        pages, edition = _PAGES.search(text), _find_edition(text)
        text = _PAGES.sub("", _EDITION.sub("", text)).strip(_TRIMMED)
        text = _GENERAL.sub("", text)
        year = _FIRST_YEAR.match(text)
        text = _GENERAL.sub("", text[year.end() :].strip(_TRIMMED)) if year else text
        titles, topic = split_titles(text)
        titles_before = titles or titles_before
        sections = tuple(_split_topics(topic))
        for title in titles_before or (None,):
            key = (title, int(year[1]) if year else None)
            before = found.get(key)
            found[key] = Citation(
                cited_by,
                "ODG",
                raw,
                title=title,
                year=key[1],
                sections=(*before.sections, *(s for s in sections if s not in before.sections)) if before else sections,
                pages=_read_pages(pages) if pages else (before.pages if before else None),
                edition=edition or (before.edition if before else None),
            )
    yield from found.values()


def _split_topics(topic: str) -> Iterator[str]:
    """Yield the topics of a chapter: a comma ends one if a capital follows outside brackets."""
    text = _TOPIC_WORD.sub("", _LOOSE_DATE.sub("", topic.strip(_TRIMMED))).strip(_TRIMMED)
    text = _WHOLLY_BRACKETED.sub(r"\1", text)
    for section in split_sections(text, _NEXT_TOPIC):
        if printed := _TOPIC_WORD.sub("", section).strip(_TRIMMED):
            yield printed


_NEXT_TOPIC = re.compile(r",\s+(?:and\s+)?(?=[A-Z\d])(?![^()]*\))")
