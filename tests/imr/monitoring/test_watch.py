"""Notices of a late load and of letters that stopped coming."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from imr.monitoring import verification, watch
from imr.monitoring.status import make_status
from imr.monitoring.status_text import format_text
from imr.reporting.freshness import check_freshness
from tests.support.home import Home
from tests.support.parts import change_raw_rows, find_part_file
from warehouse.build.freshness import SourceAge
from warehouse.files import write_json
from warehouse.hashing import hash_file

MONDAY = datetime(2026, 1, 5, tzinfo=watch.ZONE)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (MONDAY.replace(hour=8, minute=59), False),
        (MONDAY.replace(hour=9), True),
        (MONDAY.replace(hour=23), True),
        (MONDAY.replace(hour=12) + timedelta(days=5), False),
        (MONDAY.replace(hour=12) - timedelta(days=1), False),
        (datetime(2026, 7, 6, 15, 59, tzinfo=UTC), False),  # 8:59 in summer
        (datetime(2026, 7, 6, 16, 0, tzinfo=UTC), True),
    ],
)
def test_a_load_is_due_on_working_days_some_hours_after_five(now: datetime, due: bool) -> None:
    since = watch.find_due_time(now, late_after_hours=4)
    assert (since is not None) is due
    if since:
        assert (since.hour, since.date()) == (5, now.astimezone(watch.ZONE).date())


def change_end(home: Home, at: datetime, state: str = "done") -> None:
    """Change when and how the last step of the run `first` ended."""
    file = home.context.open_run("first").folder / "steps" / "archive.json"
    write_json(file, json.loads(file.read_text()) | {"begun_at": at.isoformat(), "state": state})


def test_a_load_that_finished_since_its_hour_is_not_late(published: Home) -> None:
    change_end(published, MONDAY.replace(hour=6))
    assert watch.make_late_notice(published.context, MONDAY.replace(hour=10)) is None


@pytest.mark.parametrize(("at", "state"), [(MONDAY - timedelta(hours=1), "done"), (MONDAY.replace(hour=6), "failed")])
def test_an_old_or_failed_load_leaves_today_late(loaded: Home, at: datetime, state: str) -> None:
    change_end(loaded, at, state)
    found = watch.make_late_notice(loaded.context, MONDAY.replace(hour=10))
    assert found
    event, notice = found
    assert event == "late__2026-01-05"
    assert notice.subject == "the load of Monday 2026-01-05 is late"
    assert "No load has finished since 05:00 PST; readers see version 1." in notice.what
    assert notice.where["last run"].startswith("first, begun ")
    assert notice.where["newest decision"] == "2017-02-24"
    assert watch.LATE in notice.links["runbook"]


def test_a_home_without_a_load_is_late(tmp_path: Path) -> None:
    found = watch.make_late_notice(Home(tmp_path).context, MONDAY.replace(hour=10))
    assert found
    assert "readers see nothing yet" in found[1].what


def test_the_age_of_published_rows_is_found_without_writing_to_them(loaded: Home) -> None:
    version = loaded.context.versions.require_current()
    change_raw_rows(version, "letters", "SELECT * REPLACE (now()::TIMESTAMP - INTERVAL 10 DAY AS loaded_at) FROM rows")
    change_raw_rows(version, "citations", "FROM rows WHERE false")
    folders = (version.marts.parent, *version.contents.parts)
    before = {file: hash_file(file) for folder in folders for file in folder.iterdir()}
    shutil.rmtree(loaded.path / "freshness", ignore_errors=True)
    ages = {age.table: age for age in check_freshness(loaded.context)}
    assert set(ages) == {"letters", "decisions", "citations", "files"}
    assert {table: age.state for table, age in ages.items()} == {
        "letters": "warn", "decisions": "pass", "citations": "empty", "files": "pass",
    }  # fmt: skip
    assert {file: hash_file(file) for folder in folders for file in folder.iterdir()} == before
    assert "letters" in format_text(make_status(loaded.context)).split("freshness")[1].splitlines()[0]


def test_stale_tables_are_one_event_until_rows_are_loaded(tmp_path: Path) -> None:
    context = Home(tmp_path).context
    old = [SourceAge("letters", "2026-01-01T00:00:00", "warn"), SourceAge("files", "2026-01-09T00:00:00", "pass")]
    found = watch.make_stale_notice(context, old)
    assert found
    assert found[0] == "stale__letters__2026-01-01T00:00:00"
    assert "since 2026-01-01T00:00:00" in found[1].subject
    assert watch.make_stale_notice(context, old[1:]) is None


def test_a_published_file_that_was_changed_is_noticed_and_named_in_the_status(published: Home) -> None:
    assert verification.make_damage_notice(published.context) is None
    assert verification.was_verified_today(published.context)
    citations = find_part_file(published.context.versions.require_current(), "citations")
    with citations.open("r+b") as file:
        file.seek(citations.stat().st_size // 2)
        file.write(b"!")
    found = verification.make_damage_notice(published.context)
    assert found
    assert found[1].what == "version 1: raw/000001/citations.parquet is not the published file"
    assert verification.DAMAGED in found[1].links["runbook"]
    assert found[1].what in make_status(published.context)["problems"]


def test_a_lost_pointer_is_noticed(published: Home) -> None:
    (published.path / "warehouse" / "current").unlink()
    found = verification.make_damage_notice(published.context)
    assert found
    assert "Make one current: `imr rollback 1`" in found[1].what
