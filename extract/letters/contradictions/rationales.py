"""Flags rationales that are shared, decide on another amount, or say that the item was provided before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from extract.letters.contradictions.sentences import split_sentences
from extract.letters.quantities import list_amounts
from extract.letters.vocabularies import load_patterns
from extract.record import Decision, Flag

SHARED_WORDS = 0.79
"""Share of their words from which two rationales are nearly the same: four fifths, rounded."""
_SIMILAR_LENGTH = 0.6
"""Share of its length below which a rationale cannot share so many words with a longer one."""
_WORD = re.compile(r"[a-z0-9]+")
_AMOUNT_AHEAD = 90
"""Characters after "request for" in which the amount is looked for."""
_PROVIDED = ("uplicat", "reviously", "lready")
_REPEATED = ("epeat", "dditional", "nother", "second", " new ")
"""Parts of words without one of which no rule of `already_provided` can match; the latter only for a study."""
_QUOTED = 60
"""Characters that a flag quotes."""


def flag_rationales(decisions: tuple[Decision, ...]) -> Iterator[Flag]:
    """Yield the flags of the rationales, in the order of their decisions."""
    yield from _flag_shared(decisions)
    for decision in decisions:
        if amount := _find_other_amount(decision):
            yield Flag("quantity", amount, decision.decision_number)
        if words := _find_already_provided(decision):
            yield Flag("already_provided", f"the rationale says {words[-_QUOTED:]!r}", decision.decision_number)


def _flag_shared(decisions: tuple[Decision, ...]) -> Iterator[Flag]:
    """Yield a flag for each group of nearly equal rationales of different requests, at its second member."""
    if len(decisions) < 2:
        return
    words = load_patterns("rationales", re.IGNORECASE)
    groups: list[tuple[Decision, frozenset[str]]] = []
    flagged: set[int] = set()
    for decision in decisions:
        if words["accompanies_surgery"].search(decision.treatment_requested):
            continue
        asked = _name_treatment(decision)
        for first, treatment in groups:
            is_same = asked <= treatment or treatment <= asked
            if not is_same and _share_words(decision.rationale, asked, first.rationale, treatment):
                if first.decision_number not in flagged:
                    detail = f"nearly the same as that of decision {first.decision_number}"
                    yield Flag("shared_rationale", detail, decision.decision_number)
                flagged.add(first.decision_number)
                break
        else:
            groups.append((decision, asked))


def _name_treatment(decision: Decision) -> frozenset[str]:
    """Return the words of a request that say what is treated with what, without amounts."""
    request = decision.disputed_request or decision.treatment_requested
    plain = load_patterns("rationales", re.IGNORECASE)["amount_words"].sub(" ", request)
    return frozenset(_WORD.findall(plain.lower()))


def _share_words(text: str, asked: frozenset[str], other: str, other_asked: frozenset[str]) -> bool:
    """Whether two rationales have four fifths of the longer one's words in common, their requests' words apart."""
    if min(len(text), len(other)) < _SIMILAR_LENGTH * max(
        len(text), len(other)
    ):  # the usual case, without a comparison
        return False
    words, others = _count_words(text, asked), _count_words(other, other_asked)
    shared = sum(min(words[word], others[word]) for word in words.keys() & others.keys())
    return shared >= SHARED_WORDS * max(words.total(), others.total())


@lru_cache(maxsize=64)
def _count_words(text: str, left_out: frozenset[str]) -> Counter[str]:
    words = Counter(_WORD.findall(text.lower()))
    for word in left_out:
        del words[word]
    return words


def _find_other_amount(decision: Decision) -> str | None:
    """Return the amount of a conclusion that is not the disputed one, both as text."""
    disputed = list_amounts(decision.disputed_request or decision.treatment_requested)
    if not disputed:
        return None
    words = load_patterns("rationales", re.IGNORECASE)
    for sentence in split_sentences(decision.rationale):
        decided = words["decided_amount"].search(sentence) if words["concludes"].search(sentence) else None
        if not decided or words["restates"].search(sentence):
            continue
        amounts = list_amounts(sentence[decided.end() : decided.end() + _AMOUNT_AHEAD])
        if (
            amounts
            and amounts[0] not in {sum(disputed), *(disputed if len(set(disputed)) == 1 else ())}
            and sum(amounts) != sum(disputed)
        ):
            return f"disputed {' and '.join(map(str, disputed))}, the rationale decides {amounts[0]}"
    return None


def _find_already_provided(decision: Decision) -> str | None:
    """Return the words that say that the disputed item was provided or authorized before."""
    if decision.is_modified:
        return None
    words = load_patterns("rationales", re.IGNORECASE)
    text = decision.rationale
    is_study = words["study"].search(decision.treatment_requested) is not None
    parts = (*_PROVIDED, *_REPEATED) if is_study else _PROVIDED
    if any(part in text for part in parts) and (found := words["already_provided"].search(text)):
        return found.group()
    if not is_study:
        return None
    for sentence in split_sentences(text):
        study = words["provided_study"].search(sentence)
        clause = sentence[sentence.rfind(";", 0, study.start()) + 1 :] if study else ""
        if study and not words["denied"].search(clause) and _is_same_study(decision, study["study"], clause):
            return study.group()
    return None


def _is_same_study(decision: Decision, study: str, sentence: str) -> bool:
    """Whether a sentence is about the study that is asked for: its kind, and a further word of the request."""
    kind = re.sub(r"\W|s$", "", study.lower())
    if kind not in re.sub(r"[^a-z ]", "", decision.treatment_requested.lower()):
        return False
    asked = {word for word in _name_treatment(decision) if len(word) > 3}
    return bool(asked & set(_WORD.findall(sentence.lower())))
