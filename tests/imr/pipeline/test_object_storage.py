"""A whole load with inbox, archive, quarantine and versions on a real S3 API: the same as on a disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extract.samples import write_samples
from imr.context import Context
from imr.monitoring.status import make_status
from imr.pipeline import steps
from imr.settings import Settings
from tests.support.home import Home
from tests.support.s3_server import bucket, s3_server
from warehouse.hashing import hash_file
from warehouse.query import query
from warehouse.storage import as_place, folder_at

__all__ = ["bucket", "s3_server"]


class RemoteHouse(Home):
    """A home whose letters and versions are in a bucket."""

    def __init__(self, home: Path, bucket: str) -> None:
        super().__init__(home)
        object.__setattr__(self, "bucket", bucket)

    @property
    def settings(self) -> Settings:
        places = {name: f"{self.bucket}/{name}" for name in ("inbox", "archive", "quarantine", "warehouse")}
        return Settings(home=self.home, chunk_size=10, quiet_seconds=0, **places)


def tables(file: Path) -> dict[str, list[str]]:
    """The rows of every table of raw and marts, without run ids and times of loading, in an order of their own."""
    held = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        names = connection.execute(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables "
            "WHERE table_schema IN ('raw', 'marts', 'main') AND table_type = 'BASE TABLE' ORDER BY ALL"
        ).fetchall()
        for (name,) in names:
            columns = [c[:2] for c in connection.execute(f"DESCRIBE {name}").fetchall()]
            kept = ", ".join(f'"{c}"' for c, kind in columns if c != "run_id" and kind != "TIMESTAMP")
            held[name] = sorted(str(row) for row in connection.execute(f"SELECT {kept} FROM {name}").fetchall())  # noqa: S608 - a table's own names
    return held


@pytest.fixture
def home(bucket: str, tmp_path: Path) -> RemoteHouse:
    return RemoteHouse(tmp_path / "remote", bucket)


def names(place: Any) -> set[str]:
    return {entry.name for entry in folder_at(as_place(place)).walk()}


def test_a_load_on_object_storage_is_the_same_as_on_a_disk(loaded: Home, home: RemoteHouse, tmp_path: Path) -> None:
    settings = home.settings
    inbox = folder_at(settings.inbox)
    for file in write_samples(tmp_path / "samples"):
        inbox.put(file.name, file)
    assert home.load("remote", drop=settings.inbox) == 1

    there = Context(settings).versions.require_current()
    here = loaded.context.versions.require_current()
    for file in ("full", "marts"):
        expected, found = tables(getattr(here, file)), tables(getattr(there, file))
        assert len(expected) > 10
        assert sum(len(rows) for rows in expected.values()) > 100
        assert set(found) == set(expected)
        for table, rows in expected.items():
            assert found[table] == rows, f"{table} of {file}"

    assert names(settings.inbox) == set(), "the inbox is emptied"
    assert len(names(settings.archive)) == 26
    assert names(settings.archive) == {
        str(f.relative_to(loaded.settings.archive)) for f in Path(loaded.settings.archive).rglob("*.*")
    }
    notes = {n for n in names(settings.quarantine) if n.endswith(".json")}
    assert {n.split("/")[0] for n in notes} == {"damaged", "no_text_layer", "password", "unknown_format"}
    with folder_at(settings.quarantine).open(sorted(notes)[0]) as note:
        assert json.load(note)["reason"] == "damaged"
    status = make_status(settings)
    assert status["files"] == make_status(loaded.settings)["files"]
    assert status["inbox"]["waiting"] == 0


def test_on_object_storage_a_rollback_loses_nothing(home: RemoteHouse) -> None:
    """Without dbt and gates, which know nothing of where the versions lie."""
    settings = home.settings
    inbox = folder_at(settings.inbox)

    def load(run_id: str) -> int:
        assert home.read(run_id, settings.inbox)
        steps.load(Context(settings), run_id)
        with duckdb.connect(str(Context(settings).open_run(run_id).candidate)) as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS marts")  # a publication wants a mart
            connection.execute("CREATE OR REPLACE TABLE marts.dim_none AS SELECT 1 AS n")
        version = steps.publish(Context(settings), run_id)
        steps.archive(Context(settings), run_id)
        return version

    inbox.write("early.txt", b"no letter")
    assert load("first") == 1
    inbox.write("late.txt", b"no letter either")
    assert load("second") == 2
    late = "SELECT status, reason FROM raw.files WHERE source_path = 'late.txt'"
    refused = [{"status": "quarantined", "reason": "unknown_format"}]
    versions = Context(settings).versions
    assert query(versions.require_current().full, late).to_pylist() == refused
    assert hash_file(versions.require_current().full) == versions.require_current().manifest["sha256"]["imr.duckdb"]

    assert versions.rollback().number == 1
    assert query(versions.require_current().full, late).to_pylist() == []
    assert load("third") == 3, "what was rolled back comes again from where it is stored"
    assert query(versions.require_current().full, late).to_pylist() == refused
    assert [v.number for v in versions.all()] == [1, 2, 3]
    assert steps.scan(Context(settings), "fourth", settings.inbox) == []
    assert names(settings.inbox) == set()
