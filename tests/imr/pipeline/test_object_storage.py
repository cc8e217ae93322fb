"""Letters and versions in an S3 bucket: the same rows as on a disk."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from extract.samples import write_samples
from imr.monitoring.status import make_status
from imr.pipeline import backfill, steps
from imr.settings import Settings
from tests.support.drawn_letters import write_poisoned
from tests.support.home import Home
from tests.support.s3_server import bucket, s3_server
from tests.support.sample_outcomes import QUARANTINED
from warehouse.checks.databases import open_databases
from warehouse.checks.history import past_loads
from warehouse.hashing import hash_file
from warehouse.storage import Folder, Place, as_place, folder_at
from warehouse.versions.contents import Contents

__all__ = ["bucket", "s3_server"]

pytestmark = pytest.mark.slow

OF_LOADS = {"run_id", "load_number"}
DAILY = {"raw.files_waiting", "marts.agg_intake_daily", "marts.agg_flags_daily", "marts.agg_uncategorised_daily"}
"""Tables that leave out the batches of a backfill."""


class RemoteHome(Home):
    """A home whose letters and versions are in a bucket."""

    def __init__(self, path: Path, bucket: str) -> None:
        super().__init__(path)
        object.__setattr__(self, "bucket", bucket)

    @property
    def settings(self) -> Settings:
        places = {name: f"{self.bucket}/{name}" for name in ("inbox", "archive", "quarantine", "warehouse")}
        return Settings(home=self.path, chunk_size=10, quiet_seconds=0, **places)


@pytest.fixture
def remote(bucket: str, tmp_path: Path) -> RemoteHome:
    return RemoteHome(tmp_path / "remote", bucket)


def read_tables(contents: Contents) -> dict[str, list[str]]:
    """Return the sorted rows of every table of raw and marts, without run ids and times."""
    tables = {}
    with contents.open() as connection:
        names = connection.execute(
            "SELECT schema_name || '.' || view_name FROM duckdb_views() "
            "WHERE schema_name IN ('raw', 'marts') AND database_name = current_database() ORDER BY ALL"
        ).fetchall()
        for (name,) in names:
            columns = [c[:2] for c in connection.execute(f"DESCRIBE {name}").fetchall()]
            compared = ", ".join(f'"{c}"' for c, kind in columns if c not in OF_LOADS and kind != "TIMESTAMP")
            tables[name] = sorted(str(row) for row in connection.execute(f"SELECT {compared} FROM {name}").fetchall())
    return tables


def list_names(place: Place) -> set[str]:
    return {entry.name for entry in folder_at(place).walk()}


def upload_archive(place: Place, folder: Path) -> Folder:
    """Upload the sample letters, and after all others some that stop the batch gate."""
    remote = folder_at(place)
    for file in [*write_samples(folder), *write_poisoned(folder)]:
        remote.put(file.name, file)
    return remote


def test_a_backfill_on_object_storage_gives_the_rows_of_one_load_on_disk(
    loaded: Home, remote: RemoteHome, tmp_path: Path
) -> None:
    context, source = remote.context, as_place(f"{remote.bucket}/old")  # type: ignore[attr-defined]
    archive = upload_archive(source, tmp_path / "samples")
    uploaded = list_names(source)
    assert backfill.plan(context, "old", str(source), 19) == [1, 2]
    lines: list[str] = []
    assert backfill.run_here(context, "old", [1, 2], lines.append) == 1
    assert any("poisoned" in line for line in lines)
    progress = context.open_backfill("old").find_progress(datetime.now(UTC))
    assert (progress.loaded, progress.files_done) == ([1], 19)
    assert "gate_batch" in progress.failed[2]
    assert "batch 2 failed: gate_batch" in lines[-1]

    poisoned = {name for name in uploaded if name.startswith("poisoned")}
    for name in poisoned:
        archive.remove(name)
    assert backfill.plan(context, "old", None, None) == [2], "as planned, without the loaded batch"
    assert backfill.run_here(context, "old", [2], lines.append) == 0
    assert f"{len(poisoned)} files could not be opened" in lines[-1]
    assert backfill.plan(context, "old", None, None) == []
    assert list_names(source) == uploaded - poisoned, "a backfill only reads its folder"

    versions = context.versions.all()
    assert [v.manifest["run_id"].startswith("backfill-old-0000") for v in versions] == [True, True]
    with open_databases(published=versions[-1].contents) as connection:
        assert past_loads(connection, 30, []) == [], "batches do not count as past loads"
    expected = read_tables(loaded.context.versions.require_current().contents)
    found = read_tables(versions[-1].contents)
    assert {"raw.letters", "marts.fct_decisions"} < set(expected)
    assert sum(len(rows) for rows in expected.values()) > 100
    assert set(found) == set(expected)
    assert {name for name, rows in expected.items() if found[name] != rows} <= DAILY

    stored = {str(f.relative_to(loaded.settings.archive)) for f in Path(loaded.settings.archive).rglob("*.*")}
    assert list_names(context.settings.archive) == stored
    notes = {n for n in list_names(context.settings.quarantine) if n.endswith(".json")}
    assert {n.split("/")[0] for n in notes} == set(QUARANTINED.values())
    with folder_at(context.settings.quarantine).open(min(notes)) as note:
        assert json.load(note)["reason"] == min(notes).split("/")[0]
    assert make_status(context)["files"] == make_status(loaded.context)["files"]


def test_a_rollback_on_object_storage_loses_nothing(remote: RemoteHome) -> None:
    settings, versions = remote.settings, remote.context.versions
    inbox = folder_at(settings.inbox)
    late = "SELECT status, reason FROM raw.files WHERE source_path = 'late.txt'"
    quarantined = [{"status": "quarantined", "reason": "unknown_format"}]

    inbox.write("early.txt", b"no letter")
    assert remote.load_quickly("first", settings.inbox) == 1
    inbox.write("late.txt", b"no letter either")
    assert remote.load_quickly("second", settings.inbox) == 2
    assert remote.query(late) == quarantined
    current = versions.require_current()
    for part, files in zip(current.contents.parts, current.manifest["raw"].values(), strict=True):
        assert {file.name: hash_file(file) for file in part.iterdir()} == files

    assert versions.rollback().number == 1
    assert remote.query(late) == []
    assert remote.load_quickly("third", settings.inbox) == 3
    assert remote.query(late) == quarantined, "read again from the quarantine"
    assert [v.number for v in versions.all()] == [1, 2, 3]
    assert steps.scan(remote.context, "fourth", settings.inbox) == []
    assert list_names(settings.inbox) == set(), "the project's own inbox is emptied"
