"""What stands behind a month that a gate's rule stopped at: the letters that an engineer should look at."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from expectations import marts
from expectations.failure import BYTES_AT, AffectedLetters
from imr.settings import Settings
from warehouse.checks import compare
from warehouse.intake import inbox
from warehouse.runs.run import Run
from warehouse.versions.base import Version

NAMED_BY = ("month_key", "case_number", "source_name", "page")


def letters_behind(
    settings: Settings, run: Run, published: Version | None
) -> Callable[[Sequence[Mapping[str, Any]]], AffectedLetters]:
    """Return what tells of broken months which letters to look at; it asks the candidate only then.

    Of a month that is mostly overturned these are the run's own letters that overturn, those with most such
    decisions first. Of a month that has shrunk they are the letters that readers see in it and would not any more.
    """

    def look(broken: Sequence[Mapping[str, Any]]) -> AffectedLetters:
        months = [str(row["month_key"]) for row in broken]
        ask = marts.month_query(months)
        in_candidate = f"imr sql --run {shlex.quote(run.run_id)} {shlex.quote(ask)}"
        if published is None or not any("decisions_missing" in row for row in broken):
            found = compare.find_overturning_letters(run.candidate, run.run_id, months)
            return _behind(settings, run, found, [in_candidate])
        gone = compare.find_missing_letters(run.candidate, published.full, run.run_id, run.withdrawn(), months)
        return _behind(settings, run, gone, [f"imr sql {shlex.quote(ask)}", in_candidate])

    return look


def _behind(settings: Settings, run: Run, letters: pd.DataFrame, commands: Sequence[str]) -> AffectedLetters:
    at = inbox.find_paths(run)
    rows = [
        {str(name): value for name, value in row.items() if name != "letter_id"}
        | {BYTES_AT: at.get(row["letter_id"]) or _archived(settings, row["letter_id"], row["source_name"])}
        for row in letters.to_dict("records")
    ]
    return AffectedLetters(NAMED_BY, tuple(rows), tuple(commands))


def _archived(settings: Settings, letter_id: str, source_name: str) -> str:
    return str(settings.archive / inbox.name_in_archive(letter_id, source_name))
