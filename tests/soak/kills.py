"""`make soak-kills`: kills a load (SIGKILL) some 70 times and compares the published version with an undisturbed one.

Every task of a load is a process of its own, as under Airflow. Each is killed at random points and at its end (a task
boundary) and run again, as a cleared task is; some runs are abandoned and others started. Meanwhile a reader opens the
published file. Loads the letters of a folder, or drawn ones.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from bench.reading import draw_letters
from extract.samples import write_samples
from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings
from tests.support.compare_files import find_differences
from warehouse.versions.base import MARTS, Version

SEED = 7
AFTER_READING = ("gate_batch", "load", "build_marts", "gate_marts", "publish", "archive", "report")
PROCESSES = get_context("spawn")


def run_step(pipe: Connection, context: Context, errors: Path, run_id: str, step: str, *first: int) -> None:
    """Run a step of a load in a process that can be killed; send `ready` after all imports, then the result."""
    for stream in (1, 2):
        os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    if step.startswith("gate"):
        import expectations.gate  # noqa: F401, PLC0415 - so that the kill hits the gate and not the imports
    if step == "build_marts":
        import dbt.cli.main  # noqa: F401, PLC0415
    pipe.send("ready")
    pipe.send(getattr(steps, step)(context, run_id, *first))


@dataclass
class Loader:
    """A home with an inbox, and the processes that load from it."""

    home: Path
    inbox: Path
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - repeatable, not secret
    kills: dict[str, int] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        """Stores and folders of the home."""
        return Context(Settings(home=self.home, inbox=str(self.inbox), chunk_size=20, processes=2, quiet_seconds=0))

    @property
    def version(self) -> Version:
        """The published version."""
        return self.context.versions.require_current()

    @property
    def errors(self) -> Path:
        """Output of the tasks."""
        return self.home.with_name(f"{self.home.name}-errors.txt")

    def run_task(self, run_id: str, step: str, *first: int) -> tuple[Any, float]:
        """Run a task to its end; return its result, and its seconds after it was ready."""
        process, pipe = self._start(run_id, step, *first)
        begun = time.monotonic()
        try:
            result = pipe.recv()
        except EOFError as error:
            raise AssertionError(f"{step} of {run_id} failed:\n{self.errors.read_text('utf-8')[-3000:]}") from error
        process.join()
        return result, time.monotonic() - begun

    def kill(self, run_id: str, step: str, after: float, *first: int) -> None:
        """Start a task and kill it some seconds after it is ready, or at its end if it is faster."""
        process, _ = self._start(run_id, step, *first)
        time.sleep(after)
        process.kill()
        process.join()
        self.kills[step] = self.kills.get(step, 0) + 1

    def _start(self, run_id: str, step: str, *first: int) -> tuple[SpawnProcess, Connection]:
        pipe, child = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(target=run_step, args=(child, self.context, self.errors, run_id, step, *first))
        process.start()
        child.close()
        pipe.recv()
        return process, pipe

    def load(self, run_id: str) -> dict[str, float]:
        """Run a whole load undisturbed; return the seconds of each step."""
        chunks, seconds = self.run_task(run_id, "scan")
        took = {"scan": seconds}
        for first in chunks:
            took["extract"] = self.run_task(run_id, "extract", first)[1]
        for step in AFTER_READING if chunks else AFTER_READING[-2:]:
            took[step] = self.run_task(run_id, step)[1]
        return took

    def load_with_kills(self, run_id: str, kills: dict[str, int], took: dict[str, float]) -> None:
        """Run a load whose tasks are each killed so many times, at random points and at the end, and run again."""

        def run_with_kills(step: str, *first: int) -> Any:
            for number in range(kills.get(step, 0)):
                share = 1.5 if number == 0 else self.random.random()  # the first kill comes at the end
                self.kill(run_id, step, took[step] * share, *first)
                self.check()
            return self.run_task(run_id, step, *first)[0]

        for first in run_with_kills("scan"):
            run_with_kills("extract", first)
        for step in AFTER_READING:
            run_with_kills(step)

    def abandon(self, run_id: str, last: str, after: float) -> None:
        """Start a load and kill it for good in its task `last`."""
        for first in self.run_task(run_id, "scan")[0]:
            if last == "extract":
                self.kill(run_id, last, after, first)
                return
            self.run_task(run_id, "extract", first)
        for step in AFTER_READING[: AFTER_READING.index(last)]:
            self.run_task(run_id, step)
        self.kill(run_id, last, after)

    def check(self) -> None:
        """Check that the bytes of the published version are those of its manifest."""
        assert self.version.find_damage() == []


class Reader(threading.Thread):
    """Opens the published file repeatedly and counts its answers."""

    def __init__(self, file: Path) -> None:
        super().__init__(daemon=True)
        self.file = file
        self.answers: dict[tuple[int, int], int] = {}
        self.failure: str | None = None
        self.stop = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.stop.wait(0.1):
            try:
                with duckdb.connect(str(self.file.resolve()), read_only=True) as connection:
                    answer = connection.execute(
                        "SELECT (SELECT count(*) FROM fct_decisions), "
                        "(SELECT sum(decision_count + inferred_count) FROM agg_outcomes_by_month)"
                    ).fetchone()
            except duckdb.Error as error:
                self.failure = str(error)
                return
            assert answer is not None
            self.answers[answer] = self.answers.get(answer, 0) + 1


def find_ledger_faults(version: Version, letters: Sequence[Path]) -> list[str]:
    """Return the letters that do not have exactly one row in the ledger."""
    with version.contents.open() as connection:
        rows = dict(connection.execute("SELECT source_path, count(*) FROM raw.files GROUP BY ALL").fetchall())
    return [f"{f.name}: {rows.get(f.name, 0)} rows in the ledger" for f in letters if rows.get(f.name, 0) != 1]


def main(folder: Path, letters: Sequence[Path], kills: int, abandoned: Sequence[str]) -> None:
    """Load the letters in two homes, undisturbed and with so many kills of each task, and compare what is published.

    Runs are abandoned in each of the tasks `abandoned`.
    """
    base = Loader(folder / "base", folder / "base-inbox")
    write_samples(base.inbox)
    base.load("samples")
    loaders = [Loader(folder / name, folder / f"{name}-inbox") for name in ("undisturbed", "killed")]
    for loader in loaders:
        shutil.copytree(base.home, loader.home, symlinks=True)
        loader.inbox.mkdir()
        for letter in letters:
            shutil.copy(letter, loader.inbox)
    undisturbed, killed = loaders
    seconds = undisturbed.load("load")
    print(f"{len(letters)} letters, undisturbed: " + ", ".join(f"{s} {t:.1f} s" for s, t in seconds.items()))  # noqa: T201 - a soak prints
    reader = Reader(killed.home / "warehouse" / "current" / MARTS)
    for step in abandoned:
        killed.abandon(f"abandoned-in-{step}", step, seconds[step] * killed.random.random())
        killed.check()
    killed.load_with_kills("load", dict.fromkeys(seconds, kills) | {"extract": min(kills, 2)}, seconds)
    reader.stop.set()
    reader.join()
    faults = [
        *find_differences(undisturbed.version.contents, killed.version.contents),
        *find_ledger_faults(killed.version, letters),
        *([reader.failure] if reader.failure else []),
        *[f"{f.name} is left in the inbox" for f in killed.inbox.iterdir()],
    ]
    print(f"{sum(killed.kills.values())} kills: {killed.kills}")  # noqa: T201
    print(f"answers of the reader (decisions by fact and by month): {reader.answers}")  # noqa: T201
    print("\n".join(faults) or "every table equal, every letter once, every answer of one version")  # noqa: T201
    if faults or len(reader.answers) != 2:
        raise SystemExit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("letters", nargs="?", type=Path, help="folder of PDF letters (default: drawn ones)")
    parser.add_argument("--kills", type=int, default=7, help="kills of each task")
    parser.add_argument(
        "--abandon", nargs="*", default=["extract", "load", "gate_marts"], help="tasks of abandoned runs"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="imr-kills-") as temporary:
        drawn = Path(temporary) / "drawn"
        found = sorted(options.letters.glob("*.pdf")) if options.letters else draw_letters(drawn)
        main(Path(temporary), found, options.kills, options.abandon)
