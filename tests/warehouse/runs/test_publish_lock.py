from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from warehouse.files import lock_file, write_json
from warehouse.runs.publish_lock import DagRun, PublishLock
from warehouse.runs.run import Run

HOLD = """
import sys
from pathlib import Path
from warehouse.runs.publish_lock import PublishLock
from warehouse.runs.run import Run
PublishLock(Path(sys.argv[1])).acquire(Run(Path(sys.argv[1], "first")))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path: Path) -> PublishLock:
    return PublishLock(tmp_path)


@pytest.fixture
def first(tmp_path: Path) -> Run:
    return Run(tmp_path / "first")


@pytest.fixture
def second(tmp_path: Path) -> Run:
    return Run(tmp_path / "second")


def find_holder(lock: PublishLock) -> str | None:
    holder = lock.find_holder()
    return holder.run_id if holder else None


def acquire(lock: PublishLock, run: Run) -> str | None:
    """Return the run that holds the lock already."""
    holder = lock.acquire(run)
    return holder.run_id if holder else None


@contextmanager
def hold_elsewhere(runs: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold the lock for the run `first` in another process."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, runs], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.communicate()


def test_one_run_holds_the_lock_until_it_releases_it(lock: PublishLock, first: Run, second: Run) -> None:
    assert find_holder(lock) is None
    assert acquire(lock, first) is None
    assert acquire(lock, second) == "first"
    assert acquire(lock, first) is None, "a task that runs again still holds it"
    lock.release(second)
    assert find_holder(lock) == "first", "only the holder can release it"
    lock.release(first)
    assert acquire(lock, second) is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_process_that_dies_holds_the_lock_no_longer(
    lock: PublishLock, second: Run, tmp_path: Path, number: signal.Signals
) -> None:
    with hold_elsewhere(tmp_path) as process:
        assert acquire(lock, second) == "first"
        process.send_signal(number)
        process.wait()
        assert acquire(lock, second) is None


def test_a_run_of_the_service_holds_the_lock_while_the_service_lives(tmp_path: Path, first: Run, second: Run) -> None:
    alive = tmp_path / "service.lock"
    lock = PublishLock(tmp_path, alive)
    with lock_file(alive):
        assert lock.acquire(first, DagRun("imr_daily_load", "first")) is None
        assert acquire(lock, second) == "first", "between two tasks no process of the run lives"
    assert acquire(lock, second) is None


def test_a_run_that_airflow_has_ended_holds_the_lock_no_longer(
    tmp_path: Path, lock: PublishLock, first: Run, second: Run
) -> None:
    ours = DagRun("imr_daily_load", "scheduled__2026")
    assert lock.acquire(first, ours) is None
    assert lock.acquire(second, is_running=lambda asked: asked == ours)
    assert lock.acquire(second, is_running=lambda _: False) is None


def test_a_run_that_ended_holds_the_lock_no_longer(lock: PublishLock, first: Run, second: Run) -> None:
    report = first.folder / "report.json"
    write_json(report, {})  # of an earlier try, which ended before this one began
    os.utime(report, (time.time() - 60,) * 2)
    lock.acquire(first)
    assert find_holder(lock) == "first"
    write_json(report, {})
    assert acquire(lock, second) is None


@pytest.mark.parametrize(
    "content", ["", "{", "null", "[]", '{"run_id": "first"}', '{"run_id": "first", "since": 1e12}', "\0" * 64]
)
def test_a_lock_that_cannot_be_read_is_nobodys(lock: PublishLock, second: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / ".publish-lock.json").write_text(content)
    assert acquire(lock, second) is None
    assert find_holder(lock) == "second"
