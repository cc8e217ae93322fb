"""`make soak-kills`: a load is killed (SIGKILL) again and again, and what is published in the end is compared.

Every task of a load is a process of its own, as under Airflow. Each is killed at random points while it works, and at
its end (a task boundary), and run again as a cleared task is; now and then the whole run is given up and another begun.
All the while a reader opens the published file. Loads the letters of a folder, or drawn ones.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from bench.reading import draw_letters
from extract.samples import write_samples
from imr.pipeline.steps import store
from imr.settings import PROJECT_ROOT, Settings
from warehouse.intake.inbox import hash_file

SEED = 7
AFTER_READING = ("gate_batch", "load_raw", "build_marts", "gate_marts", "publish", "settle", "report")
OF_THE_RUN = {"run_id", "source_path", "dbt_scd_id"}
"""Columns that tell by which run a row came, which two loads do not share; nor do they share when (any timestamp)."""


@dataclass
class House:
    """A home with a drop folder, and the processes that load from it."""

    home: Path
    drop: Path
    chance: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - repeatable, not secret
    kills: dict[str, int] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, inbox=str(self.drop), quiet_seconds=0)

    @property
    def errors(self) -> Path:
        """What the newest task has said on standard error."""
        return self.home.with_name(f"{self.home.name}-errors.txt")

    def task(self, run_id: str, step: str, *first: int) -> tuple[Any, float]:
        """Run one task to its end; return what it returned, and its seconds after it was ready."""
        process = self._start(run_id, step, *first)
        begun = time.monotonic()
        told, _ = process.communicate(timeout=600)
        if process.returncode:
            said = self.errors.read_text("utf-8")[-3000:]
            raise AssertionError(f"{step} of {run_id} failed after a kill, and should have gone through:\n{said}")
        return json.loads(told.splitlines()[-1]), time.monotonic() - begun

    def kill(self, run_id: str, step: str, after: float, *first: int) -> None:
        """Start a task and kill it some seconds after it is ready; one that is done is killed at its boundary."""
        process = self._start(run_id, step, *first)
        time.sleep(after)
        process.kill()
        process.wait()
        self.kills[step] = self.kills.get(step, 0) + 1

    def _start(self, run_id: str, step: str, *first: int) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.step", str(self.home), str(self.drop), run_id, step, *map(str, first)],
            cwd=PROJECT_ROOT,
            stdout=subprocess.PIPE,
            stderr=self.errors.open("w"),
            text=True,
        )
        assert process.stdout is not None
        while process.stdout.readline() not in {"ready\n", ""}:
            pass
        return process

    def load(self, run_id: str) -> dict[str, float]:
        """Run a whole load, unharmed; return the seconds of each step."""
        chunks, seconds = self.task(run_id, "scan")
        took = {"scan": seconds}
        for first in chunks:
            took["extract"] = self.task(run_id, "extract", first)[1]
        for step in AFTER_READING if chunks else AFTER_READING[-2:]:
            took[step] = self.task(run_id, step)[1]
        return took

    def load_under_fire(self, run_id: str, kills: dict[str, int], took: dict[str, float]) -> None:
        """Run a load whose every task is killed so many times, at random points and at its end, and run again."""

        def tortured(step: str, *first: int) -> Any:
            for number in range(kills.get(step, 0)):
                at_its_end = number == 0
                self.kill(run_id, step, took[step] * (1.5 if at_its_end else self.chance.random()), *first)
                self.check()
            return self.task(run_id, step, *first)[0]

        for first in tortured("scan"):
            tortured("extract", first)
        for step in AFTER_READING:
            tortured(step)

    def give_up(self, run_id: str, last: str, after: float) -> None:
        """Begin a load and kill it for good in its task `last`."""
        chunks = self.task(run_id, "scan")[0] if last != "scan" else []
        for first in chunks:
            if last == "extract":
                self.kill(run_id, last, after, first)
                return
            self.task(run_id, "extract", first)
        for step in AFTER_READING:
            if step == last:
                break
            if chunks:
                self.task(run_id, step)
        self.kill(run_id, last, after)

    def check(self) -> None:
        """See that what is published is whole: its bytes are those of the manifest, and it answers."""
        version = store(self.settings).require_current()
        for name, expected in version.manifest["sha256"].items():
            assert hash_file(version.file(name)) == expected, f"{name} of version {version.number} is not whole"


class Reader(threading.Thread):
    """Opens the published file again and again, and sees that each answer is of one whole version."""

    def __init__(self, house: House) -> None:
        super().__init__(daemon=True)
        self.file = house.settings.warehouse / "current" / "marts.duckdb"
        self.answers: dict[tuple[int, int], int] = {}
        self.failure: str | None = None
        self.over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.over.wait(0.1):
            try:
                with duckdb.connect(str(self.file.resolve()), read_only=True) as connection:
                    answer = connection.execute(
                        "SELECT (SELECT count(*) FROM fct_decisions), "
                        "(SELECT sum(decision_count) FROM agg_outcomes_by_month)"
                    ).fetchone()
            except duckdb.Error as error:
                self.failure = str(error)
                return
            assert answer is not None
            self.answers[answer] = self.answers.get(answer, 0) + 1


def differences(one: Path, other: Path) -> list[str]:
    """Return the tables of two warehouse files that do not hold the same rows, leaving out what is of the run."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{one}' AS a (READ_ONLY)")
        connection.execute(f"ATTACH '{other}' AS b (READ_ONLY)")
        tables = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'a' "
            "AND schema_name IN ('raw', 'marts', 'intermediate', 'snapshots', 'main')"
        ).fetchall()
        assert tables, f"{one} holds no table"
        for schema, table in tables:
            names = [
                row[0]
                for row in connection.execute(
                    "SELECT column_name FROM duckdb_columns() WHERE database_name = 'a' AND schema_name = ? "
                    "AND table_name = ? AND data_type NOT LIKE 'TIMESTAMP%' ORDER BY column_index",
                    [schema, table],
                ).fetchall()
                if row[0] not in OF_THE_RUN
            ]
            columns = ", ".join(f'"{name}"' for name in names)
            for left, right in (("a", "b"), ("b", "a")):
                ours, theirs = (f"SELECT {columns} FROM {side}.{schema}.{table}" for side in (left, right))
                sql = f"SELECT count(*) FROM ({ours} EXCEPT ALL {theirs})"
                row = connection.execute(sql).fetchone()
                if row and row[0]:
                    found.append(f"{schema}.{table}: {row[0]} rows in {left} alone")
    return found


