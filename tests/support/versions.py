"""Publishes small versions, for the tests of version stores."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from warehouse.hashing import hash_file
from warehouse.versions.base import LEDGER, MARTS, RAW, Version, VersionStore


def publish_version(store: VersionStore, name: str, *, based_on: int | None = None, keep: int = 30) -> Version:
    """Publish a version whose files hold `name`, and whose run is `run-<name>`."""
    staged = Path(tempfile.mkdtemp(prefix="staged-"))
    (staged / MARTS).write_text(f"{MARTS} of {name}")
    return _publish(store, staged, name, based_on, keep)


def publish_database(store: VersionStore, name: str, *, based_on: int | None = None, keep: int = 30) -> Version:
    """Publish a version whose marts file is a database with `name` in each of 1,000 rows."""
    staged = Path(tempfile.mkdtemp(prefix="staged-"))
    with duckdb.connect(str(staged / MARTS)) as connection:
        connection.execute("CREATE TABLE mart AS SELECT ? AS version FROM range(1000)", [name])
        connection.execute("CHECKPOINT")
    return _publish(store, staged, name, based_on, keep)


def publish_many(store: VersionStore, count: int, keep: int = 30) -> None:
    """Publish versions 1 to `count`, each based on the one before."""
    for number in range(1, count + 1):
        publish_version(store, str(number), based_on=number - 1 or None, keep=keep)


def _publish(store: VersionStore, staged: Path, name: str, based_on: int | None, keep: int) -> Version:
    (staged / RAW).mkdir()
    (staged / RAW / LEDGER).write_text(f"{LEDGER} of {name}")
    manifest = {"run_id": f"run-{name}", "load_number": 1, "sha256": {MARTS: hash_file(staged / MARTS)}}
    version = store.publish(staged, manifest, based_on=based_on, keep=keep)
    assert not staged.exists()
    return version
