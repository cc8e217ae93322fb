"""A failed expectation with everything needed to act on it: the rule, what was observed, the letters, the commands."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from expectations.severity import BLOCK

ROWS_SHOWN = 10
"""A message names this many rows and counts the rest; the run's step file and Data Docs hold more."""
ROWS_KEPT = 1000
FILES_SHOWN = 3
"""A message holds this many commands that show a letter."""
ACCEPTED = "accepted by the run's parameter"
LETTER_PATH = "letter_path"
"""Column of a frame with the path of the letter's file, the argument of `imr show`."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class AffectedLetters:
    """The letters behind failing aggregate rows (months, for example), worst first, and commands that list them.

    `rows` hold the columns of `named_by`, which identify a letter, its `letter_path`, and what is unusual about it.
    """

    named_by: Sequence[str] = ()
    rows: Sequence[Row] = ()
    commands: Sequence[str] = ()


FindLetters = Callable[[Sequence[Row]], AffectedLetters]
"""Finds the letters behind failing aggregate rows."""


@dataclass(frozen=True)
class Failure:
    """A failed expectation.

    `rule` is its description, `expectation` its type and columns, `observed` what was seen and what is allowed.
    `rows` are failing rows and `letters` the letters behind them, both cut; `more_rows` counts the rows that were
    cut, `of_letters` all letters. `accepted`: the rule would block, but the run was started with accept_drift.
    """

    suite: str
    rule: str
    expectation: str
    severity: Literal["block", "warn"]
    observed: str
    rows: tuple[str, ...] = ()
    more_rows: int = 0
    notes: str | None = None
    commands: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    of_letters: int = 0
    accepted: bool = False

    @property
    def blocks(self) -> bool:
        """Whether this failure stops the load."""
        return self.severity == "block"

    def __str__(self) -> str:
        """Return the failure as several lines of text."""
        weight = "BLOCK" if self.blocks else f"warn, {ACCEPTED}" if self.accepted else "warn"
        lines = [f"{weight}  {self.suite}: {self.rule}  [{self.expectation}]", f"       {self.observed}"]
        lines += _list_rows(self.rows, len(self.rows) + self.more_rows)
        if self.letters:
            lines += ["       letters to look at:", *_list_rows(self.letters, self.of_letters)]
        if self.notes:
            lines.append(f"       {self.notes}")
        lines += [f"       $ {command}" for command in self.commands]
        return "\n".join(lines)


def _list_rows(rows: Sequence[str], total: int) -> list[str]:
    shown = [f"       - {row}" for row in rows[:ROWS_SHOWN]]
    return [*shown, f"       and {total - len(shown)} more"] if total > len(shown) else shown


def describe_failure(
    suite: str, named_by: Sequence[str], result: Any, command: str | None, find_letters: FindLetters | None = None
) -> Failure:
    """Return the failure of an expectation's result.

    `command` shows the checked rows; `find_letters` finds the letters behind aggregate rows.
    """
    config = result.expectation_config
    meta = config.meta or {}
    rows = [] if meta.get("omit_rows") else [dict(row) for row in result.result.get("unexpected_index_list") or ()]
    shown = _sort_worst_first(rows)[:ROWS_KEPT]
    affected = find_letters(shown) if find_letters and shown else AffectedLetters()
    blocks, accepted = config.severity == BLOCK, bool(meta.get("accepted"))
    commands = [*affected.commands, *([command] if command else [])]
    return Failure(
        suite=suite,
        rule=meta.get("title") or config.type,
        expectation=f"{config.type}: {_name_columns(config.kwargs)}",
        severity="block" if blocks else "warn",
        observed=_describe_observed(result),
        rows=tuple(_describe_row(named_by, row) for row in shown),
        more_rows=len(rows) - len(shown),
        notes=config.notes if isinstance(config.notes, str) else None,
        letters=tuple(_describe_row(affected.named_by, row) for row in affected.rows[:ROWS_KEPT]),
        of_letters=len(affected.rows),
        commands=tuple(_list_commands([*shown, *affected.rows], commands)) if blocks or accepted else (),
        accepted=accepted,
    )


def _sort_worst_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort rows by the measured column that broke the rule, if there is one."""
    measured = [name for name in rows[0] if name in {"decisions_missing"}] if rows else []
    return sorted(rows, key=lambda row: -row[measured[0]]) if measured else rows


def _name_columns(kwargs: Mapping[str, Any]) -> str:
    return str(kwargs.get("column") or ", ".join(kwargs.get("column_list", ())) or "the table")


def _describe_observed(result: Any) -> str:
    if error := _find_exception(result.exception_info):
        return f"could not be checked: {error}"
    kwargs, observed = result.expectation_config.kwargs, result.result
    if "unexpected_count" in observed:
        count = observed["unexpected_count"]
        meta = result.expectation_config.meta or {}
        total = meta.get("of_rows") or observed["element_count"] - (observed.get("missing_count") or 0)
        share = f" ({count / total:.1%})" if total else ""
        mostly = kwargs.get("mostly")
        allowed = f"{1 - mostly:.1%}" if mostly is not None and mostly < 1 else "none"
        return f"observed {count} of {total} rows that break it{share}; allowed {allowed}"
    bounds = [
        f"{word} {kwargs[key]}"
        for key, word in (("min_value", "at least"), ("max_value", "at most"))
        if kwargs.get(key) is not None
    ]
    return f"observed {observed.get('observed_value')}; allowed {' and '.join(bounds) or 'as the rule says'}"


def _find_exception(info: Mapping[str, Any]) -> str | None:
    """Return the message of GX's exception, if any: `info` holds one exception, or one per metric."""
    for entry in (info, *(v for v in info.values() if isinstance(v, dict))):
        if entry.get("raised_exception"):
            return str(entry.get("exception_message"))
    return None


def _describe_row(named_by: Sequence[str], row: Row) -> str:
    """Return a failing row as text: the columns that identify it, then the value that broke the rule."""
    names = [f"{name} {row[name]}" for name in named_by if name != LETTER_PATH and not pd.isna(row.get(name))]
    values = [f"{name} = {value!s:.80}" for name, value in row.items() if name not in (*named_by, LETTER_PATH)]
    return ": ".join(filter(None, [", ".join(names), ", ".join(values)]))


def _list_commands(rows: Sequence[Row], commands: Sequence[str]) -> list[str]:
    """Return commands that show the first letters of the rows, then those that list all."""
    paths = list(dict.fromkeys(str(row[LETTER_PATH]) for row in rows if not pd.isna(row.get(LETTER_PATH))))
    shown = [f"imr show {shlex.quote(path)}" for path in paths[:FILES_SHOWN]]
    drawn = [f"imr explain {shlex.quote(p)} -o letter.png" for p in paths[:1] if not p.lower().endswith(".txt")]
    return [*shown, *drawn, *commands]
