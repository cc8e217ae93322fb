"""Backfills: planned once, resumed, with progress and an expected end. (Loads: test_object_storage.)"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from extract.samples import write_samples
from imr.pipeline import backfill
from tests.support.command import run_imr
from tests.support.drawn_letters import write_letter
from tests.support.home import Home
from tests.support.sample_outcomes import NAMES
from warehouse.errors import WarehouseError
from warehouse.runs.backfill_state import FAILED, LOADED, Backfill, BatchResult
from warehouse.runs.step_results import ScanResult
from warehouse.storage import Entry

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a folder of sample letters, of which nothing is loaded."""
    home = Home(tmp_path / "home")
    write_samples(home.letters)
    return home


def test_an_archive_is_planned_once_and_another_folder_is_another_backfill(home: Home, tmp_path: Path) -> None:
    context, oldest = home.context, home.letters / max(NAMES)
    os.utime(oldest, (1_400_000_000,) * 2)
    with pytest.raises(WarehouseError, match="needs a folder"):
        backfill.plan(context, "old", None, None)
    batches = backfill.plan(context, "old", str(home.letters), 10)
    (home.letters / "late.pdf").write_bytes(b"")
    assert backfill.plan(context, "old", str(home.letters), 10) == batches == [1, 2, 3, 4]
    planned = context.open_backfill("old")
    names = [entry.name for batch in batches for entry in planned.list_entries(batch)]
    assert names[0] == oldest.name
    assert sorted(names) == sorted(NAMES)
    with pytest.raises(WarehouseError, match="another name"):
        backfill.plan(context, "old", str(tmp_path), None)
    with pytest.raises(WarehouseError, match="1 to 4"):
        planned.list_entries(5)
    with pytest.raises(WarehouseError, match="not a valid name"):
        backfill.plan(context, "../old", str(home.letters), None)


def test_an_empty_or_missing_folder_is_an_error(home: Home, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, message in (("empty", "no letters in this folder"), ("missing", "no such folder")):
        with pytest.raises(WarehouseError, match=f"{name}: {message}"):
            backfill.plan(home.context, "old", str(tmp_path / name), None)


def test_a_batch_of_loaded_letters_reads_and_publishes_nothing(published: Home) -> None:
    context = published.context
    assert backfill.plan(context, "again", str(published.letters), None) == [1]
    lines: list[str] = []
    assert backfill.run_here(context, "again", [1], lines.append) == 0
    assert f"{len(NAMES)} of {len(NAMES)} files (100 %), 1 of 1 batches" in lines[-1]
    assert len(context.versions.all()) == 1


def test_a_letter_that_another_run_loaded_since_the_scan_is_a_duplicate(published: Home, tmp_path: Path) -> None:
    for run_id in ("one", "two"):
        published.read(run_id, write_letter(tmp_path / run_id, f"{run_id}.pdf", "CM17-0500009").parent)
        assert published.context.open_run(run_id).find_result(ScanResult).new == 1  # type: ignore[union-attr]
    for run_id in ("one", "two"):
        published.publish(run_id)
    files = published.query("SELECT * FROM raw.files WHERE source_path IN ('one.pdf', 'two.pdf') ORDER BY source_path")
    assert [(f["status"], f["run_id"]) for f in files] == [("loaded", "one"), ("duplicate", "two")]
    letters = published.query("SELECT source_name, run_id FROM raw.letters WHERE case_number = 'CM17-0500009'")
    assert letters == [{"source_name": "one.pdf", "run_id": "one"}]


def test_the_expected_end_assumes_the_rate_of_the_last_batches(tmp_path: Path) -> None:
    planned = Backfill.named(tmp_path, "big")
    planned.create_plan([Entry(f"{n}.pdf", 1, float(n)) for n in range(1000)], "/archive", 10)
    for batch in range(1, 13):  # the first two took an hour each, the others, overlapping, a minute
        minutes = 60 * batch if batch < 3 else 120 + batch - 2
        ended = NOON.replace(hour=0).timestamp() + 60 * minutes
        begun = ended - (3600 if batch < 3 else 60)
        times = (datetime.fromtimestamp(t, UTC).isoformat() for t in (begun, ended))
        planned.record(BatchResult(batch, LOADED, f"run-{batch}", 10, *times))
    failed = BatchResult(13, FAILED, "run-13", 10, NOON.isoformat(), NOON.isoformat(), error="gate_batch: no\nmore")
    planned.record(failed)
    progress = planned.find_progress(NOON)
    assert progress.files_done == 120
    assert progress.files_per_second == pytest.approx(10 / 60)
    assert progress.expected_end == datetime(2026, 5, 1, 13, 28, tzinfo=UTC)
    assert planned.list_unfinished() == list(range(13, 101))
    text = backfill.format_progress("big", progress)
    assert "10 files a minute; ends about 2026-05-01 13:28 UTC" in text
    assert "batch 13 failed: gate_batch: no" in text


def test_the_command_shows_progress_and_names_a_missing_option(home: Home) -> None:
    assert "no backfill was planned here" in run_imr(home.path, "backfill", "--status")
    assert "--name is missing" in run_imr(home.path, "backfill", home.letters, status=2)
    backfill.plan(home.context, "old", str(home.letters), None)
    assert f"backfill old: 0 of {len(NAMES)} files (0 %), 0 of 1 batches" in run_imr(home.path, "backfill", "--status")
    unknown = run_imr(home.path, "backfill", "--status", "--name", "other", status=1)
    assert "backfill other has no plan" in unknown
