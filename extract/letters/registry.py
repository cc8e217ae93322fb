"""The registry of letter formats: one TOML file each under `formats/`, read and checked once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

SECTIONS = ("header", "reviewer", "summary", "decisions")
LABELS = ("claims_admin_guideline", "reviewer_guideline", "rationale")
DATE_FIELDS = ("date_assigned", "date_of_injury", "decision_date", "ur_denial_date", "application_received")
TEXT_FIELDS = ("case_number", "priority")
LIST_FIELDS = ("licensure_states", "specialties")
FLAGS = re.IGNORECASE | re.DOTALL


class FormatFileError(ValueError):
    """A format file that cannot be used: names the file and the place."""


@dataclass(frozen=True)
class FieldRule:
    """Where a field stands: the section that is searched, and a pattern whose group 1 is the value."""

    section: str
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class LetterFormat:
    """One letter layout, as declared: how it is told apart, its headings, labels and fields."""

    id: str
    title: str
    years: str
    seen_on_real_letters: bool
    marks: tuple[re.Pattern[str], ...]
    foreign_marks: tuple[re.Pattern[str], ...]
    headings: dict[str, str]
    openers: dict[str, re.Pattern[str]]
    labels: dict[str, re.Pattern[str]]
    fields: dict[str, tuple[FieldRule, ...]]


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
        return LetterFormat(
            id=own["id"],
            title=own["title"],
            years=own["years"],
            seen_on_real_letters=own["seen_on_real_letters"],
            marks=tuple(re.compile(p, FLAGS) for p in own["detect"]["all"]),
            foreign_marks=tuple(re.compile(p, FLAGS) for p in own["detect"]["none"]),
            headings=_merged(layers, "headings"),
            openers={k: re.compile(p, FLAGS) for k, p in _merged(layers, "openers").items()},
            labels={k: re.compile(p, FLAGS) for k, p in _merged(layers, "labels").items()},
            fields=_fields(layers),
        )
    except (KeyError, re.error) as error:
        raise FormatFileError(f"{file.name}: {type(error).__name__} {error}") from error


def _merged(layers: list[dict[str, Any]], table: str) -> dict[str, str]:
    merged: dict[str, str] = {}
    for layer in layers:
        merged |= layer.get(table, {})
    return merged


def _fields(layers: list[dict[str, Any]]) -> dict[str, tuple[FieldRule, ...]]:
    """Lay the layers' rules one after the other: a part's rule is tried before the format's own."""
    fields: dict[str, tuple[FieldRule, ...]] = {}
    for layer in layers:
        for name, rules in layer.get("fields", {}).items():
            made = tuple(FieldRule(rule["in"], re.compile(rule["pattern"], FLAGS)) for rule in rules)
            fields[name] = fields.get(name, ()) + made
    return fields
