"""An archive in batches: planned once, resumed, a poisoned batch set aside, and the same rows as one load of it all."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from imr.cli import main
from imr.context import Context
from imr.pipeline import backfill, steps
from imr.samples import write_samples
from tests.imr.pipeline.test_object_storage import tables
from tests.imr.pipeline.test_steps import drop_letter
from tests.support.home import Home
from warehouse.checks.history import read_past_loads
from warehouse.errors import WarehouseError
from warehouse.runs.backfill_state import LOADED, SET_ASIDE, Backfill, Outcome
from warehouse.storage import Entry

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def age(folder: Path, names: list[str]) -> None:
    """Let the files of a folder be of one minute each, `names` first."""
    rest = sorted(f.name for f in folder.iterdir() if f.name not in names)
    for minute, name in enumerate([*names, *rest]):
        os.utime(folder / name, (1_500_000_000 + 60 * minute,) * 2)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The sample letters, and before all others one that the batch gate stops."""
    write_samples(tmp_path / "archive")
    (tmp_path / "archive" / "one more copy.pdf").unlink()  # which of two names is the copy is a matter of order
    drop_letter(tmp_path / "archive", "poisoned.pdf", "CM17-0500002", outcome="Remanded")
    age(tmp_path / "archive", ["poisoned.pdf"])
    return tmp_path / "archive"


def test_a_poisoned_batch_is_set_aside_and_loaded_once_it_is_mended(
    loaded: Home, archive: Path, tmp_path: Path
) -> None:
    home = Home(tmp_path / "another")
    home.path.mkdir()
    settings = home.settings
    assert backfill.plan(Context(settings), "old", str(archive), 16) == [1, 2]
    said: list[str] = []
    assert backfill.run_here(Context(settings), "old", [1, 2], said.append) == 1
    assert "poisoned.pdf" in said[0]
    progress = Backfill.named(settings.backfills, "old").progress(NOON)
    assert progress.loaded == [2]
    assert "gate_batch" in progress.set_aside[1]
    assert progress.files_done == 15
    assert "batch 1 is set aside: gate_batch" in said[-1]

    (archive / "poisoned.pdf").unlink()
    assert backfill.plan(Context(settings), "old", None, None) == [1], "as it was planned, without what is loaded"
    assert backfill.run_here(Context(settings), "old", [1], said.append) == 0
    assert "1 files could not be opened" in said[-1]
    assert backfill.plan(Context(settings), "old", None, None) == []
    versions = Context(settings).versions.all()
    assert [v.manifest["run_id"].startswith("backfill-old-0000") for v in versions] == [True, True]
    expected, found = (tables(h.context.versions.require_current().full) for h in (loaded, home))
    for table in ("raw.letters", "raw.decisions", "raw.citations", "raw.flags", "marts.fct_decisions"):
        assert expected[table]
        assert found[table] == expected[table], table
    assert len(found["raw.files"]) == len(expected["raw.files"]) - 1, "all but the copy"
    assert read_past_loads(versions[-1].full, 30, []) == [], "no day is judged by an archive's batches"
    assert len(list(archive.iterdir())) == 30, "an archive is only read"


def test_an_archive_is_planned_once_and_another_folder_is_another_backfill(loaded: Home, archive: Path) -> None:
    settings = loaded.settings
    with pytest.raises(WarehouseError, match="needs a folder"):
        backfill.plan(Context(settings), "old", None, None)
    assert backfill.plan(Context(settings), "old", str(archive), 10) == [1, 2, 3, 4]
    drop_letter(archive, "late.pdf", "CM17-0500009")
    assert backfill.plan(Context(settings), "old", str(archive), 10) == [1, 2, 3, 4]
    planned = Backfill.named(settings.backfills, "old")
    names = [entry.name for batch in (1, 2, 3, 4) for entry in planned.entries(batch)]
    assert names[0] == "poisoned.pdf"
    assert len(names) == len(set(names)) == 31
    with pytest.raises(WarehouseError, match="another name"):
        backfill.plan(Context(settings), "old", str(loaded.letters), None)
    with pytest.raises(WarehouseError, match="1 to 4"):
        planned.entries(5)
    with pytest.raises(WarehouseError, match="no name"):
        backfill.plan(Context(settings), "../old", str(archive), None)


