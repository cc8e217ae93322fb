"""Loads the letter formats: one TOML file each under `formats/`, with shared pieces under `formats/parts/`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "formats"
SECTIONS = (
    "header", "reviewer", "documents", "summary", "decisions", "details", "requests", "guidelines", "rationale",
    "closing",
)  # fmt: skip
LABELS = ("claims_admin_guideline", "reviewer_guideline", "rationale")
DATE_FIELDS = ("date_assigned", "date_of_injury", "decision_date", "ur_denial_date", "application_received")
TEXT_FIELDS = ("case_number", "priority")
LIST_FIELDS = ("licensure_states", "specialties")
RECORD_FIELDS = (*DATE_FIELDS, *TEXT_FIELDS, *LIST_FIELDS)
CHECKED_FIELDS = ("stated_outcome",)
"""Fields that are not part of the record: they are compared with what was derived."""
FLAGS = re.IGNORECASE | re.DOTALL | re.MULTILINE


class FormatFileError(ValueError):
    """A format file that cannot be used; the message names the file and the problems."""


@dataclass(frozen=True)
class FieldRule:
    """A section to search, and a pattern whose group 1 is the field's value."""

    section: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Heading:
    """A section's heading: its words for messages, its pattern, and whether a letter may lack it."""

    words: str
    pattern: re.Pattern[str]
    optional: bool = False


@dataclass(frozen=True)
class ItemRule:
    """How the disputed treatments are printed: a style of `item_styles`, and the patterns it uses.

    `labels` separate the parts of a block. The match itself is dropped, so a sentence to keep is a lookahead.
    `repeated_in` is a section in which the list of decisions is printed again.
    """

    style: str
    labels: dict[str, re.Pattern[str]]
    patterns: dict[str, re.Pattern[str]]
    repeated_in: str | None = None


STYLES: dict[str, dict[str, tuple[str, ...]]] = {
    "labelled_blocks": {"section": ("decisions",), "label": LABELS},
    "numbered_sentences": {"section": ("decisions",), "label": LABELS, "pattern": ("decision",)},
    "one_block": {"section": ("requests", "guidelines", "rationale")},
}
"""What a format file must declare for each style of items."""


@dataclass(frozen=True)
class LetterFormat:
    """One letter format as declared: its marks, headings, items and fields. `id` is the file's name.

    A letter without one of the `required_fields` is flagged. Of the `required_together` it has all or none.
    `first_page` is printed on the letter's first page: what stands on pages before is a cover sheet.
    """

    id: str
    seen_on_real_letters: bool
    marks: tuple[re.Pattern[str], ...]
    foreign_marks: tuple[re.Pattern[str], ...]
    headings: dict[str, Heading]
    openers: dict[str, re.Pattern[str]]
    items: tuple[ItemRule, ...]
    fields: dict[str, tuple[FieldRule, ...]]
    page_furniture: tuple[re.Pattern[str], ...]
    required_fields: tuple[str, ...]
    required_together: tuple[str, ...]
    labels_in_bold: bool
    first_page: re.Pattern[str] | None

    @cached_property
    def part_pattern(self) -> re.Pattern[str]:
        """Any heading, or label that only blocks have: none of them may stand outside the letter."""
        labels = [
            label
            for rule in self.items
            for name, label in rule.labels.items()
            if rule.style == "labelled_blocks" or name == "rationale"
        ]
        patterns = [*(heading.pattern for heading in self.headings.values()), *labels]
        return re.compile("|".join(f"(?:{pattern.pattern})" for pattern in patterns), FLAGS)


KEYS = {*LetterFormat.__dataclass_fields__, "detect", "parts"} - {"id", "marks", "foreign_marks"}


@cache
def load_formats(folder: Path = FOLDER) -> tuple[LetterFormat, ...]:
    """Return the format of every TOML file in a folder, by id. Raises `FormatFileError`."""
    return tuple(load_format(file) for file in sorted(folder.glob("*.toml")))


def load_format(file: Path) -> LetterFormat:
    """Return the format that a file declares together with its parts. Raises `FormatFileError`."""
    try:
        own = _read_toml(file)
        layers = [*(_read_toml(file.parent / "parts" / f"{name}.toml") for name in own.get("parts", [])), own]
        made = LetterFormat(
            id=file.stem,
            seen_on_real_letters=own["seen_on_real_letters"],
            marks=_compile_all(own["detect"]["all"]),
            foreign_marks=_compile_all(own["detect"].get("none", [])),
            headings={name: _make_heading(declared) for name, declared in _merge(layers, "headings").items()},
            openers=_compile_values({name: rf"\s*(?:{p})" for name, p in _merge(layers, "openers").items()}),
            items=tuple(_make_item_rule(rule) for layer in layers for rule in layer.get("items", [])),
            fields=_make_fields(layers),
            page_furniture=_compile_all(own.get("page_furniture", [])),
            required_fields=tuple(own.get("required_fields", [])),
            required_together=tuple(own.get("required_together", [])),
            labels_in_bold=own.get("labels_in_bold", False),
            first_page=_compile(own["first_page"]) if "first_page" in own else None,
        )
    except KeyError as error:
        raise FormatFileError(f"{file.name}: the key {error} is missing") from error
    except (OSError, re.error, tomllib.TOMLDecodeError) as error:
        raise FormatFileError(f"{file.name}: {error}") from error
    if problems := [*_find_unknown_names(made, own), *_find_unmet_needs(made)]:
        raise FormatFileError(f"{file.name}: {'; '.join(problems)}")
    return made


