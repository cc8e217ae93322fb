"""Loads the vocabularies of the letters: CSV and TOML files under `vocabulary/`."""

from __future__ import annotations

import csv
import re
import tomllib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "vocabulary"


@cache
def load_table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of `vocabulary/<name>.csv`, each a dict by its header."""
    return tuple(csv.DictReader((FOLDER / f"{name}.csv").read_text("utf-8").splitlines()))


@cache
def load_names(name: str, column: str) -> tuple[str, ...]:
    """Return the values of a column, longest first: the order to match them in, as one may begin another."""
    return tuple(sorted((row[column] for row in load_table(name)), key=len, reverse=True))


@cache
def load_outcome_words() -> dict[str, str]:
    """Return the outcome that each printed decision means; the printed words are in lower case."""
    return {row["printed"]: row["outcome"] for row in load_table("outcomes")}


@cache
def load_patterns(name: str, flags: re.RegexFlag = re.NOFLAG) -> dict[str, re.Pattern[str]]:
    """Return the patterns of `vocabulary/<name>.toml` by their key, each list as one alternation."""
    declared = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    return {key: re.compile("|".join(listed), flags) for key, listed in declared.items()}
