"""Reads the single fields of a letter: those that its format declares, and the patient's age and sex."""

from __future__ import annotations

import re
from datetime import date

from extract.letters.registry import DATE_FIELDS, LIST_FIELDS, RECORD_FIELDS, FieldRule, LetterFormat
from extract.letters.sections import Span
from extract.lines import tidy
from extract.reasons import Reason, UnreadableError
from extract.record import Flag

_COMMA = re.compile(r"\s*,\s*")
_COMMA_OR_AND = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+")  # no state's name contains "and"; specialties do
_CASE_NUMBER = re.compile(r"(?:CM|IMR)\s?-?\d{2}-\d{4,7}", re.IGNORECASE)
_DATE = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")


def read_fields(
    text: str, letter_format: LetterFormat, sections: dict[str, Span]
) -> tuple[dict[str, date | str | tuple[str, ...] | None], list[Flag]]:
    """Return every field of the record by name, and a flag for each value that is not understood.

    A field that the letter does not print, or prints with two values, is `None` (a list: empty). Raises
    `UnreadableError` for a case number that has not the form of one.
    """
    values: dict[str, date | str | tuple[str, ...] | None] = {}
    flags: list[Flag] = []
    for name in RECORD_FIELDS:
        found = [find_values(rule, text, sections) for rule in letter_format.fields.get(name, ())]
        if disputed := next((printed for printed in found if len(printed) > 1), None):
            flags.append(Flag("field_stated_twice", f"{name}: {' and '.join(disputed)}"))
            found = []
        printed = [values[0] for values in found if values]
        if name in LIST_FIELDS:
            separator = _COMMA_OR_AND if name == "licensure_states" else _COMMA
            values[name] = tuple(item for value in printed for item in separator.split(value) if item)
        elif name in DATE_FIELDS:
            values[name] = read_date(printed[0]) if printed else None
            if printed and values[name] is None:
                flags.append(Flag("date_not_understood", f"{name}: {printed[0]!r}"))
        else:
            values[name] = printed[0] if printed else None
    if values["case_number"] is not None:
        values["case_number"] = _read_case_number(str(values["case_number"]))
    return values, flags


def find_values(rule: FieldRule, text: str, sections: dict[str, Span]) -> list[str]:
    """Return the different values that a rule finds in its section, in printed order."""
    span = sections.get(rule.section)
    if span is None:
        return []
    return list(dict.fromkeys(tidy(match[1]) for match in rule.pattern.finditer(text, span.start, span.end)))


def find_field(name: str, text: str, letter_format: LetterFormat, sections: dict[str, Span]) -> list[Span]:
    """Return the spans of a field's values; of a date or a text the first is read, of a list all."""
    return [
        Span(*match.span(1))
        for rule in letter_format.fields.get(name, ())
        if (span := sections.get(rule.section)) is not None
        and (match := rule.pattern.search(text, span.start, span.end)) is not None
    ]


def _read_case_number(printed: str) -> str:
    """Return a case number in capitals, closed at its hyphen; a narrow cell may break it there."""
    number = re.sub(r"-\s+", "-", printed).upper()
    if not _CASE_NUMBER.fullmatch(number):
        detail = f"{printed[:40]!r} has not the form of a case number"
        raise UnreadableError(Reason.CASE_NUMBER_MALFORMED, detail, field="case_number", page=1)
    return number


def read_date(printed: str) -> date | None:
    """Return month/day/year with a four-digit year as a date, or `None` if it is not a valid one.

    The mark that ends a sentence or a clause may follow.
    """
    match = _DATE.fullmatch(printed.rstrip(".,;:)"))
    if match is None:
        return None
    try:
        return date(int(match[3]), int(match[1]), int(match[2]))
    except ValueError:
        return None


_EARLIER_AGE = re.compile(r"\b(?:since|at|when|until|from|by|aged?)\s+$", re.IGNORECASE)
# They begin with a set of characters to which a search can skip, and look back from there.
_AGE = re.compile(r"(\d(?<!\w.)\d{0,2})[\s-]*(?:years?|yrs?\.?|y\.?o\.?)(?:[\s-]*old)\b", re.IGNORECASE)
_SEX_AFTER_AGE = re.compile(
    r"\d(?<!\w.)\d{0,2}[\s-]*(?:years?|yrs?\.?)[\s-]*old\b[\s,-]*(?:\S+\s+){0,4}?(male|female|man|woman|gentleman|lady)\b",
    re.IGNORECASE,
)
_SEX_WORD = re.compile(r"\b(male|female|man|woman|gentleman|lady)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(he|his|him|she|her|hers)\b", re.IGNORECASE)
_FEMALE = {"female", "woman", "lady", "she", "her", "hers", "herself"}


def read_age(summary: str) -> int | None:
    """Return the patient's age in years; `None` if it is not stated or the statements differ.

    An age at which something happened ("migraine since 13 years old") is not the current one.
    """
    ages = {int(m.group(1)) for m in find_ages(summary)}
    return ages.pop() if len(ages) == 1 else None


def find_ages(summary: str) -> list[re.Match[str]]:
    """Return every statement of the patient's current age; group 1 is the number."""
    return [m for m in _AGE.finditer(summary) if not _EARLIER_AGE.search(summary[: m.start()])]


def read_sex(summary: str) -> str | None:
    """Return `male` or `female`: the word beside the age, else any such word, else the pronouns.

    `None` if there is no such word or the words contradict each other.
    """
    sexes = {name_sex(m.group(1)) for m in find_sex_words(summary)}
    return sexes.pop() if len(sexes) == 1 else None


def name_sex(word: str) -> str:
    """Return the sex that a word means: "gentleman" or "him" is `male`."""
    return "female" if word.lower() in _FEMALE else "male"


def find_sex_words(summary: str) -> list[re.Match[str]]:
    """Return the words that the patient's sex is read from, of the strongest kind present; group 1 is the word."""
    by_kind = (list(pattern.finditer(summary)) for pattern in (_SEX_AFTER_AGE, _SEX_WORD, _PRONOUN))
    return next((words for words in by_kind if words), [])