def ledger_faults(house: House) -> list[str]:
    """Return the files of the drop folder that the ledger does not account for exactly once."""
    with duckdb.connect(str(store(house.settings).require_current().full), read_only=True) as connection:
        rows = dict(connection.execute("SELECT source_path, count(*) FROM raw.files GROUP BY ALL").fetchall())
    return [f"{name}: {rows.get(name, 0)} rows" for name in LETTERS if rows.get(name, 0) != 1]


LETTERS: list[str] = []


def main(
    arguments: list[str], *, each: int = 7, given_up: tuple[str, ...] = ("extract", "load_raw", "gate_marts")
) -> None:
    """Load one folder in two homes, unharmed and under fire, and compare what is published."""
    with tempfile.TemporaryDirectory(prefix="imr-kills-") as folder:
        base = House(Path(folder) / "base", Path(folder) / "base-drop")
        write_samples(base.drop)
        base.load("samples")
        new = sorted(Path(arguments[0]).glob("*.pdf")) if arguments else draw_letters(Path(folder) / "drawn")
        houses = [House(Path(folder) / name, Path(folder) / f"{name}-drop") for name in ("unharmed", "killed")]
        for house in houses:
            shutil.copytree(base.home, house.home, symlinks=True)
            house.drop.mkdir()
            for letter in new:
                shutil.copy(letter, house.drop)
        LETTERS[:] = [letter.name for letter in new]
        unharmed, killed = houses
        took = unharmed.load("load")
        print(f"{len(new)} letters, unharmed: " + ", ".join(f"{s} {t:.1f} s" for s, t in took.items()))  # noqa: T201
        reader = Reader(killed)
        for last in given_up:
            killed.give_up(f"given-up-in-{last}", last, took[last] * killed.chance.random())
            killed.check()
        killed.load_under_fire("load", dict.fromkeys(took, each) | {"extract": 2}, took)
        reader.over.set()
        reader.join()
        _judge(unharmed, killed, reader)


def _judge(unharmed: House, killed: House, reader: Reader) -> None:
    versions = [store(house.settings).require_current() for house in (unharmed, killed)]
    faults = [
        *differences(versions[0].full, versions[1].full),
        *differences(versions[0].marts, versions[1].marts),
        *ledger_faults(killed),
        *([reader.failure] if reader.failure else []),
        *[f"{f.name} is left in the drop folder" for f in killed.drop.iterdir()],
    ]
    print(f"{sum(killed.kills.values())} kills: {killed.kills}")  # noqa: T201
    print(f"the reader's answers (decisions in the facts, in the months): {reader.answers}")  # noqa: T201
    print("\n".join(faults) or "equal row by row, every letter once, every answer of one version")  # noqa: T201
    if faults or len(reader.answers) != 2:
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
