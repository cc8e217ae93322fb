"""Reads the diagnoses that a letter states for its worker, by the grammar of `vocabulary/diagnoses.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from extract.letters.sections import Span
from extract.letters.vocabularies import load_patterns, load_table

_NUMBER = r"\(?\d{1,2}[.)]\s+(?=[A-Za-z])"
_HARD = re.compile(rf"(?:\s*;\s*|^|\s+)(?:and\s+|&\s*)?{_NUMBER}|\s*;\s*(?:and\s+|&\s*)?")
_SOFT = re.compile(r"(\s*,\s*(?:and\s+|&\s*)?(?:also\s+)?|\s+(?:and|as well as|along with|&)\s+)", re.IGNORECASE)
_REACH = 90
"""Characters before and after a keyword in which an introduction is sought."""
_LONGEST = 2000
"""Characters of a sentence or list; more are not searched, so that the time grows with the text's length only."""
_UNIMPORTANT = re.compile(r"\b(?:an?|the|and)\b|\W+")
_WORD = re.compile(r"\w+")
_EDGES = re.compile(
    r"^(?:(?:an?|the|his|her|and|also|of|with|having|include[sd]?)\s+|[\s,.:;()\"'-]+)+|[\s,.:;(\"'-]+$", re.IGNORECASE
)


def read_diagnoses(summary: str, rationales: Iterable[str]) -> tuple[str, ...]:
    """Return the diagnoses of the summary or, failing that, of the first rationale that states any.

    Each is as printed, without codes, in printed order and once.
    """
    worker = load_patterns("diagnoses", re.IGNORECASE)["worker"]
    return _read_text(summary) or next((found for text in rationales if (found := _read_text(text, worker))), ())


def read_complaints(summary: str) -> tuple[str, ...]:
    """Return what the summary says that the worker complains of, as printed and once."""
    found: dict[str, None] = {}
    end = 0
    for match in load_patterns("diagnoses")["complains"].finditer(summary.lower()):
        if match.start() >= end:
            end = _find_end(summary, match.end())
            found[_EDGES.sub("", summary[match.end() : end])] = None
    return tuple(complaint for complaint in found if complaint)


def _read_text(text: str, about: re.Pattern[str] | None = None) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for listed in find_lists(text, about):
        for diagnosis in _split_list(text[listed.start : listed.end]):
            found.setdefault(_UNIMPORTANT.sub("", diagnosis.lower()), diagnosis)
    return tuple(found.values())


def find_lists(text: str, about: re.Pattern[str] | None = None) -> Iterator[Span]:
    """Yield each list of diagnoses, up to the end of its sentence or to words that end it.

    If `about` is given, it must match in the sentence, up to the list.
    """
    grammar = load_patterns("diagnoses", re.IGNORECASE)
    at = 0
    for keyword in load_patterns("diagnoses")["keywords"].finditer(text.lower()):
        earliest = max(0, keyword.start() - _LONGEST)
        sentence = max(earliest, text.rfind(". ", earliest, keyword.start()) + 1)
        start = max(at, sentence, keyword.start() - _REACH)
        introduction = grammar["introduces"].search(text, start, keyword.end() + _REACH)
        if keyword.start() < at or introduction is None:
            continue
        at = _find_end(text, introduction.end())
        is_discounted = grammar["discounts"].search(text, sentence, introduction.start())
        if not is_discounted and (about is None or about.search(text, sentence, introduction.end())):
            yield Span(introduction.end(), at)


def _find_end(text: str, start: int) -> int:
    limit = min(len(text), start + _LONGEST)
    end = load_patterns("diagnoses", re.IGNORECASE)["ends"].search(text, start, limit)
    return end.start() if end else limit


def _split_list(listed: str) -> Iterator[str]:
    """Yield each diagnosis of a list."""
    grammar = load_patterns("diagnoses", re.IGNORECASE)
    for part in _HARD.split(grammar["drops"].sub("", listed)):
        for diagnosis in _join_pieces(_SOFT.split(part)):
            cut = grammar["cuts"].search(diagnosis)
            stated = _EDGES.sub("", diagnosis[: cut.start()] if cut else diagnosis)
            if _find_name(stated) is not None:
                yield stated


def _find_name(text: str) -> int | None:
    """Return the offset just after the first word that names a diagnosis, `None` if there is none."""
    names = _load_names()
    for word in _WORD.finditer(text.lower()):
        if word[0] in names["word"] or word[0].startswith(names["beginning"]) or word[0].endswith(names["ending"]):
            return word.end()
    return None


@cache
def _load_names() -> dict[str, tuple[str, ...]]:
    rows = load_table("diagnosis_words")
    return {kind: tuple(row["text"] for row in rows if row["kind"] == kind) for kind in ("word", "beginning", "ending")}


def _join_pieces(split: list[str]) -> list[str]:
    """Return diagnoses from alternating pieces and separators: a piece without a name joins its neighbour."""
    joined: list[str] = []
    has_names = [_find_name(piece) is not None for piece in split[::2]]
    last_named = max((i for i, has_name in enumerate(has_names) if has_name), default=-1)
    is_named = False
    for i, has_name in enumerate(has_names):
        piece, separator = split[2 * i], split[2 * i - 1] if i else ""
        if joined and (not is_named or _belongs(joined[-1], separator, piece, has_name, i < last_named)):
            joined[-1] += separator + piece
            is_named = is_named or has_name
        elif piece:
            joined.append(piece)
            is_named = has_name
    return joined


def _belongs(named: str, separator: str, piece: str, has_name: bool, has_name_after: bool) -> bool:
    """Whether a piece continues the named diagnosis before it, rather than begins the next."""
    grammar = load_patterns("diagnoses", re.IGNORECASE)
    if grammar["continues"].match(piece):
        return True
    if not has_name:
        return not has_name_after or grammar["links"].search(named, _find_name(named) or 0) is not None
    if "," in separator:
        return False
    is_bare = any(grammar["bare_names"].fullmatch(_EDGES.sub("", text)) for text in (named, piece))
    _, has_addition, addition = named.rpartition(" with ")
    is_open = grammar["opens"].search(named) is not None or (has_addition and _find_name(addition) is None)
    return is_bare or bool(is_open)
