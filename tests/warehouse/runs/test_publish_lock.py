from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from warehouse.files import write_json
from warehouse.runs.publish_lock import PublishLock
from warehouse.runs.run import ABANDONED_AFTER, Run


@pytest.fixture
def lock(tmp_path: Path) -> PublishLock:
    return PublishLock(tmp_path)


@pytest.fixture
def first(tmp_path: Path) -> Run:
    return Run(tmp_path / "first")


@pytest.fixture
def second(tmp_path: Path) -> Run:
    return Run(tmp_path / "second")


def test_one_run_holds_the_lock_until_it_releases_it(lock: PublishLock, first: Run, second: Run) -> None:
    assert lock.find_holder() is None
    assert lock.acquire(first) is None
    assert lock.acquire(second) == "first"
    assert lock.acquire(first) is None, "a task that runs again still holds it"
    lock.release(second)
    assert lock.find_holder() == "first", "only the holder can release it"
    lock.release(first)
    assert lock.acquire(second) is None


def test_a_run_that_ended_holds_the_lock_no_longer(lock: PublishLock, first: Run, second: Run) -> None:
    report = first.folder / "report.json"
    write_json(report, {})  # of an earlier try, which ended before this one began
    os.utime(report, (time.time() - 60,) * 2)
    lock.acquire(first)
    assert lock.find_holder() == "first"
    write_json(report, {})
    assert lock.acquire(second) is None


def test_a_run_without_activity_for_a_day_holds_the_lock_no_longer(
    lock: PublishLock, first: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock.acquire(first)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + ABANDONED_AFTER + 60)
    assert lock.find_holder() is None
    write_json(first.folder / "steps" / "transform.json", {})
    os.utime(first.folder / "steps", (time.time(),) * 2)
    assert lock.find_holder() == "first"
