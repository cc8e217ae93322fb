"""Notices to people about failed, late and published loads; independent of Airflow.

Each event has a name, and its notice is recorded under `HOME/notices/` before it is sent, so it is sent once, however
many tasks of a run fail and however often a late load is checked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from imr.reporting.runbook import find_chapter
from warehouse.files import make_owner_only_folder
from warehouse.runs.run import safe_run_id

MAX_ERROR_LINES = 40
MAX_NOTICES = 500
"""Notices kept on disk; the oldest are removed first."""


@dataclass(frozen=True)
class Notice:
    """A subject line, what happened, where, what to do, and links to more."""

    subject: str
    what: str
    where: Mapping[str, str] = field(default_factory=dict)
    todo: str = ""
    links: Mapping[str, str] = field(default_factory=dict)

    def as_text(self) -> str:
        """Return the notice as a mail's or a message's body."""
        parts = [self.what, _align(self.where)]
        if self.todo:
            parts.append(f"What to do: {self.todo}")
        return "\n\n".join(filter(None, [*parts, _align(self.links)]))


def failure_notice(
    error: str, *, dag_id: str, run_id: str, task: str | None, links: Mapping[str, str] | None = None
) -> Notice:
    """Return the notice of a failed task, or of a run that failed without one (`task` is `None`).

    `error` is `ErrorName: message`. It may quote up to 80 characters of a cell that broke a rule (a treatment, a
    date), never a letter's summary or rationale.
    """
    chapter = find_chapter(error)
    lines = error.splitlines()
    more = [f"... and {len(lines) - MAX_ERROR_LINES} more lines: see the task's log"]
    return Notice(
        subject=f"{dag_id} failed{f' at {task}' if task else ''}",
        what="\n".join(lines[:MAX_ERROR_LINES] + (more if len(lines) > MAX_ERROR_LINES else [])),
        where={"DAG": dag_id, "run": run_id} | ({"task": task} if task else {}),
        todo=chapter.todo,
        links={"runbook": chapter.reference, **(links or {})},
    )


def record_notice(folder: Path, name: str, notice: Notice) -> bool:
    """Record a notice under the name of its event; return whether it is the first. `folder` is `HOME/notices`."""
    make_owner_only_folder(folder)
    path = _find_file(folder, name)
    content = asdict(notice) | {"recorded_at": datetime.now(UTC).isoformat(timespec="seconds")}
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
    except FileExistsError:
        return False
    for old in sorted(folder.glob("*.json"), key=lambda f: f.stat().st_mtime)[:-MAX_NOTICES]:
        old.unlink(missing_ok=True)
    return True


def forget_notice(folder: Path, name: str) -> None:
    """Forget an event whose notice could not be sent, so that it is sent again."""
    _find_file(folder, name).unlink(missing_ok=True)


def _find_file(folder: Path, name: str) -> Path:
    return folder / f"{safe_run_id(name)}.json"


def _align(pairs: Mapping[str, str]) -> str:
    width = max((len(name) for name in pairs), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in pairs.items())
