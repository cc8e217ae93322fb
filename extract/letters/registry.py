"""The registry of letter formats: one TOML file each under `formats/`, read and checked once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

SECTIONS = (
    "header", "reviewer", "documents", "summary", "decisions", "details", "requests", "guidelines", "rationale",
    "closing",
)  # fmt: skip
LABELS = ("claims_admin_guideline", "reviewer_guideline", "rationale")
DATE_FIELDS = ("date_assigned", "date_of_injury", "decision_date", "ur_denial_date", "application_received")
TEXT_FIELDS = ("case_number", "priority")
LIST_FIELDS = ("licensure_states", "specialties")
CHECKED_FIELDS = ("stated_outcome",)
"""Fields that are no part of the record: they are only held against what was derived."""
FLAGS = re.IGNORECASE | re.DOTALL | re.MULTILINE


class FormatFileError(ValueError):
    """A format file that cannot be used: names the file and the place."""


@dataclass(frozen=True)
class FieldRule:
    """Where a field stands: the section that is searched, and a pattern whose group 1 is the value."""

    section: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Heading:
    """A section's heading: its words as messages show them, what finds it, and whether a letter may lack it."""

    words: str
    pattern: re.Pattern[str]
    optional: bool = False


@dataclass(frozen=True)
class ItemRule:
    """How the disputed treatments are printed: a style of `item_styles`, and the patterns that it works with.

    `labels` part a block: a label's match is dropped, so a sentence that is to be kept is a lookahead.
    `repeated_in` is a section in which the list of decisions is printed once more.
    """

    style: str
    labels: dict[str, re.Pattern[str]]
    patterns: dict[str, re.Pattern[str]]
    repeated_in: str | None = None


@dataclass(frozen=True)
class StyleNeeds:
    """What a style of items cannot do without."""

    sections: tuple[str, ...]
    labels: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


STYLES = {
    "labelled_blocks": StyleNeeds(("decisions",), LABELS),
    "numbered_sentences": StyleNeeds(("decisions",), LABELS, ("decision",)),
    "one_block": StyleNeeds(("requests", "guidelines", "rationale")),
}


@dataclass(frozen=True)
class LetterFormat:
    """One letter layout, as declared: how it is told apart, its headings, items and fields."""

    id: str
    title: str
    years: str
    seen_on_real_letters: bool
    marks: tuple[re.Pattern[str], ...]
    foreign_marks: tuple[re.Pattern[str], ...]
    headings: dict[str, Heading]
    openers: dict[str, re.Pattern[str]]
    items: tuple[ItemRule, ...]
    fields: dict[str, tuple[FieldRule, ...]]
    page_furniture: tuple[re.Pattern[str], ...] = ()


@cache
def formats() -> tuple[LetterFormat, ...]:
    """Return every declared format, by id. Raises `FormatFileError` for a file that cannot be used."""
    folder = files("extract.letters") / "formats"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return tuple(load_format(f, folder / "parts") for f in found)


def load_format(file: Traversable, parts: Traversable) -> LetterFormat:
    """Read one format file, with the parts that it names laid under it."""
    own = tomllib.loads(file.read_text("utf-8"))
    shared = [tomllib.loads((parts / f"{name}.toml").read_text("utf-8")) for name in own.get("parts", [])]
    layers = [*shared, own]
    try:
        made = LetterFormat(
            id=own["id"],
            title=own["title"],
            years=own["years"],
            seen_on_real_letters=own["seen_on_real_letters"],
            marks=tuple(re.compile(p, FLAGS) for p in own["detect"]["all"]),
            foreign_marks=tuple(re.compile(p, FLAGS) for p in own["detect"].get("none", [])),
            headings={k: _heading(declared) for k, declared in _merged(layers, "headings").items()},
            openers=_patterns({k: rf"\s*(?:{p})" for k, p in _merged(layers, "openers").items()}),
            items=tuple(_item_rule(rule) for layer in layers for rule in layer.get("items", [])),
            fields=_fields(layers),
            page_furniture=tuple(re.compile(p, FLAGS) for p in own.get("page_furniture", [])),
        )
    except (KeyError, re.error) as error:
        raise FormatFileError(f"{file.name}: {type(error).__name__} {error}") from error
    wrong = [*_unknown_names(made), *_unmet_needs(made)]
    if made.id != file.name.removesuffix(".toml"):
        wrong.append(f"its id is {made.id}")
    if wrong:
        raise FormatFileError(f"{file.name}: {'; '.join(wrong)}")
    return made


