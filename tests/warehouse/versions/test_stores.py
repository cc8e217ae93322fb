"""Version stores on disk and in an object store behave the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.versions import publish_many, publish_version
from warehouse.errors import WarehouseError
from warehouse.storage import as_place
from warehouse.versions.base import FULL, VersionStore
from warehouse.versions.store import open_version_store


@pytest.fixture(params=["disk", "objects"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> VersionStore:
    place = tmp_path if request.param == "disk" else request.getfixturevalue("bucket")
    return open_version_store(as_place(f"{place}/warehouse"), cache=tmp_path / "cache")


def list_numbers(store: VersionStore) -> list[int]:
    return [v.number for v in store.all()]


def test_before_the_first_publication_there_is_no_version(store: VersionStore) -> None:
    assert (store.current(), store.all(), store.find_abandoned()) == (None, [], [])
    with pytest.raises(WarehouseError, match=f"{store.location}: nothing is published yet"):
        store.require_current()


def test_readers_see_the_published_version_and_cannot_write_it(store: VersionStore) -> None:
    version = publish_version(store, "1")
    assert store.current() == version
    manifest = version.manifest
    assert (manifest["run_id"], manifest["version"], manifest["based_on"]) == ("run-1", 1, None)
    assert version.full.name == FULL, "DuckDB names a file's catalog by its stem"
    for file in (version.full, version.marts, version.ledger):
        assert file.read_text() == f"{file.name} of 1"
        assert file.stat().st_mode & 0o777 == 0o444


def test_publishing_is_refused_where_another_version_came_between(store: VersionStore) -> None:
    publish_many(store, 2)
    with pytest.raises(WarehouseError, match="version 2 was published while this run built on 1"):
        store.publish(Path("never touched"), {}, based_on=1, keep=30)
    assert store.require_current().number == 2


def test_rollback_goes_to_the_base_and_back_again(store: VersionStore) -> None:
    publish_many(store, 2)
    assert store.rollback().number == 1
    assert store.require_current().marts.read_text() == "marts.duckdb of 1"
    assert [v.number for v in store.find_abandoned()] == [2]
    assert store.rollback(2).number == 2
    assert store.find_abandoned() == []


def test_a_version_after_a_rollback_gets_a_new_number_and_the_right_base(store: VersionStore) -> None:
    publish_many(store, 2)
    store.rollback()
    assert publish_version(store, "3", based_on=1).number == 3
    assert [v.number for v in store.find_abandoned()] == [2]
    assert store.rollback().number == 1, "not version 2, which was rolled back"


def test_rolling_back_to_a_version_that_is_not_kept_names_those_that_are(store: VersionStore) -> None:
    publish_many(store, 2)
    with pytest.raises(WarehouseError, match=r"no version 9 to go back to; kept: 1, 2"):
        store.rollback(9)
    with pytest.raises(WarehouseError, match="version 1 is the first"):
        [store.rollback(), store.rollback()]
    assert store.require_current().number == 1


def test_the_last_versions_are_kept_and_always_the_current_one(store: VersionStore) -> None:
    publish_many(store, 5, keep=3)
    assert list_numbers(store) == [3, 4, 5]
    store.rollback(3)
    publish_version(store, "6", based_on=3, keep=1)
    assert list_numbers(store) == [6]


def test_a_publication_that_was_killed_before_the_switch_is_finished(
    store: VersionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_many(store, 1)
    with monkeypatch.context() as patch:
        patch.setattr(type(store), "_point_to", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            publish_version(store, "2", based_on=1)
    assert (store.require_current().number, list_numbers(store)) == (1, [1, 2])
    finished = store.finish("run-2")
    assert finished is not None
    assert finished.number == store.require_current().number == 2
    assert store.finish("run-unknown") is None
