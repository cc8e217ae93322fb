"""Version stores on disk and in an object store behave the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.versions import publish_many, publish_version
from warehouse.errors import WarehouseError
from warehouse.storage import as_place, folder_at
from warehouse.storage.objects import ObjectFolder
from warehouse.versions import on_disk
from warehouse.versions.base import LEDGER, MANIFEST, MARTS, RAW, VersionStore
from warehouse.versions.on_disk import DiskVersions
from warehouse.versions.store import open_version_store


@pytest.fixture(params=["disk", "objects"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> VersionStore:
    place = tmp_path if request.param == "disk" else request.getfixturevalue("bucket")
    return open_version_store(as_place(f"{place}/warehouse"), cache=tmp_path / "cache")


Damage = Callable[[int, str, bytes | None], None]


@pytest.fixture
def damage(store: VersionStore) -> Damage:
    """A function that replaces a file of a version or of its part, or removes it."""

    def replace(number: int, name: str, content: bytes | None) -> None:
        folder = folder_at(as_place(f"{store.location}/{'raw' if name == LEDGER else 'versions'}/{number:06d}"))
        folder.remove(name)
        if content is not None:
            folder.write(name, content)

    return replace


@pytest.fixture
def lose_pointer(store: VersionStore) -> Callable[[str], None]:
    """A function that removes the pointer to the current version, or has it point to none."""

    def lose(how: str) -> None:
        if isinstance(store, DiskVersions):
            store.link.unlink()
            if how != "missing":
                store.link.symlink_to({"dangling": "versions/000009", "garbled": "no version"}[how])
        else:
            folder = folder_at(as_place(store.location))
            folder.remove("current.json")
            if how != "missing":
                folder.write("current.json", {"dangling": b'{"version": 9}', "garbled": b'{"vers'}[how])

    return lose


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
    assert version.marts.name == MARTS, "DuckDB names a file's catalog by its stem"
    for file, mode in ((version.marts, 0o444), (version.ledger, 0o400)):
        assert file.read_text() == f"{file.name} of 1"
        assert file.stat().st_mode & 0o777 == mode, "only marts are for others"


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
    assert {e.name for e in folder_at(as_place(f"{store.location}/versions/000002")).walk()} >= {MARTS, MANIFEST}
    assert not any("raw" in e.name for e in folder_at(as_place(f"{store.location}/versions")).walk())
    assert store.finish("run-unknown") is None


def test_a_first_publication_that_was_killed_before_the_switch_blocks_no_load(
    store: VersionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(type(store), "_point_to", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            publish_version(store, "1")
    assert store.current() is None
    base = store.find_base()
    assert base is not None
    assert base.number == store.require_current().number == 1
    assert base.marts.stat().st_mode & 0o777 == 0o444
    assert publish_version(store, "2", based_on=1).number == 2


def list_parts(store: VersionStore) -> set[str]:
    return {entry.name.split("/")[0] for entry in folder_at(as_place(f"{store.location}/raw")).walk()}


def test_a_part_is_kept_as_long_as_a_kept_version_names_it(store: VersionStore) -> None:
    publish_many(store, 2)
    store.rollback()
    publish_version(store, "3", based_on=1)
    assert list_parts(store) == {"000001", "000002", "000003"}, "version 2 is kept"
    version = publish_version(store, "4", based_on=3, keep=2)
    assert list_numbers(store) == [3, 4]
    assert list_parts(store) == {"000001", "000003", "000004"}
    assert [part.name[:6] for part in version.contents.parts] == ["000001", "000003", "000004"]
    assert [v.find_damage() for v in store.all()] == [[], []]


def test_no_part_is_removed_while_a_manifest_is_damaged(store: VersionStore, damage: Damage) -> None:
    publish_many(store, 2)
    store.rollback()
    damage(2, MANIFEST, b"")
    publish_version(store, "3", based_on=1, keep=30)
    assert list_parts(store) == {"000001", "000002", "000003"}


def stop_before_the_manifest(store: VersionStore, patch: pytest.MonkeyPatch) -> None:
    """Let a publication be killed when its part is in its place and its version is not."""
    owner, name = (on_disk, "_put_folder") if isinstance(store, DiskVersions) else (ObjectFolder, "create")
    write = getattr(owner, name)

    def write_or_die(*arguments: Any) -> None:
        target = str(arguments[1])
        if "/versions/" in target or target.endswith(MANIFEST):
            raise KeyboardInterrupt
        write(*arguments)

    patch.setattr(owner, name, write_or_die)


def test_a_publication_that_was_killed_before_its_manifest_leaves_nothing_behind(
    store: VersionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_many(store, 1)
    with monkeypatch.context() as patch:
        stop_before_the_manifest(store, patch)
        with pytest.raises(KeyboardInterrupt):
            publish_version(store, "killed", based_on=1)
    assert len(list_parts(store)) == 2
    assert (store.require_current().number, list_numbers(store)) == (1, [1])
    version = publish_version(store, "2", based_on=1)
    assert version.ledger.read_text() == "files.parquet of 2"
    assert version.find_damage() == []
    assert list_parts(store) == set(version.manifest[RAW])


def test_a_part_that_is_missing_is_named(store: VersionStore, damage: Damage) -> None:
    version = publish_version(store, "1")
    damage(1, LEDGER, None)
    assert [damaged.partition(" cannot")[0] for damaged in version.find_damage()] == [
        "version 1: raw/000001/files.parquet"
    ]
    if isinstance(store, DiskVersions):  # otherwise it is in the cache
        with pytest.raises(WarehouseError, match=r"version 1: .*raw/000001/files.parquet: missing. Restore it"):
            _ = version.contents


def test_a_file_that_is_not_as_published_is_named(store: VersionStore, damage: Damage) -> None:
    publish_many(store, 2)
    assert [v.find_damage() for v in store.all()] == [[], []]
    damage(1, LEDGER, b"files.parquet of 9")
    damage(2, MARTS, None)
    shared = "raw/000001/files.parquet is not the published file"
    assert store.all()[0].find_damage() == [f"version 1: {shared}"]
    marts, part = store.all()[1].find_damage()
    assert marts.startswith("version 2: marts.duckdb cannot be read: ")
    assert part == f"version 2: {shared}"


@pytest.mark.parametrize("content", [b"", b'{"run_id": "ru', b"[]", b"{}", b"\0" * 100])
@pytest.mark.parametrize("number", [1, 2])
def test_a_version_whose_manifest_is_damaged_is_named_and_skipped(
    store: VersionStore, damage: Damage, number: int, content: bytes
) -> None:
    publish_many(store, 3)
    damage(number, MANIFEST, content)
    assert store.find_problems() == [f"version {number}: manifest.json is missing or cannot be read"]
    with pytest.raises(WarehouseError, match=f"no version {number} to go back to; kept: "):
        store.rollback(number)
    assert store.find_base() == store.current()
    assert store.finish("run-unknown") is None
    assert number not in {v.number for v in store.find_abandoned() if v.has_manifest}
    assert publish_version(store, "4", based_on=3).number == 4


def test_nothing_is_built_on_a_version_whose_manifest_is_damaged(store: VersionStore, damage: Damage) -> None:
    publish_many(store, 2)
    damage(2, MANIFEST, b"")
    with pytest.raises(WarehouseError, match=r"version 2: manifest.json is missing .* imr rollback N"):
        store.find_base()
    with pytest.raises(WarehouseError, match=r"version 2: manifest.json is missing"):
        store.rollback()
    assert store.rollback(1).number == 1
    assert publish_version(store, "3", based_on=1).number == 3, "its number is not used again"


@pytest.mark.parametrize("how", ["missing", "dangling", "garbled"])
def test_a_lost_pointer_is_named_and_repaired(
    store: VersionStore, lose_pointer: Callable[[str], None], how: str
) -> None:
    publish_many(store, 2)
    lose_pointer(how)
    if not (how == "dangling" and store.current()):
        lost = r"pointer .* is missing or damaged.* Kept versions: 1, 2. Make one current: `imr rollback 2`"
        for attempt in (store.require_current, store.find_base, store.rollback):
            with pytest.raises(WarehouseError, match=lost):
                attempt()
        (problem,) = store.find_problems()
        assert "imr rollback 2" in problem
    with pytest.raises(WarehouseError):
        store.publish(Path("never touched"), {}, based_on=None, keep=30)
    with pytest.raises(WarehouseError, match=r"no version 9 to go back to; kept: 1, 2"):
        store.rollback(9)
    assert store.rollback(2).number == store.require_current().number == 2
    assert store.find_problems() == []
    assert publish_version(store, "3", based_on=2).number == 3
