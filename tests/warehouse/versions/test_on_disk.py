from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from warehouse.errors import WarehouseError
from warehouse.versions.base import Version
from warehouse.versions.on_disk import DiskVersions


@pytest.fixture
def store(tmp_path: Path) -> DiskVersions:
    return DiskVersions(tmp_path / "warehouse")


def publish(store: DiskVersions, content: int, *, based_on: int | None = None, keep: int = 30) -> Version:
    staged = store.root.parent / f"staged-{content}"
    staged.mkdir(parents=True)
    for name in ("imr.duckdb", "marts.duckdb"):
        with duckdb.connect(str(staged / name)) as connection:
            connection.execute("CREATE TABLE told AS SELECT ? AS version FROM range(1000)", [content])
            connection.execute("CHECKPOINT")
    return store.publish(staged, {"run_id": f"run-{content}"}, based_on=based_on, keep=keep)


def publish_many(store: DiskVersions, count: int, **options: int) -> None:
    for number in range(1, count + 1):
        publish(store, number, based_on=number - 1 or None, **options)


def test_the_first_version_is_what_readers_see(store: DiskVersions) -> None:
    assert store.current() is None
    version = publish(store, 1)
    assert store.current() == version
    assert version.manifest == {"run_id": "run-1", "version": 1, "based_on": None}


def test_a_published_version_cannot_be_written(store: DiskVersions) -> None:
    version = publish(store, 1)
    assert {oct(f.stat().st_mode & 0o777) for f in version.full.parent.iterdir()} == {"0o444"}


def test_nothing_is_published_over_a_version_that_came_between(store: DiskVersions) -> None:
    publish(store, 1)
    publish(store, 2, based_on=1)
    with pytest.raises(WarehouseError, match="version 2 was published while this run built on 1"):
        publish(store, 3, based_on=1)
    assert store.require_current().number == 2


def test_rollback_goes_to_the_base_and_back_again(store: DiskVersions) -> None:
    publish_many(store, 2)
    assert store.rollback().number == 1
    assert [v.number for v in store.find_abandoned()] == [2]
    assert store.rollback(2).number == 2
    assert store.find_abandoned() == []


def test_after_a_rollback_the_next_version_gets_a_number_of_its_own(store: DiskVersions) -> None:
    publish_many(store, 2)
    store.rollback()
    assert publish(store, 3, based_on=1).number == 3
    assert store.rollback().number == 1, "the base of 3 is 1, not the version that was rolled back"


def test_rolling_back_to_what_is_not_there_names_what_is(store: DiskVersions) -> None:
    publish_many(store, 2)
    with pytest.raises(WarehouseError, match=r"no version 9 to go back to; kept: 1, 2"):
        store.rollback(9)
    assert store.require_current().number == 2


def test_only_the_last_versions_are_kept_and_always_the_current_one(store: DiskVersions) -> None:
    publish_many(store, 5, keep=3)
    assert [v.number for v in store.all()] == [3, 4, 5]


def test_reading_before_anything_is_published_says_what_to_do(store: DiskVersions) -> None:
    with pytest.raises(WarehouseError, match="nothing is published"):
        store.require_current()


READER = """
import pathlib, sys, duckdb
file, over, keeps_open = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3] == "kept"
answers, seen = 0, []
held = duckdb.connect(file, read_only=True)
print("ready", flush=True)
while not over.exists():
    if not keeps_open:
        held.close()
        held = duckdb.connect(file, read_only=True)
    versions = held.execute("SELECT DISTINCT version FROM told").fetchall()
    assert len(versions) == 1, f"two versions in one answer: {versions}"
    answers += 1
    seen += [versions[0][0]] if versions[0][0] not in seen[-1:] else []
print(answers, *seen)
"""


@pytest.mark.parametrize("how", ["reopened", "kept"])
def test_a_reader_meets_no_error_through_thirty_publications_and_a_rollback(store: DiskVersions, how: str) -> None:
    publish(store, 1)
    over = store.root.parent / "over"
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, store.link / "marts.duckdb", over, how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "ready\n"
    for number in range(2, 32):
        publish(store, number, based_on=number - 1, keep=5)
    time.sleep(0.5)  # so that it meets the newest one too
    store.rollback(29)
    time.sleep(0.5)
    over.touch()
    told, errors = reader.communicate(timeout=60)
    assert reader.returncode == 0, errors
    answers, *seen = map(int, told.split())
    assert answers >= len(seen)
    if how == "kept":
        assert seen == [1], "who keeps a version open goes on reading it, also when it is removed"
    else:
        assert seen == [*sorted(set(seen[:-1])), 29], "each version in its turn, and then the one rolled back to"
        assert seen[-2] == 31
