"""Finds the chapters of the ODG in a citation: before their topics, several at once, or after a topic."""

from __future__ import annotations

import re
from functools import cache

from extract.letters.vocabularies import load_names, load_table

# Text between a chapter's name and its topic.
_QUALIFIER = re.compile(
    r"(?:\s*\((?:Acute|Chronic|Thoracic|Lumbar|trauma)[^()]*(?:\([^()]*\)[^()]*)*\)"
    r"|\s*(?:Chapters?|sections?|Procedure Summary|Procedures?|Guidelines)\b|[\s,:;/.\u2013-]+)+",
    re.IGNORECASE,
)
_ENDS_TITLE = re.compile(r"\s*(?:$|[,;:.(]|Chapters?\b|sections?\b)", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:,\s*)?(?:and|&|/)\s+|\s*/\s*", re.IGNORECASE)


def _normalize(name: str) -> str:
    return re.sub(r"\s*[-\u2013]\s*", "-", re.sub(r"\s+", " ", name.lower()))


@cache
def _make_chapter_pattern() -> re.Pattern[str]:
    """Match a chapter's name, with or without blanks around a dash."""
    names = "|".join(
        r"\s*[-\u2013]\s*".join(re.escape(part).replace(r"\ ", r"\s") for part in re.split(r"\s*-\s*", name))
        for name in load_names("odg_chapters", "printed")
    )
    return re.compile(
        rf"(?:(?:the\s+)?Chapters?:?\s+)?(?P<name>{names})(?!\w)(?!\s+(?:fusion|pain|MRI|injection|replacement))",
        re.IGNORECASE,
    )


@cache
def _make_later_pattern() -> re.Pattern[str]:
    """Match a chapter after its topic: "physical therapy, elbow chapter", "MRI, Low Back" at the end."""
    name = _make_chapter_pattern().pattern
    return re.compile(
        rf"(?:^|[,:(/-]|\b(?:in|from|of|and))\s*{name}\s*(?:(?:chapters?|section)\b|\)?$)\)?", re.IGNORECASE
    )


@cache
def _load_chapters() -> dict[str, str]:
    return {_normalize(row["printed"]): row["chapter"] for row in load_table("odg_chapters")}


def split_titles(text: str) -> tuple[list[str], str]:
    """Return the chapters that a text names, each once, and its topic.

    A second chapter counts only if nothing but a comma, a bracket, the word "Chapter" or another chapter follows it:
    `Low Back, Hip injection` names a topic.
    """
    titles: list[str] = []
    rest = text
    while match := _make_chapter_pattern().match(
        _JOINED.sub("", rest, count=1) if titles and _JOINED.match(rest) else rest
    ):
        if titles and not _is_title(match):
            break
        titles.append(_load_chapters()[_normalize(match["name"])])
        rest = match.string[match.end() :]
        qualifier = _QUALIFIER.match(rest)
        rest = rest[qualifier.end() :] if qualifier else rest
    if not titles and (later := _make_later_pattern().search(text)):
        titles.append(_load_chapters()[_normalize(later["name"])])
        rest = f"{text[: later.start()]} {text[later.end() :]}".strip(" ,:;-/")
    return list(dict.fromkeys(titles)), rest


def _is_title(match: re.Match[str]) -> bool:
    """Whether a chapter after another one is no topic; "chapters: Chiropractic Guidelines" are one."""
    joined = _JOINED.match(match.string, match.end())
    is_listed = joined is not None and _make_chapter_pattern().match(match.string, joined.end()) is not None
    ends = _ENDS_TITLE.match(match.string, match.end()) is not None
    return (ends or is_listed) and not match["name"].lower().endswith("guidelines")
