"""The watch: when a load is late, that one a gate stopped does not count, and how old the published data is."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from imr.monitoring import watch
from imr.monitoring.status import as_text, make_status
from tests.support.home import Home
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
    since = watch.due_since(now, late_after_hours=4)
    assert (since is not None) is due
    if since:
        assert (since.hour, since.date()) == (5, now.astimezone(watch.ZONE).date())


def settled(home: Home, run_id: str, at: datetime, state: str = "done") -> None:
    """Say that a run's last step ended so at that time."""
    file = home.context.open_run(run_id).step_file("settle")
    write_json(file, json.loads(file.read_text()) | {"begun_at": at.isoformat(), "state": state})


def test_a_load_that_finished_since_its_hour_is_not_late(loaded: Home) -> None:
    settled(loaded, "first", MONDAY.replace(hour=6))
    assert watch.late_notice(loaded.settings, MONDAY.replace(hour=10)) is None


@pytest.mark.parametrize(("at", "state"), [(MONDAY - timedelta(hours=1), "done"), (MONDAY.replace(hour=6), "failed")])
def test_yesterdays_load_and_one_that_failed_leave_today_late(loaded: Home, at: datetime, state: str) -> None:
    settled(loaded, "first", at, state)
    found = watch.late_notice(loaded.settings, MONDAY.replace(hour=10))
    assert found
    occasion, notice = found
    assert occasion == "late__2026-01-05"
    assert notice.subject == "the load of Monday 2026-01-05 is late"
    assert "No load has finished since 05:00 PST; readers see version 1." in notice.what
    assert notice.where["last run"].startswith("first, begun ")
    assert notice.where["newest decision"] == "2017-02-24"
    assert watch.LATE in notice.links["runbook"]


def test_an_empty_house_is_late_too(tmp_path: Path) -> None:
    found = watch.late_notice(Home(tmp_path).settings, MONDAY.replace(hour=10))
    assert found
    assert "readers see nothing yet" in found[1].what


def test_dbt_tells_how_old_the_published_letters_are_and_writes_nothing_into_them(loaded: Home) -> None:
    full = loaded.context.versions.require_current().full
    full.chmod(0o644)
    with duckdb.connect(str(full)) as connection:
        connection.execute("UPDATE raw.letters SET loaded_at = now()::TIMESTAMP - INTERVAL 10 DAY")
        connection.execute("DELETE FROM raw.citations")
    before = hash_file(full)
    shutil.rmtree(loaded.path / "freshness", ignore_errors=True)
    ages = {age.table: age for age in watch.check_freshness(loaded.settings)}
    assert set(ages) == {"letters", "decisions", "citations", "files"}
    assert {table: age.state for table, age in ages.items()} == {
        "letters": "warn", "decisions": "pass", "citations": "empty", "files": "pass",
    }  # fmt: skip
    assert hash_file(full) == before
    assert {f.name for f in full.parent.glob("*.wal")} == set()
    assert "letters" in as_text(make_status(loaded.settings)).split("freshness")[1].splitlines()[0]


def test_what_stopped_coming_is_one_occasion_until_something_comes(loaded: Home) -> None:
    old = [SourceAge("letters", "2026-01-01T00:00:00", "warn"), SourceAge("files", "2026-01-09T00:00:00", "pass")]
    found = watch.stale_notice(loaded.settings, old)
    assert found
    assert found[0] == "stale__letters__2026-01-01T00:00:00"
    assert "since 2026-01-01T00:00:00" in found[1].subject
    assert watch.stale_notice(loaded.settings, old[1:]) is None
