"""Versions on a real S3 API: what readers see, what a killed or late publisher leaves, what a cache may hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warehouse.errors import WarehouseError
from warehouse.hashing import hash_file
from warehouse.storage import as_place, is_remote
from warehouse.storage.objects import ObjectFolder
from warehouse.versions.base import Version, VersionStore
from warehouse.versions.store import version_store


@pytest.fixture
def place(bucket: str) -> str:
    return f"{bucket}/warehouse"


@pytest.fixture
def store(place: str, tmp_path: Path) -> VersionStore:
    assert is_remote(as_place(place))
    return version_store(as_place(place), cache=tmp_path / "cache")


def publish(
    store: VersionStore, tmp_path: Path, content: str, *, based_on: int | None = None, keep: int = 30
) -> Version:
    staged = tmp_path / f"staged-{content}"
    staged.mkdir()
    names = ("imr.duckdb", "marts.duckdb", "files.parquet")
    for name in names:
        (staged / name).write_text(f"{name} of {content}")
    manifest = {"run_id": f"run-{content}", "sha256": {name: hash_file(staged / name) for name in names}}
    return store.publish(staged, manifest, based_on=based_on, keep=keep)


def publish_many(store: VersionStore, tmp_path: Path, count: int, keep: int = 30) -> None:
    for number in range(1, count + 1):
        publish(store, tmp_path, str(number), based_on=number - 1 or None, keep=keep)


def test_before_anything_is_published_there_is_no_version(store: VersionStore, place: str) -> None:
    assert store.current() is None
    assert store.all() == []
    with pytest.raises(WarehouseError, match=f"nothing is published under {place}"):
        store.require_current()


def test_a_published_version_is_what_the_pointer_names_and_another_machine_reads(
    store: VersionStore, place: str, tmp_path: Path
) -> None:
    publish_many(store, tmp_path, 2)
    pointer = json.loads(ObjectFolder(place).read("current.json"))
    assert pointer["version"] == 2
    elsewhere = version_store(as_place(place), cache=tmp_path / "another machine").require_current()
    assert elsewhere.number == 2
    assert elsewhere.full.name == "imr.duckdb", "DuckDB names a file's catalog by its stem"
    assert elsewhere.full.read_text() == "imr.duckdb of 2"
    assert elsewhere.marts.read_text() == "marts.duckdb of 2"
    assert elsewhere.ledger is not None
    assert elsewhere.manifest["based_on"] == 1
    assert not (tmp_path / "staged-2").exists()


def test_rollback_goes_to_the_base_and_back_again(store: VersionStore, tmp_path: Path) -> None:
    publish_many(store, tmp_path, 2)
    assert store.rollback().number == 1
    assert store.require_current().marts.read_text() == "marts.duckdb of 1"
    assert [v.number for v in store.find_abandoned()] == [2]
    assert publish(store, tmp_path, "3", based_on=1).number == 3
    assert [v.number for v in store.find_abandoned()] == [2], "3 was not built on it"
    assert store.rollback(2).number == 2
    with pytest.raises(WarehouseError, match=r"no version 9 to go back to; kept: 1, 2, 3"):
        store.rollback(9)


def test_nothing_is_published_over_a_version_that_came_between(store: VersionStore, tmp_path: Path) -> None:
    publish_many(store, tmp_path, 2)
    with pytest.raises(WarehouseError, match="version 2 was published while this run built on 1"):
        publish(store, tmp_path, "late", based_on=1)
    assert store.require_current().number == 2


def test_of_two_publishers_that_switch_at_the_same_moment_one_is_refused(place: str, bucket: str) -> None:
    assert bucket
    folder = ObjectFolder(place)
    folder.replace("current.json", b"1", None)
    token = folder.token("current.json")
    with pytest.raises(FileExistsError):
        folder.replace("current.json", b"first, too", None)
    folder.replace("current.json", b"2", token)
    with pytest.raises(FileExistsError):
        folder.replace("current.json", b"3", token)
    assert folder.read("current.json") == b"2"


def test_what_a_killed_publisher_left_is_no_version_and_its_number_is_not_used(
    store: VersionStore, place: str, tmp_path: Path
) -> None:
    publish_many(store, tmp_path, 1)
    folder = ObjectFolder(place)
    folder.write("versions/000002/claimed-by", b"run-killed")
    folder.write("versions/000002/imr.duckdb", b"half of a wareh")
    assert [v.number for v in store.all()] == [1]
    assert publish(store, tmp_path, "next", based_on=1).number == 3
    left = {entry.name for entry in folder.walk() if entry.name.startswith("versions/000002")}
    assert left == set(), "the next publication tidies up"


def test_a_publication_that_was_killed_before_the_switch_is_finished(
    store: VersionStore, place: str, tmp_path: Path
) -> None:
    publish_many(store, tmp_path, 2)
    ObjectFolder(place).write("current.json", b'{"version": 1}')  # as it was when the publisher died
    finished = store.finish("run-2")
    assert finished is not None
    assert finished.number == store.require_current().number == 2
    assert store.finish("run-nobody") is None


def test_a_file_that_is_not_what_was_published_is_never_opened(store: VersionStore, place: str, tmp_path: Path) -> None:
    publish_many(store, tmp_path, 1)
    ObjectFolder(place).write("versions/000001/marts.duckdb", b"something else")
    elsewhere = version_store(as_place(place), cache=tmp_path / "another machine").require_current()
    with pytest.raises(WarehouseError, match=r"version 1: marts.duckdb under .* is not what was published"):
        _ = elsewhere.marts


def test_only_the_last_versions_are_kept_in_the_store_and_few_in_the_cache(
    store: VersionStore, place: str, tmp_path: Path
) -> None:
    publish_many(store, tmp_path, 6, keep=4)
    assert [v.number for v in store.all()] == [3, 4, 5, 6]
    assert {e.name.split("/")[1] for e in ObjectFolder(place).walk() if e.name.startswith("versions/")} == {
        f"{n:06d}" for n in (3, 4, 5, 6)
    }
    assert store.require_current().marts.exists()
    cached = {f.name.split("-")[0] for f in (tmp_path / "cache").glob("[0-9]*")}
    assert cached == {"000004", "000005", "000006"}


def test_a_lost_object_is_told_with_its_place(store: VersionStore, place: str, tmp_path: Path) -> None:
    publish_many(store, tmp_path, 1)
    ObjectFolder(place).remove("versions/000001/imr.duckdb")
    elsewhere = version_store(as_place(place), cache=tmp_path / "another machine").require_current()
    with pytest.raises(WarehouseError, match=f"imr.duckdb cannot be had from {place}"):
        _ = elsewhere.full
