"""Whose turn it is to write: from its load to its publication a run wants no other to publish in between.

A publication is refused where another one came first, so nothing here keeps the warehouse whole; it keeps a run from
building for minutes what cannot be published. One file, on the machine that loads.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from warehouse.files import locked, write_json
from warehouse.run import ABANDONED_AFTER, Run, last_sign


@dataclass(frozen=True)
class Turn:
    """The turn of the runs in a folder."""

    runs: Path

    @property
    def _file(self) -> Path:
        return self.runs / ".turn.json"

    def take(self, run: Run) -> str | None:
        """Take the turn; return the id of the run that has it, `None` where it is this one's now."""
        self.runs.mkdir(parents=True, exist_ok=True)
        with locked(self.runs / ".turn.lock"):
            holder = self.holder()
            if holder is None or holder == run.run_id:
                write_json(self._file, {"run_id": run.run_id, "since": time.time()})
                return None
            return holder

    def give_back(self, run: Run) -> None:
        """End a run's turn; nothing happens where it has none."""
        if self.holder() == run.run_id:
            self._file.unlink(missing_ok=True)

    def holder(self) -> str | None:
        """Return the run whose turn it is; `None` where nobody's is, or its run has ended without giving it back."""
        if not self._file.exists():
            return None
        taken = json.loads(self._file.read_text("utf-8"))
        run = Run(self.runs / taken["run_id"])
        told = run.folder / "report.json"
        ended = told.exists() and told.stat().st_mtime > taken["since"]
        gone = time.time() - max(taken["since"], last_sign(run.folder)) > ABANDONED_AFTER
        return None if ended or gone else str(taken["run_id"])
