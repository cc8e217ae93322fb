"""A run's folder: arrivals, run files, step results, candidate and report."""

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
from typing import TypeVar, cast

from warehouse.files import make_owner_only_folder, read_json, write_bytes, write_json
from warehouse.runs.step_results import DONE, FAILED, RUNNING, ExtractResult, StepResult, merge_chunks
from warehouse.storage import Entry, Folder, Place, folder_at

ARRIVALS = "arrivals.jsonl"
"""The scan's arrivals, in order: the file that every reader needs."""
BACKFILL_RUNS = "backfill-"
"""Prefix of the run ids of backfill batches, which are excluded from daily statistics."""

Result = TypeVar("Result", bound=StepResult)


def safe_run_id(raw: str) -> str:
    """Return a scheduler's run id as a folder name that is valid on any file system and in any URL."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", raw).strip("._")


@dataclass(frozen=True)
class Run:
    """The folder `runs/<run_id>`; a run changes nothing outside it before it publishes.

    `shared` is where readers on other machines find arrivals and leave run files until the run is published, a path or
    URL; `None` where every reader runs on this machine. Candidate, dbt output and report are always local.
    """

    folder: Path
    shared: Place | None = None

    @property
    def run_id(self) -> str:
        """The run's name, as in every raw row."""
        return self.folder.name

    @property
    def place(self) -> Place:
        """Where arrivals, run files and the results of scan and extract are."""
        return self.folder if self.shared is None or (self.folder / ARRIVALS).exists() else self.shared

    @property
    def files(self) -> Folder:
        """The folder at `place`."""
        return folder_at(self.place)

    @property
    def waiting(self) -> Path:
        """Files that the scan left in the inbox, as Parquet."""
        return self.folder / "waiting.parquet"

    @property
    def scratch(self) -> Path:
        """Copies of the letters that are being read; empty between steps."""
        return self.folder / "reading"

    @property
    def candidate(self) -> Path:
        """The candidate's folder: the files of the next version."""
        return self.folder / "candidate"

    @property
    def part(self) -> Path:
        """The candidate's raw rows: those of this load."""
        return self.candidate / "raw"

    @property
    def marts(self) -> Path:
        """The candidate's BI file."""
        return self.candidate / "marts.duckdb"

    @property
    def build_file(self) -> Path:
        """The file that dbt builds in: staging and intermediate models of the letters that the load touches."""
        return self.folder / "build" / "imr.duckdb"

    @property
    def comparison(self) -> Path:
        """What a reparse changes, as JSON."""
        return self.folder / "comparison.json"

    @property
    def dbt(self) -> Path:
        """dbt's target folder and logs."""
        return self.folder / "dbt"

    @property
    def report(self) -> Path:
        """The run's report for a browser."""
        return self.folder / "report.html"

    def read_file(self, name: str) -> bytes | None:
        """Return a file of `place`; `None` where there is none."""
        try:
            with self.files.open(name) as file:
                return file.read()
        except FileNotFoundError:
            return None

    def list_files(self, folder: str) -> list[str]:
        """Return the names of the files in a subfolder of `place`, sorted."""
        found = folder_at(self.place / folder).walk()
        return sorted(f"{folder}/{entry.name}" for entry in found if isinstance(entry, Entry))

    def clear(self) -> None:
        """Remove what an earlier try of the run left."""
        shutil.rmtree(self.folder, ignore_errors=True)
        make_owner_only_folder(self.folder.parent)
        self.clear_shared()

    def move_from_shared(self) -> None:
        """Move the run's files from shared storage to its own folder. Can be run again after any failure."""
        if self.place != self.folder:
            # The arrivals come last: once they are here, `place` is here.
            for name in sorted((entry.name for entry in self.files.walk()), key=lambda name: name == ARRIVALS):
                write_bytes(self.folder / name, self.read_file(name) or b"")
        self.clear_shared()

    def clear_shared(self) -> None:
        """Remove the run's files from shared storage, if it has any there."""
        if self.shared is not None:
            folder_at(self.shared).clear()

    def report_progress(self, chunk: str, letters: int) -> None:
        """Record how many letters of a chunk have been read, for a progress bar."""
        write_json(self.folder / "progress" / f"{chunk}.json", letters)

    def count_letters_read(self) -> int:
        """Return how many letters have been read on this machine, in all chunks."""
        return sum(read_json(f) or 0 for f in (self.folder / "progress").glob("[!.]*.json"))

    def withdrawn(self) -> list[str]:
        """Return the hashes of letters that a reparse withdraws: loaded before, quarantined now."""
        return self._read_comparison("withdrawn")

    def kept(self) -> list[str]:
        """Return the hashes of loaded letters that a reparse leaves as they are, since only their reader failed."""
        return self._read_comparison("kept")

    def _read_comparison(self, key: str) -> list[str]:
        if not self.comparison.exists():
            return []
        return [letter["sha256"] for letter in json.loads(self.comparison.read_text("utf-8"))[key]]

    def find_result(self, kind: type[Result], chunk: str | None = None) -> Result | None:
        """Return how a step ended, for the extract step of one chunk or of all; `None` where it never began."""
        if kind is ExtractResult and chunk is None:
            names = self.list_files(f"steps/{kind.STEP}")
            chunks = [ExtractResult.from_json(self.read_file(name) or b"") for name in names]
            return cast("Result | None", merge_chunks(chunks))
        content = self._read_step(kind, chunk)
        return None if content is None else kind.from_json(content)

    def has_done(self, kind: type[StepResult]) -> bool:
        """Whether a step ended without an error."""
        result = self.find_result(kind)
        return result is not None and result.is_done

    @contextmanager
    def record_step(self, result: Result, chunk: str | None = None) -> Iterator[Result]:
        """Record a step: yields its result to be filled in, and saves it with state, seconds and error."""
        begun = time.monotonic()
        result.begun_at, result.state = datetime.now(UTC).isoformat(timespec="seconds"), RUNNING
        self._write_step(result, chunk)
        result.state = FAILED
        try:
            yield result
            result.state = DONE
        except Exception as failure:
            result.error = f"{type(failure).__name__}: {failure}"
            raise
        finally:
            result.seconds = round(time.monotonic() - begun, 2)
            self._write_step(result, chunk)

    def _read_step(self, kind: type[StepResult], chunk: str | None) -> bytes | None:
        name = _step_file(kind, chunk)
        if kind.SHARED:
            return self.read_file(name)
        path = self.folder / name
        return path.read_bytes() if path.exists() else None

    def _write_step(self, result: StepResult, chunk: str | None) -> None:
        name = _step_file(type(result), chunk)
        if result.SHARED:
            self.files.write(name, result.as_json())
        else:
            write_bytes(self.folder / name, result.as_json())


