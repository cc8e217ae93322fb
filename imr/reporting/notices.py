"""What people are told of a load when they are not looking: failed, late, published. Knows no Airflow.

A notice is written down before it is sent, under `HOME/notices/`, and each occasion has one name: so it is
sent once, however many tasks of a run fail and however often a late load is looked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from imr.reporting.runbook import chapter_of
from warehouse.runs.run import safe_run_id

MAX_ERROR_LINES = 40
KEPT = 500
"""Notices on disk; the oldest go first."""


@dataclass(frozen=True)
class Notice:
    """One thing to tell: a subject line, what happened, where, what to do, and where to look."""

    subject: str
    what: str
    where: Mapping[str, str] = field(default_factory=dict)
    todo: str = ""
    links: Mapping[str, str] = field(default_factory=dict)

    def as_text(self) -> str:
        """Return the notice as a mail's or a message's body."""
        parts = [self.what, _aligned(self.where)]
        if self.todo:
            parts.append(f"What to do: {self.todo}")
        return "\n\n".join(filter(None, [*parts, _aligned(self.links)]))


def failure_notice(
    error: str, *, dag_id: str, run_id: str, task: str | None, links: Mapping[str, str] | None = None
) -> Notice:
    """Return what to tell of a failed task, or of a run that failed without one (`task` is `None`).

    `error` is `ErrorName: message`. An error may name up to 80 characters of a cell that broke a rule (a
    treatment, a date), and never a letter's summary or rationale.
    """
    chapter = chapter_of(error)
    lines = error.splitlines()
    more = [f"... and {len(lines) - MAX_ERROR_LINES} lines more: see the task's log"]
    return Notice(
        subject=f"{dag_id} failed{f' at {task}' if task else ''}",
        what="\n".join(lines[:MAX_ERROR_LINES] + (more if len(lines) > MAX_ERROR_LINES else [])),
        where={"DAG": dag_id, "run": run_id} | ({"task": task} if task else {}),
        todo=chapter.todo,
        links={"runbook": chapter.where, **(links or {})},
    )


def write_down(folder: Path, name: str, notice: Notice) -> bool:
    """Keep a notice under the name of its occasion; return whether it is the first of it.

    `folder` is `HOME/notices`. A notice that cannot be kept (OSError) is to be sent all the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = _file(folder, name)
    told = asdict(notice) | {"told_at": datetime.now(UTC).isoformat(timespec="seconds")}
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(told, file, indent=2)
    except FileExistsError:
        return False
    for old in sorted(folder.glob("*.json"), key=lambda f: f.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
    return True


def forget(folder: Path, name: str) -> None:
    """Let an occasion be told again, because it could not be told."""
    _file(folder, name).unlink(missing_ok=True)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{safe_run_id(name)}.json"


def _aligned(pairs: Mapping[str, str]) -> str:
    width = max((len(name) for name in pairs), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in pairs.items())