def _merged(layers: list[dict[str, Any]], table: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for layer in layers:
        merged |= layer.get(table, {})
    return merged


def _patterns(declared: dict[str, str | list[str]]) -> dict[str, re.Pattern[str]]:
    """Compile patterns; a long one may be declared as a list of pieces."""
    return {name: re.compile("".join(pattern), FLAGS) for name, pattern in declared.items()}


_PLACES = {"line": r"^{}\s*?$", "start": "^{}", "anywhere": "{}"}


def _heading(declared: str | dict[str, Any]) -> Heading:
    """Read a heading: its words, or a table of words or pattern, place and whether it is optional.

    Words may wrap or fall apart over a page break. They fill their lines (`place = "line"`, unless told
    otherwise), begin a line (`start`) or stand `anywhere`.
    """
    table = declared if isinstance(declared, dict) else {"text": declared}
    words, pattern = table.get("text", table.get("called", "")), table.get("pattern")
    if pattern is None:
        spaced = r"\s+".join(re.escape(word) for word in table["text"].split())
        pattern = _PLACES[table.get("place", "line")].format(spaced)
    return Heading(words or pattern, re.compile(pattern, FLAGS), table.get("optional", False))


def _item_rule(declared: dict[str, Any]) -> ItemRule:
    labels, patterns = _patterns(declared.get("labels", {})), _patterns(declared.get("patterns", {}))
    return ItemRule(declared["style"], labels, patterns, declared.get("repeated_in"))


def _fields(layers: list[dict[str, Any]]) -> dict[str, tuple[FieldRule, ...]]:
    """Lay the layers' rules one after the other: a part's rule is tried before the format's own."""
    fields: dict[str, tuple[FieldRule, ...]] = {}
    for layer in layers:
        for name, rules in layer.get("fields", {}).items():
            made = tuple(FieldRule(rule["in"], re.compile(rule["pattern"], FLAGS)) for rule in rules)
            fields[name] = fields.get(name, ()) + made
    return fields


def _unknown_names(made: LetterFormat) -> list[str]:
    """Return every name that nothing reads, such as a misspelt field's, and every section without a heading."""
    declared = {"header", *made.headings}
    searched = {rule.section for rules in made.fields.values() for rule in rules}
    searched |= {*made.openers, *(rule.repeated_in for rule in made.items if rule.repeated_in)}

    def told(kind: str, names: Iterable[str], known: Iterable[str]) -> list[str]:
        return [f"{kind} {name}" for name in sorted(set(names) - set(known))]

    return [
        *told("unknown field", made.fields, (*DATE_FIELDS, *TEXT_FIELDS, *LIST_FIELDS, *CHECKED_FIELDS)),
        *told("unknown section", made.headings, SECTIONS),
        *told("no heading for section", searched, declared),
        *told("unknown style of items", (rule.style for rule in made.items), STYLES),
    ]


def _unmet_needs(made: LetterFormat) -> list[str]:
    """Return what the styles of the format's items, and every record, need and the file does not declare."""
    unmet = [f"no heading for section {name}" for name in ("summary", "reviewer") if name not in made.headings]
    if not made.items:
        unmet.append("no items")
    for rule in made.items:
        if (needs := STYLES.get(rule.style)) is None:
            continue
        for kind, needed, given in (
            ("section", needs.sections, [n for n, h in made.headings.items() if not h.optional]),
            ("label", needs.labels, list(rule.labels)),
            ("pattern", needs.patterns, list(rule.patterns)),
        ):
            unmet += [f"{rule.style} needs the {kind} {name}" for name in needed if name not in given]
    return unmet
