"""One run at a time is between its load and its publication; a run that died holds nobody up for ever."""

from __future__ import annotations

import os
import time
from pathlib import Path

from warehouse.files import write_json
from warehouse.runs.publish_lock import PublishLock
from warehouse.runs.run import ABANDONED_AFTER, Run


def test_the_first_has_the_turn_until_it_gives_it_back(tmp_path: Path) -> None:
    turn, first, second = PublishLock(tmp_path), Run(tmp_path / "first"), Run(tmp_path / "second")
    assert turn.holder() is None
    assert turn.take(first) is None
    assert turn.take(second) == "first"
    assert turn.take(first) is None, "a task that runs again has it still"
    turn.release(second)
    assert turn.holder() == "first", "only its holder gives it back"
    turn.release(first)
    assert turn.take(second) is None


def test_a_run_that_has_told_its_end_has_no_turn_any_more(tmp_path: Path) -> None:
    turn, first = PublishLock(tmp_path), Run(tmp_path / "first")
    write_json(first.folder / "report.json", {})  # of an earlier try: this one goes on
    os.utime(first.folder / "report.json", (time.time() - 60,) * 2)
    turn.take(first)
    assert turn.holder() == "first"
    write_json(first.folder / "report.json", {})
    assert turn.take(Run(tmp_path / "second")) is None


def test_a_run_without_a_sign_of_life_for_a_day_has_no_turn_any_more(tmp_path: Path) -> None:
    turn = PublishLock(tmp_path)
    turn.take(Run(tmp_path / "first"))
    long_ago = time.time() - ABANDONED_AFTER - 60
    write_json(tmp_path / ".turn.json", {"run_id": "first", "since": long_ago})
    assert turn.holder() is None
    write_json(tmp_path / "first" / "steps" / "transform.json", {})
    assert turn.holder() == "first", "it works on"