def _step_file(kind: type[StepResult], chunk: str | None) -> str:
    return f"steps/{kind.STEP}/{chunk}.json" if chunk else f"steps/{kind.STEP}.json"


ABANDONED_AFTER = 24 * 3600.0
"""Seconds without activity after which a run without a report is taken for killed: longer than any task may take."""
CANDIDATES_KEPT = 3
"""Runs that keep their candidate and the file that dbt built in."""


def prune_runs(folder: Path, *, keep: int, needed: Collection[str]) -> list[str]:
    """Remove the oldest run folders over `keep`, and all candidates but the newest; return the removed run ids.

    Runs in progress and those in `needed` (run ids of published versions) are kept.
    """
    newest_first = sorted((f for f in folder.glob("*/") if f.is_dir()), key=find_last_activity, reverse=True)
    ended = [f for f in newest_first if _has_ended(f)]
    for name in ("candidate", "build"):
        for run in [f for f in ended if (f / name).exists()][CANDIDATES_KEPT:]:
            shutil.rmtree(run / name, ignore_errors=True)
    removed = [f for f in newest_first[keep:] if f in ended and f.name not in needed]
    for run in removed:
        shutil.rmtree(run, ignore_errors=True)
    return [run.name for run in removed]


def find_last_activity(run: Path) -> float:
    """Return when a run last wrote a step file, in seconds since the epoch; 0 for a run that does not exist."""
    return max((f.stat().st_mtime for f in (run, run / "steps") if f.exists()), default=0.0)


def _has_ended(run: Path) -> bool:
    return (run / "report.json").exists() or time.time() - find_last_activity(run) > ABANDONED_AFTER
