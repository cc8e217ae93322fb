"""Finds the letters behind a month that failed a gate's rule."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from expectations import marts
from expectations.failure import LETTER_PATH, AffectedLetters, FindLetters
from imr.pipeline.candidate import open_candidate
from imr.settings import Settings
from warehouse.checks import compare
from warehouse.intake import inbox
from warehouse.runs.run import Run
from warehouse.versions.base import Version

NAMED_BY = ("month_key", "case_number", "source_name", "page")


def make_letter_finder(settings: Settings, run: Run, published: Version | None) -> FindLetters:
    """Return a callback that finds the letters behind failing months.

    For a mostly overturned month these are the run's letters with overturned decisions, those with most first. For a
    month with fewer decisions than published they are the published letters that are missing from the candidate.
    """

    def find_letters(failing: Sequence[Mapping[str, Any]]) -> AffectedLetters:
        months = [str(row["month_key"]) for row in failing]
        query = shlex.quote(marts.build_month_query(months))
        commands = [f"imr sql --run {shlex.quote(run.run_id)} {query}"]
        with open_candidate(run, published) as connection:
            if published is None or not any("decisions_missing" in row for row in failing):
                letters = compare.find_overturning_letters(connection, run.run_id, months)
            else:
                letters = compare.find_missing_letters(connection, run.run_id, run.withdrawn(), months)
                commands = [f"imr sql {query}", *commands]
        paths = inbox.find_paths(run)
        rows = [
            {str(name): value for name, value in row.items() if name != "letter_id"}
            | {
                LETTER_PATH: paths.get(row["letter_id"])
                or find_archived_path(settings, row["letter_id"], row["source_name"])
            }
            for row in letters.to_dict("records")
        ]
        return AffectedLetters(NAMED_BY, rows, commands)

    return find_letters


def find_archived_path(settings: Settings, letter_id: str, source_name: str) -> str:
    """Return the path of a loaded letter in the archive."""
    return str(settings.archive / inbox.name_in_archive(letter_id, source_name))
