"""The output of `imr status`."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

from imr.pipeline import review, steps
from tests.support.command import run_imr
from tests.support.drawn_letters import write_letter
from tests.support.home import Home, build_stand_in_marts
from tests.support.sample_outcomes import NAMES, QUARANTINED
from warehouse.intake.reviews import Review

AT = datetime(2026, 1, 2, 3, 4, 5)


def show_status(home: Home, *arguments: str) -> str:
    return run_imr(home.path, "status", *arguments, IMR_QUIET_SECONDS="60")


def find_line(shown: str, beginning: str) -> str:
    (found,) = [line.strip() for line in shown.splitlines() if line.strip().startswith(beginning)]
    return found


def test_an_empty_home_has_no_problems(tmp_path: Path) -> None:
    shown = show_status(Home(tmp_path))
    assert find_line(shown, "published").endswith("nothing yet")
    assert find_line(shown, "files").endswith("0 seen")
    assert find_line(shown, "waiting").split()[1] == "0"
    assert "no problems" in shown
    assert "reviews" not in shown


def test_files_are_counted_by_outcome_and_quarantined_ones_by_reason(loaded: Home) -> None:
    shown = show_status(loaded)
    assert "version 1, " in find_line(shown, "published")
    assert "by run first" in find_line(shown, "published")
    assert find_line(shown, "files").endswith(f"{len(NAMES)} seen")
    outcomes = ("loaded", "duplicate", "superseded", "quarantined")
    counts = {outcome: int(find_line(shown, f"{outcome} ").split()[1]) for outcome in outcomes}
    assert sum(counts.values()) == len(NAMES), "every file has one outcome"
    assert counts["quarantined"] == len(QUARANTINED)
    reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(Counter(QUARANTINED.values()).items()))
    assert find_line(shown, "quarantined ").endswith(reasons)
    assert "first: published version 1" in shown
    assert "1 quarantined as no_text_layer: scan.pdf: " in shown.split("problems")[1]


def test_waiting_files_are_counted_with_those_still_being_written(tmp_path: Path) -> None:
    home = Home(tmp_path)
    inbox = Path(home.settings.inbox)
    old = write_letter(inbox, "old.pdf", "CM17-0700001")
    write_letter(inbox, "fresh.pdf", "CM17-0700002")
    an_hour_ago = time.time() - 3600
    os.utime(old, (an_hour_ago, an_hour_ago))
    expected = f"waiting              2   in {inbox}, 1 still being written"
    assert find_line(show_status(home), "waiting") == expected


def test_decisions_are_listed_until_a_load_has_written_them(loaded: Home) -> None:
    candidates = {c.source_path: c.sha256 for c in review.list_candidates(loaded.context)}
    before = show_status(loaded)
    assert find_line(before, "reviews") == f"reviews     {len(candidates)} open (`imr review list`), 0 decided"
    assert "next load writes" not in before
    loaded.context.reviews.add(Review(candidates["scan.pdf"], "reject", "a blank\x1b[2Jsheet", "ann", AT))
    shown = show_status(loaded)
    assert find_line(shown, "reviews") == f"reviews     {len(candidates) - 1} open (`imr review list`), 1 decided"
    assert find_line(shown, "next load writes") == (
        "next load writes: reject scan.pdf, by ann, 2026-01-02 03:04: a blank\N{REPLACEMENT CHARACTER}[2Jsheet"
    )
    as_json = json.loads(show_status(loaded, "--format", "json"))["reviews"]
    assert [r["verdict"] for r in as_json["next_load_writes"]] == ["reject"]

    loaded.read("second", write_letter(loaded.path / "new", "good.pdf", "CM17-0700003").parent)
    steps.load(loaded.context, "second")
    build_stand_in_marts(loaded.context, "second")
    steps.publish(loaded.context, "second")
    assert find_line(show_status(loaded), "reviews").endswith("1 decided")
    assert "next load writes" not in show_status(loaded)