def test_an_empty_folder_and_none_at_all_are_no_archive(loaded: Home, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(WarehouseError, match="no letter"):
        backfill.plan(loaded.context, "old", str(tmp_path / "empty"), None)
    with pytest.raises(WarehouseError, match="not there"):
        backfill.plan(loaded.context, "old", str(tmp_path / "nowhere"), None)


def test_what_is_loaded_already_is_not_read_again_and_ends_its_batch(loaded: Home) -> None:
    settings = loaded.settings
    assert backfill.plan(Context(settings), "again", str(loaded.letters), None) == [1]
    said: list[str] = []
    assert backfill.run_here(Context(settings), "again", [1], said.append) == 0
    assert "31 of 31 files (100 %), 1 of 1 batches" in said[-1]
    assert len(Context(settings).versions.all()) == 1, "nothing new, nothing published"


def test_a_letter_that_another_load_brought_since_the_scan_is_a_duplicate(loaded: Home, tmp_path: Path) -> None:
    """Without dbt, which knows nothing of it: two runs scan the same letter before either is loaded."""
    settings = loaded.settings
    first = drop_letter(tmp_path / "one", "first.pdf", "CM17-0500009").parent
    drop_letter(tmp_path / "two", "second.pdf", "CM17-0500009")
    for run_id, folder in (("one", first), ("two", tmp_path / "two")):
        loaded.read(run_id, folder)
        assert Context(settings).open_run(run_id).outcome("scan")["new"] == 1  # type: ignore[index]
    for run_id in ("one", "two"):
        steps.load(Context(settings), run_id)
        with duckdb.connect(str(Context(settings).open_run(run_id).candidate)) as connection:
            connection.execute("CREATE SCHEMA IF NOT EXISTS marts")
        steps.publish(Context(settings), run_id)
    with duckdb.connect(str(Context(settings).versions.require_current().full), read_only=True) as connection:
        files = "SELECT source_path, status, run_id FROM raw.files WHERE source_path IN ('first.pdf', 'second.pdf')"
        assert sorted(connection.execute(files).fetchall()) == [
            ("first.pdf", "loaded", "one"),
            ("second.pdf", "duplicate", "two"),
        ]
        letters = "SELECT source_name, run_id FROM raw.letters WHERE case_number = 'CM17-0500009'"
        assert connection.execute(letters).fetchall() == [("first.pdf", "one")]


def test_the_expected_end_supposes_the_rate_of_the_last_batches(tmp_path: Path) -> None:
    planned = Backfill.named(tmp_path, "big")
    planned.lay_out([Entry(f"{n}.pdf", 1, float(n)) for n in range(1000)], "/archive", 10)
    for batch in range(1, 13):  # the first two took an hour each, the others, overlapping, a minute
        minutes = 60 * batch if batch < 3 else 120 + batch - 2
        ended = NOON.replace(hour=0).timestamp() + 60 * minutes
        begun = ended - (3600 if batch < 3 else 60)
        times = (datetime.fromtimestamp(t, UTC).isoformat() for t in (begun, ended))
        planned.note(Outcome(batch, LOADED, f"run-{batch}", 10, *times))
    planned.note(Outcome(13, SET_ASIDE, "run-13", 10, NOON.isoformat(), NOON.isoformat(), error="gate_batch: no\nmore"))
    progress = planned.progress(NOON)
    assert progress.files_done == 120
    assert progress.files_a_second == pytest.approx(10 / 60)
    assert progress.expected_end == datetime(2026, 5, 1, 13, 28, tzinfo=UTC)
    assert planned.left()[0] == 13
    assert len(planned.left()) == 88
    told = backfill.format_progress("big", progress)
    assert "10 files a minute; ends about 2026-05-01 13:28 UTC" in told
    assert "batch 13 is set aside: gate_batch: no" in told


def test_the_command_tells_how_far_it_is_and_what_it_needs(loaded: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMR_HOME", str(loaded.path))
    run = CliRunner().invoke
    assert "no backfill was planned here" in run(main, ["backfill", "--status"]).output
    assert "--name is missing" in run(main, ["backfill", str(loaded.letters)]).output
    backfill.plan(loaded.context, "again", str(loaded.letters), None)
    told = run(main, ["backfill", "--status"])
    assert told.exit_code == 0
    assert "backfill again: 0 of 31 files (0 %), 0 of 1 batches" in told.output
    assert "no backfill other was planned" in run(main, ["backfill", "--status", "--name", "other"]).output
