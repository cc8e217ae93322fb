"""Finds the chapter of the runbook that a failure belongs to, by the rules in `runbook.toml`."""

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
    """A heading of the runbook, the pattern of its errors, and what to do in a sentence or two."""

    pattern: str
    heading: str
    todo: str

    @property
    def reference(self) -> str:
        """The document and heading."""
        return f"{DOCUMENT}, {self.heading!r}"


@cache
def load_chapters() -> tuple[Chapter, ...]:
    """Return the runbook's chapters in the order in which they are tried."""
    return tuple(Chapter(**rule) for rule in tomllib.loads(RULES.read_text("utf-8"))["failure"])


def find_chapter(error: str) -> Chapter:
    """Return the chapter for an error of the form `ErrorName: message`."""
    return next(chapter for chapter in load_chapters() if re.search(chapter.pattern, error))


def format_error(error: BaseException | str | None) -> str:
    """Return an error in the form that the runbook's rules match."""
    if error is None:
        return "the task's process ended without an error message (killed, or out of memory)"
    return error if isinstance(error, str) else f"{type(error).__name__}: {error}"
