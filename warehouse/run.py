"""A run's folder: arrivals, run files, candidate, and an outcome a step, in one place."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.files import write_json


def safe_run_id(raw: str) -> str:
    """Return a scheduler's run id as a folder name, on any file system and in any URL."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", raw).strip("._")


BACKFILL_RUNS = "backfill-"
"""How the ids of a backfill's runs begin: they are no days' loads, so nothing is expected or judged by them."""


@dataclass(frozen=True)
class Run:
    """The folder `runs/<run_id>`; nothing outside it changes before the run publishes."""

    folder: Path

    @property
    def run_id(self) -> str:
        """The run's name, as in every raw row."""
        return self.folder.name

    @property
    def arrivals(self) -> Path:
        """What the scan found, one JSON object a file."""
        return self.folder / "arrivals.jsonl"

    @property
    def released(self) -> Path:
        """The letters that a person has released, by hash, as a JSON list: their readers let a flag pass."""
        return self.folder / "released.json"

    @property
    def waiting(self) -> Path:
        """What the scan left in the drop folder, as Parquet."""
        return self.folder / "waiting.parquet"

    @property
    def scratch(self) -> Path:
        """Copies of the letters that are being read; empty between steps."""
        return self.folder / "reading"

    @property
    def candidate(self) -> Path:
        """The candidate warehouse. Its stem never changes: DuckDB writes it into every view."""
        return self.folder / "candidate" / "imr.duckdb"

    @property
    def comparison(self) -> Path:
        """What another reading would change, for a run that reads stored letters again."""
        return self.folder / "comparison.json"

    @property
    def dbt(self) -> Path:
        """What dbt compiled and logged."""
        return self.folder / "dbt"

    @property
    def report(self) -> Path:
        """The run's report for a browser."""
        return self.folder / "report.html"

    def step_file(self, name: str) -> Path:
        """The outcome of one step."""
        return self.folder / "steps" / f"{name}.json"

    def tell_progress(self, part: str, letters: int) -> None:
        """Leave word of how many letters of a part are read, for whoever watches the run."""
        write_json(self.folder / "progress" / f"{part}.json", letters)

    def letters_read(self) -> int:
        """Return how many letters are read so far, in all parts."""
        return sum(json.loads(f.read_text("utf-8")) for f in (self.folder / "progress").glob("[!.]*.json"))

    def withdrawn(self) -> list[str]:
        """Return the letters that a reparse takes out of the warehouse: loaded so far, refused now."""
        return self._compared("withdrawn")

    def kept(self) -> list[str]:
        """Return the letters that a reparse leaves as they are: loaded so far, refused now for a machine's fault."""
        return self._compared("kept")

    def _compared(self, what: str) -> list[str]:
        if not self.comparison.exists():
            return []
        return [letter["sha256"] for letter in json.loads(self.comparison.read_text("utf-8"))[what]]

    def outcome(self, step: str) -> dict[str, Any] | None:
        """Return a step's outcome, or `None` where it was never begun."""
        path = self.step_file(step)
        return json.loads(path.read_text("utf-8")) if path.exists() else None

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """Record a step: yields a dict for its counts, and writes state, seconds and error around it.

        A step whose file says `running` after its process is gone was killed.
        """
        counts: dict[str, Any] = {}
        begun = time.monotonic()
        head = {"step": name, "begun_at": datetime.now(UTC).isoformat(timespec="seconds")}
        write_json(self.step_file(name), head | {"state": "running"})
        state, error = "failed", None
        try:
            yield counts
            state = "done"
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            seconds = round(time.monotonic() - begun, 2)
            write_json(self.step_file(name), head | {"state": state, "seconds": seconds, "error": error} | counts)


ABANDONED_AFTER = 24 * 3600.0
"""Seconds without a sign of life after which a run without a report was killed: no task may take that long."""
CANDIDATES_KEPT = 3
"""Runs that were not published and keep their candidate, as large as the warehouse, to be looked at."""


def prune_runs(folder: Path, *, keep: int, needed: Collection[str]) -> list[str]:
    """Remove the oldest run folders over `keep`, and the candidates of all but the newest; return what was removed.

    A run that goes on, or one of `needed` (published versions name theirs), stays. Returns run ids.
    """
    newest_first = sorted((f for f in folder.glob("*/") if f.is_dir()), key=last_sign, reverse=True)
    over = [f for f in newest_first if _is_over(f)]
    for run in [f for f in over if (f / "candidate").exists()][CANDIDATES_KEPT:]:
        shutil.rmtree(run / "candidate", ignore_errors=True)
    removed = [f for f in newest_first[keep:] if f in over and f.name not in needed]
    for run in removed:
        shutil.rmtree(run, ignore_errors=True)
    return [run.name for run in removed]


def last_sign(run: Path) -> float:
    """Return when a run's folder last told of a step, in seconds since the epoch; 0 where there is none."""
    return max((f.stat().st_mtime for f in (run, run / "steps") if f.exists()), default=0.0)


def _is_over(run: Path) -> bool:
    return (run / "report.json").exists() or time.time() - last_sign(run) > ABANDONED_AFTER
