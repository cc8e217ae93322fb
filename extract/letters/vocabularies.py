"""The vocabularies of the letters: CSV and TOML files under `vocabulary/`, read once."""

from __future__ import annotations

import csv
import re
import tomllib
from functools import cache
from importlib.resources import files


def _text(name: str) -> str:
    return (files("extract.letters") / "vocabulary" / name).read_text("utf-8")


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of `vocabulary/<name>.csv`, each a dict by its header."""
    return tuple(csv.DictReader(_text(f"{name}.csv").splitlines()))


@cache
def longest_first(name: str, column: str) -> tuple[str, ...]:
    """Return a column's values, longest first: how a list is searched in which one name begins another."""
    return tuple(sorted((row[column] for row in table(name)), key=len, reverse=True))


@cache
def patterns(name: str, flags: re.RegexFlag = re.NOFLAG) -> dict[str, re.Pattern[str]]:
    """Return the patterns of `vocabulary/<name>.toml` by their key, each list as one alternation."""
    return {key: re.compile("|".join(listed), flags) for key, listed in tomllib.loads(_text(f"{name}.toml")).items()}
