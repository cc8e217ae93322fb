"""Lock held by one run from load to publish, so that no other run publishes in between.

Publishing is refused if another version was published since the load, so the lock protects no data: it prevents runs
from building for minutes what they cannot publish. It is one file on the machine that loads.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from warehouse.files import locked, write_json
from warehouse.runs.run import ABANDONED_AFTER, Run, find_last_activity


@dataclass(frozen=True)
class PublishLock:
    """The publish lock of the runs in a folder."""

    runs: Path

    @property
    def _file(self) -> Path:
        return self.runs / ".publish-lock.json"

    def acquire(self, run: Run) -> str | None:
        """Acquire the lock; return the id of the run that holds it, or `None` if this run now does."""
        self.runs.mkdir(parents=True, exist_ok=True)
        with locked(self.runs / ".publish-lock.guard"):
            holder = self.find_holder()
            if holder is None or holder == run.run_id:
                write_json(self._file, {"run_id": run.run_id, "since": time.time()})
                return None
            return holder

    def release(self, run: Run) -> None:
        """Release the lock if the run holds it."""
        if self.find_holder() == run.run_id:
            self._file.unlink(missing_ok=True)

    def find_holder(self) -> str | None:
        """Return the run that holds the lock; `None` where it is free, or its run has ended without releasing it."""
        if not self._file.exists():
            return None
        held = json.loads(self._file.read_text("utf-8"))
        run = Run(self.runs / held["run_id"])
        report = run.folder / "report.json"
        ended = report.exists() and report.stat().st_mtime > held["since"]
        abandoned = time.time() - max(held["since"], find_last_activity(run.folder)) > ABANDONED_AFTER
        return None if ended or abandoned else str(held["run_id"])
