"""Versions in a real S3 API: killed and concurrent publishers, damaged objects, and the local cache."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.versions import publish_many, publish_version
from warehouse.errors import WarehouseError
from warehouse.storage.objects import ObjectFolder
from warehouse.versions.on_objects import ObjectVersions


@pytest.fixture
def folder(bucket: str) -> ObjectFolder:
    return ObjectFolder(f"{bucket}/warehouse")


@pytest.fixture
def store(folder: ObjectFolder, tmp_path: Path) -> ObjectVersions:
    return ObjectVersions(folder, tmp_path / "cache")


@pytest.fixture
def other_machine(folder: ObjectFolder, tmp_path: Path) -> ObjectVersions:
    """The store on a machine with an empty cache."""
    return ObjectVersions(folder, tmp_path / "cache of another machine")


def list_version_folders(folder: ObjectFolder) -> set[str]:
    return {e.name.split("/")[1] for e in folder.walk() if e.name.startswith("versions/")}


def test_another_machine_reads_the_version_that_the_pointer_names(
    store: ObjectVersions, other_machine: ObjectVersions, folder: ObjectFolder
) -> None:
    publish_many(store, 2)
    assert json.loads(folder.read("current.json"))["version"] == 2
    version = other_machine.require_current()
    assert version.number == 2
    assert version.marts.read_text() == "marts.duckdb of 2"
    assert [part.joinpath("files.parquet").read_text()[-1] for part in version.contents.parts] == ["1", "2"]
    assert version.manifest["based_on"] == 1


def test_of_two_publishers_that_switch_at_the_same_moment_one_is_refused(folder: ObjectFolder) -> None:
    folder.replace("current.json", b"1", None)
    token = folder.token("current.json")
    with pytest.raises(FileExistsError):
        folder.replace("current.json", b"also first", None)
    folder.replace("current.json", b"2", token)
    with pytest.raises(FileExistsError):
        folder.replace("current.json", b"3", token)
    assert folder.read("current.json") == b"2"


def test_an_unfinished_version_is_removed_and_its_number_is_not_used(
    store: ObjectVersions, folder: ObjectFolder
) -> None:
    publish_many(store, 1)
    folder.write("versions/000002/claimed-by", b"run-killed")
    folder.write("versions/000002/marts.duckdb", b"half of a mart")
    assert [v.number for v in store.all()] == [1]
    assert publish_version(store, "next", based_on=1).number == 3
    assert list_version_folders(folder) == {"000001", "000003"}


@pytest.mark.parametrize(
    ("damage", "message"),
    [("replaced", "is not the published file"), ("removed", "marts.duckdb cannot be downloaded from s3://")],
)
def test_a_damaged_file_is_never_opened(
    store: ObjectVersions, other_machine: ObjectVersions, folder: ObjectFolder, damage: str, message: str
) -> None:
    publish_many(store, 1)
    if damage == "replaced":
        folder.write("versions/000001/marts.duckdb", b"something else")
    else:
        folder.remove("versions/000001/marts.duckdb")
    with pytest.raises(WarehouseError, match=f"version 1: marts.duckdb .*{message.removeprefix('marts.duckdb ')}"):
        _ = other_machine.require_current().marts


def test_stores_that_share_a_cache_do_not_share_their_parts(store: ObjectVersions, bucket: str, tmp_path: Path) -> None:
    publish_version(store, "1")
    other = ObjectVersions(ObjectFolder(f"{bucket}/another warehouse"), tmp_path / "cache")
    publish_version(other, "of another store")
    assert store.require_current().ledger.read_text() == "files.parquet of 1"
    assert other.require_current().ledger.read_text() == "files.parquet of of another store"


def test_few_versions_stay_in_the_cache(store: ObjectVersions, folder: ObjectFolder, tmp_path: Path) -> None:
    publish_many(store, 6, keep=4)
    assert list_version_folders(folder) == {f"{n:06d}" for n in (3, 4, 5, 6)}
    assert store.require_current().marts.exists()
    cached = {f.name.split("-")[0] for f in (tmp_path / "cache").glob("[0-9]*")}
    assert cached == {"000004", "000005", "000006"}
