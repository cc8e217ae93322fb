"""Lock held by one run from load to publish, so that no other run publishes in between.

Publishing is refused if another version was published since the load, so the lock protects no data: it prevents runs
from building for minutes what they cannot publish. It is one file on the machine that loads. It is held only as long
as its run can go on: while the owner lives, a process that keeps another file locked (the kernel frees it), and, for a
run of Airflow, while Airflow says that it goes on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from warehouse.files import is_locked, lock_file, locked, make_owner_only_folder, read_json, write_json
from warehouse.runs.run import Run

OWNED: dict[Path, TextIO] = {}
"""The files that this process keeps locked while it owns a publish lock."""


@dataclass(frozen=True)
class DagRun:
    """A run as Airflow names it."""

    dag_id: str
    run_id: str


@dataclass(frozen=True)
class Holder:
    """The run that holds the lock, since when (seconds since the epoch), and how to find out whether it goes on.

    `owner` is a file that is locked while the owner lives; `dag_run` is the run in Airflow.
    """

    run_id: str
    since: float
    owner: str | None = None
    dag_run: DagRun | None = None

    @property
    def message(self) -> str:
        """What a run says that waits for this one."""
        return f"waiting for run {self.run_id}, which is between its load and its publication"


IsRunning = Callable[[DagRun], bool]


@dataclass(frozen=True)
class PublishLock:
    """The publish lock of the runs in a folder.

    `owner` is a file that is locked while the run can go on: by the run's only process, or by the service that starts
    its tasks. Where it is `None`, the owner of a run that is not Airflow's is this process.
    """

    runs: Path
    owner: Path | None = None

    @property
    def _file(self) -> Path:
        return self.runs / ".publish-lock.json"

    def acquire(self, run: Run, dag_run: DagRun | None = None, is_running: IsRunning = lambda _: True) -> Holder | None:
        """Acquire the lock; return the run that holds it, or `None` if this run now does.

        `is_running` says whether Airflow goes on with a run.
        """
        make_owner_only_folder(self.runs)
        with locked(self.runs / ".publish-lock.guard"):
            holder = self.find_holder()
            is_other = holder is not None and holder.run_id != run.run_id
            if holder and is_other and (holder.dag_run is None or is_running(holder.dag_run)):
                return holder
            owner = self.owner if self.owner or dag_run else self._own()
            held = Holder(run.run_id, time.time(), str(owner) if owner else None, dag_run)
            write_json(self._file, asdict(held))
        return None

    def _own(self) -> Path:
        """Return a file that this process keeps locked; remove those of dead processes."""
        for old in self.runs.glob(".owner-*"):
            if not is_locked(old):
                old.unlink()
        path = self.runs / f".owner-{os.getpid()}"
        if path not in OWNED:
            OWNED[path] = lock_file(path)
        return path

    def release(self, run: Run) -> None:
        """Release the lock if the run holds it."""
        holder = self.find_holder()
        if holder is not None and holder.run_id == run.run_id:
            self._file.unlink(missing_ok=True)

    def find_holder(self) -> Holder | None:
        """Return the run that holds the lock; `None` where it is free, unreadable, or held by a run that has ended."""
        held: Any = read_json(self._file)
        try:
            holder = Holder(**held | {"dag_run": DagRun(**held["dag_run"]) if held["dag_run"] else None})
        except (TypeError, KeyError):  # no lock, or one of another version of this project
            return None
        report = self.runs / holder.run_id / "report.json"
        ended = report.exists() and report.stat().st_mtime > holder.since
        died = holder.owner is not None and not is_locked(Path(holder.owner))
        return None if ended or died else holder