def _read_toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def _merge(layers: list[dict[str, Any]], table: str) -> dict[str, Any]:
    return {name: declared for layer in layers for name, declared in layer.get(table, {}).items()}


def _compile(declared: str | list[str]) -> re.Pattern[str]:
    """Compile a pattern; a long one may be declared as a list of pieces."""
    return re.compile("".join(declared), FLAGS)


def _compile_all(declared: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(_compile(pattern) for pattern in declared)


def _compile_values(declared: dict[str, str | list[str]]) -> dict[str, re.Pattern[str]]:
    return {name: _compile(pattern) for name, pattern in declared.items()}


_PLACES = {"line": r"^{}\s*?$", "start": "^{}", "anywhere": "{}"}


def _make_heading(declared: str | dict[str, Any]) -> Heading:
    """Make a heading from its words, or from a table of words or pattern, place and whether it is optional.

    Words may wrap or be split by a page break. They fill their lines (`place = "line"`, the default), begin a
    line (`start`) or stand `anywhere`.
    """
    table = declared if isinstance(declared, dict) else {"text": declared}
    words, pattern = table.get("text", table.get("called", "")), table.get("pattern")
    if pattern is None:
        spaced = r"\s+".join(re.escape(word) for word in table["text"].split())
        pattern = _PLACES[table.get("place", "line")].format(spaced)
    return Heading(words or pattern, _compile(pattern), table.get("optional", False))


def _make_item_rule(declared: dict[str, Any]) -> ItemRule:
    labels, patterns = (_compile_values(declared.get(table, {})) for table in ("labels", "patterns"))
    return ItemRule(declared["style"], labels, patterns, declared.get("repeated_in"))


def _make_fields(layers: list[dict[str, Any]]) -> dict[str, tuple[FieldRule, ...]]:
    """Concatenate the layers' rules: a part's rule is tried before the format's own."""
    fields: dict[str, tuple[FieldRule, ...]] = {}
    for layer in layers:
        for name, rules in layer.get("fields", {}).items():
            made = tuple(FieldRule(rule["in"], _compile(rule["pattern"])) for rule in rules)
            fields[name] = fields.get(name, ()) + made
    return fields


def _find_unknown_names(made: LetterFormat, own: dict[str, Any]) -> Iterator[str]:
    """Yield every name that nothing reads, such as a misspelt field, and every section without a heading."""
    searched = [rule.section for rules in made.fields.values() for rule in rules]
    searched += [*made.openers, *(rule.repeated_in for rule in made.items if rule.repeated_in)]
    checks: tuple[tuple[str, Iterable[str], Collection[str]], ...] = (
        ("unknown key", own, KEYS),
        ("unknown field", made.fields, (*RECORD_FIELDS, *CHECKED_FIELDS)),
        ("no rule for required field", (*made.required_fields, *made.required_together), made.fields),
        ("unknown section", made.headings, SECTIONS),
        ("no heading for section", searched, ("header", *made.headings)),
        ("unknown label", (label for rule in made.items for label in rule.labels), (*LABELS, "guidelines")),
        ("unknown style of items", (rule.style for rule in made.items), STYLES),
    )
    for problem, names, known in checks:
        yield from (f"{problem} {name}" for name in sorted(set(names)) if name not in known)


def _find_unmet_needs(made: LetterFormat) -> Iterator[str]:
    """Yield what every record and the styles of the format's items need and the file does not declare."""
    yield from (f"no heading for section {name}" for name in ("summary", "reviewer") if name not in made.headings)
    if not made.items:
        yield "no items"
    for name, rules in made.fields.items():
        if any(rule.pattern.groups != 1 for rule in rules):
            yield f"each pattern of {name} needs one group, for its value"
    always_printed = [name for name, heading in made.headings.items() if not heading.optional]
    for rule in made.items:
        given = {"section": always_printed, "label": rule.labels, "pattern": rule.patterns}
        for kind, needed in STYLES.get(rule.style, {}).items():
            yield from (f"{rule.style} needs the {kind} {name}" for name in needed if name not in given[kind])
