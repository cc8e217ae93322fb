"""Flags two birth dates, ages or sexes of the worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from extract.letters.contradictions.sentences import split_sentences
from extract.letters.fields import find_ages, find_sex_words, name_sex
from extract.letters.text_dates import DatedText
from extract.letters.vocabularies import load_patterns
from extract.record import Flag, LetterRecord

_BIRTH = ("birth", "born", "dob")
_PRONOUNS = {
    "male": re.compile(r"[Hh](?<!\w.)(?:e|is|im|imself)\b"),
    "female": re.compile(r"[SsHh](?<!\w.)(?:(?<=[Ss])he|(?<=[Hh])er(?:s|self)?)\b"),
}


def flag_patient(record: LetterRecord) -> Iterator[Flag]:
    """Yield a flag for each fact of the worker that is stated twice, differently."""
    summary = record.clinical_case_summary
    lowered = summary.lower()
    is_stated = any(word in lowered for word in _BIRTH)
    born = {d.day for d in DatedText.read(summary).find("birth") if d.day} if is_stated else set()
    if len(born) > 1:
        yield Flag("patient", f"born {_join(born)}")
    yield from _flag_age(record)
    yield from _flag_sex(record)


def _join(values: set[date] | set[int] | set[str]) -> str:
    return " and ".join(str(value) for value in sorted(values))


def _find_worker(text: str) -> list[re.Match[str]]:
    return (
        list(load_patterns("people", re.IGNORECASE)["worker_age"].finditer(text))
        if " old" in text or "-old" in text
        else []
    )


def _flag_age(record: LetterRecord) -> Iterator[Flag]:
    """Yield a flag for two ages that are more than a birthday apart."""
    ages = {int(match[1]) for match in find_ages(record.clinical_case_summary)}
    number = None
    for decision in record.decisions if len(ages) == 1 else ():
        ages |= {int(match["age"]) for match in _find_worker(decision.rationale)}
        number = decision.decision_number
        if len(ages) > 1:
            break
    if ages and max(ages) - min(ages) > 1:
        yield Flag("patient", f"aged {_join(ages)}", number)


def _flag_sex(record: LetterRecord) -> Iterator[Flag]:
    """Yield a flag for words of both sexes, and for each text with a word of the other sex."""
    if record.patient_sex is None:
        words = {match[1].lower() for match in find_sex_words(record.clinical_case_summary)}
        if len({name_sex(word) for word in words}) > 1:
            yield Flag("patient", f"called {_join(words)}")
        return
    texts = [(None, record.clinical_case_summary), *((d.decision_number, d.rationale) for d in record.decisions)]
    for number, text in texts:
        words = {match["sex"].lower() for match in _find_worker(text) if match["sex"]} if number else set()
        others = [word for word in words if name_sex(word) != record.patient_sex]
        other = others[0] if others else _find_other_pronoun(text, record.patient_sex)
        if other:
            yield Flag("patient", f"{record.patient_sex}, but called {other!r}", number)


def _find_other_pronoun(text: str, sex: str) -> str | None:
    """Return a pronoun of the other sex that can only mean the worker, if there is one."""
    other_sex = "male" if sex == "female" else "female"
    pronoun = _PRONOUNS[other_sex]
    if not pronoun.search(text):  # the usual case, without splitting
        return None
    words = load_patterns("people", re.IGNORECASE)
    before = ""
    for sentence in split_sentences(text):
        for match in pronoun.finditer(sentence):
            context = f"{before} {sentence[: match.end()]}"
            means_another = words["other_person"].search(context) or words[f"other_{other_sex}"].search(context)
            if not means_another and not words["provider_does"].match(sentence, match.end()):
                return match.group()
        before = sentence
    return None
