"""Which chapter of the runbook a failure belongs to: rules are `runbook.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RULES = Path(__file__).with_name("runbook.toml")
DOCUMENT = "docs/runbook.md"


@dataclass(frozen=True)
class Chapter:
    """A heading of the runbook, what errors belong under it, and what to do in a sentence or two."""

    pattern: str
    heading: str
    todo: str

    @property
    def where(self) -> str:
        """The chapter as a person looks it up."""
        return f"{DOCUMENT}, {self.heading!r}"


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return the runbook's chapters in the order in which they are tried."""
    return tuple(Chapter(**rule) for rule in tomllib.loads(RULES.read_text("utf-8"))["failure"])


def chapter_of(error: str) -> Chapter:
    """Return the chapter for an error told as `ErrorName: message`."""
    return next(chapter for chapter in chapters() if re.search(chapter.pattern, error))


def told(error: BaseException | str | None) -> str:
    """Return an error as the runbook's rules and a task's log tell it."""
    if error is None:
        return "the task's process ended without a word (killed, or out of memory)"
    return error if isinstance(error, str) else f"{type(error).__name__}: {error}"
