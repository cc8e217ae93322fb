"""A rule that did not hold, told so that nobody need ask further: what, how much, which letters, what to do."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from expectations.severity import BLOCK

ROWS_NAMED = 10
"""A message names this many broken rows and counts the rest; the run's step file and Data Docs hold more."""
ROWS_KEPT = 1000
ACCEPTED = "accepted by the run's parameter"
FILES_SHOWN = 3
"""So many commands that show a letter stand in a message."""
BYTES_AT = "bytes_at"
"""The frames' column with the path of a letter's bytes; what `imr show` is given."""


@dataclass(frozen=True)
class AffectedLetters:
    """The letters behind rows that are sums of letters (months, say), worst first, and the commands that list them.

    `rows` are as a frame's: the columns of `named_by` tell which letter it is, `bytes_at` where it lies, and the
    others what is odd about it.
    """

    named_by: Sequence[str] = ()
    rows: Sequence[Mapping[str, Any]] = ()
    commands: Sequence[str] = ()


Look = Callable[[Sequence[Mapping[str, Any]]], AffectedLetters]
"""Finds the letters behind the rows that broke a rule."""


@dataclass(frozen=True)
class Failure:
    """One expectation that did not hold.

    `rule` says in words what should hold and `expectation` which of GX's it is; `observed` what was seen
    and what is allowed; `rows` what broke it, as far as rows did, `of_rows` of how many; `commands` show it.
    `letters` stand behind rows that are no letters themselves, `of_letters` in all. `accepted`: it would block, had
    whoever started the run not said that it may pass.
    """

    suite: str
    rule: str
    expectation: str
    blocks: bool
    observed: str
    rows: tuple[str, ...] = ()
    more_rows: int = 0
    notes: str | None = None
    commands: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    of_letters: int = 0
    accepted: bool = False

    def __str__(self) -> str:
        """Return the failure as an engineer reads it, several lines."""
        weight = "BLOCK" if self.blocks else f"warn, {ACCEPTED}" if self.accepted else "warn"
        lines = [f"{weight}  {self.suite}: {self.rule}  [{self.expectation}]"]
        lines.append(f"       {self.observed}")
        lines += [f"       - {row}" for row in self.rows[:ROWS_NAMED]]
        if more := len(self.rows[ROWS_NAMED:]) + self.more_rows:
            lines.append(f"       and {more} more")
        lines += ["       letters to look at:"] if self.letters else []
        lines += [f"       - {letter}" for letter in self.letters[:ROWS_NAMED]]
        if more := self.of_letters - len(self.letters[:ROWS_NAMED]):
            lines.append(f"       and {more} more")
        if self.notes:
            lines.append(f"       {self.notes}")
        lines += [f"       $ {command}" for command in self.commands]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return the failure for the run's step file and the report."""
        return {
            "suite": self.suite,
            "rule": self.rule,
            "expectation": self.expectation,
            "severity": "block" if self.blocks else "warn",
            "accepted": self.accepted,
            "observed": self.observed,
            "rows": list(self.rows),
            "more_rows": self.more_rows,
            "letters": list(self.letters),
            "of_letters": self.of_letters,
            "notes": self.notes,
            "commands": list(self.commands),
        }


def failure_of(
    suite: str, named_by: Sequence[str], result: Any, command: str | None, look: Look | None = None
) -> Failure:
    """Return what an expectation's result says; `command` shows all that the suite looked at, `look` finds the
    letters behind rows that are none.
    """
    config = result.expectation_config
    broken = [dict(row) for row in result.result.get("unexpected_index_list") or ()]
    told = config.meta or {}
    at_fault = not told.get("rows_are_not_at_fault")
    blocks, accepted = config.severity == BLOCK, bool(told.get("accepted"))
    shown = _in_order(broken)[:ROWS_KEPT] if at_fault else []
    behind = look(shown) if look and shown else AffectedLetters()
    commands = [*behind.commands, *([command] if command else [])]
    return Failure(
        suite=suite,
        rule=told.get("title") or config.type,
        expectation=f"{config.type}: {_about(config.kwargs)}",
        blocks=blocks,
        observed=_observed(result),
        rows=tuple(_row(named_by, row) for row in shown),
        more_rows=len(broken) - len(shown) if at_fault else 0,
        notes=config.notes if isinstance(config.notes, str) else None,
        letters=tuple(_row(behind.named_by, row) for row in behind.rows[:ROWS_KEPT]),
        of_letters=len(behind.rows),
        commands=tuple(_commands([*shown, *behind.rows], commands)) if blocks or accepted else (),
        accepted=accepted,
    )


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows that break a rule on a number worst first; others as they came."""
    measured = [name for name in rows[0] if name in {"decisions_missing", "request_characters"}] if rows else []
    return sorted(rows, key=lambda row: -row[measured[0]]) if measured else rows


def _about(kwargs: Mapping[str, Any]) -> str:
    return str(kwargs.get("column") or ", ".join(kwargs.get("column_list", ())) or "the table")


def _observed(result: Any) -> str:
    raised = _raised(result.exception_info)
    if raised:
        return f"could not be checked: {raised}"
    kwargs = result.expectation_config.kwargs
    if "unexpected_count" in result.result:
        seen = result.result["unexpected_count"]
        of = result.result["element_count"] - (result.result.get("missing_count") or 0)
        share = f" ({seen / of:.1%})" if of else ""
        allowed = 1 - float(kwargs.get("mostly") or 0.0) if kwargs.get("mostly") is not None else 0.0
        return (
            f"observed {seen} of {of} rows that break it{share}; allowed {f'{allowed:.1%}' if allowed > 0 else 'none'}"
        )
    bounds = [
        f"{word} {kwargs[key]}"
        for key, word in (("min_value", "at least"), ("max_value", "at most"))
        if kwargs.get(key) is not None
    ]
    return f"observed {result.result.get('observed_value')}; allowed {' and '.join(bounds) or 'as the rule says'}"


def _raised(info: Mapping[str, Any]) -> str | None:
    """Return what GX met instead of an answer: it tells one exception, or one a metric."""
    for told in (info, *(v for v in info.values() if isinstance(v, dict))):
        if told.get("raised_exception"):
            return str(told.get("exception_message"))
    return None


def _row(named_by: Sequence[str], row: Mapping[str, Any]) -> str:
    """Return one broken row: the columns that name it, then the value that broke the rule."""
    named = [f"{name} {row[name]}" for name in named_by if name != BYTES_AT and not pd.isna(row.get(name))]
    broke = [f"{name} = {value!s:.80}" for name, value in row.items() if name not in (*named_by, BYTES_AT)]
    return ": ".join(filter(None, [", ".join(named), ", ".join(broke)]))


def _commands(rows: Sequence[Mapping[str, Any]], commands: Sequence[str]) -> list[str]:
    """Return the commands that show the letters of the rows, the first ones of them, and those that list all."""
    paths = list(dict.fromkeys(str(row[BYTES_AT]) for row in rows if not pd.isna(row.get(BYTES_AT))))[:FILES_SHOWN]
    shown = [f"imr show {shlex.quote(path)}" for path in paths]
    drawn = [f"imr explain {shlex.quote(p)} -o letter.png" for p in paths[:1] if not p.lower().endswith(".txt")]
    return [*shown, *drawn, *commands]
