"""`imr status`, as a person reads it."""

from __future__ import annotations

import json
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from imr.cli import main
from imr.context import Context
from imr.pipeline import review, steps
from tests.imr.pipeline.test_steps import drop_letter
from tests.support.home import Home
from warehouse.intake import reviews

AT = datetime(2026, 1, 2, 3, 4, 5)


def status(home: Home, *arguments: str) -> str:
    environment = {"IMR_HOME": str(home.path), "IMR_QUIET_SECONDS": "60"}
    asked = CliRunner().invoke(main, ["status", *arguments], env=environment)
    assert asked.exit_code == 0, asked.output
    return asked.output


def line(told: str, beginning: str) -> str:
    (found,) = [each.strip() for each in told.splitlines() if each.strip().startswith(beginning)]
    return found


def test_before_the_first_load_it_says_that_nothing_is_there(tmp_path: Path) -> None:
    told = status(Home(tmp_path))
    assert line(told, "published").endswith("nothing yet")
    assert line(told, "files").endswith("0 seen")
    assert line(told, "waiting").split()[1] == "0"
    assert "nothing wants a person" in told
    assert "reviews" not in told, "nobody is bothered with what there is none of"


def test_files_are_counted_by_how_they_ended_and_the_refused_by_reason(loaded: Home) -> None:
    told = status(loaded)
    assert "version 1, " in line(told, "published")
    assert "by run first" in line(told, "published")
    assert line(told, "files").endswith("31 seen")
    counts = {
        words[0]: int(words[1]) for each in told.splitlines() if (words := each.split())[1:2] and words[1].isdigit()
    }
    ended = {name: counts[name] for name in ("loaded", "duplicate", "superseded", "quarantined")}
    assert sum(ended.values()) == 31, "every file ended in one way"
    assert ended["quarantined"] == 4
    assert line(told, "quarantined").endswith("damaged 1, no_text_layer 1, password 1, unknown_format 1")
    assert "first: published version 1" in told
    assert "1 quarantined as no_text_layer: scan.pdf: " in told.split("for a person")[1]


def test_what_waits_in_the_inbox_is_told_with_what_is_still_being_written(loaded: Home) -> None:
    inbox = Path(loaded.settings.inbox)
    old = drop_letter(inbox, "old.pdf", "CM17-0700001")
    drop_letter(inbox, "fresh.pdf", "CM17-0700002")
    an_hour_ago = time.time() - 3600
    os.utime(old, (an_hour_ago, an_hour_ago))
    assert line(status(loaded), "waiting") == f"waiting              2   in {inbox}, 1 still being written"


@pytest.fixture
def offered(loaded: Home) -> dict[str, str]:
    """The hashes of the letters that a person may decide on, by name."""
    return {o.source_path: o.sha256 for o in review.list_candidates(loaded.context)}


def test_decisions_of_people_are_counted_and_those_that_the_next_load_writes_are_named(
    loaded: Home, offered: dict[str, str]
) -> None:
    before = status(loaded)
    assert line(before, "reviews") == f"reviews     {len(offered)} open (`imr review list`), 0 decided"
    assert "next load writes" not in before
    reviews.keep(
        loaded.settings.reviews, reviews.Review(offered["scan.pdf"], "reject", "a blank\x1b[2Jsheet", "ann", AT)
    )
    told = status(loaded)
    assert line(told, "reviews") == f"reviews     {len(offered) - 1} open (`imr review list`), 1 decided"
    assert line(told, "next load writes") == (
        "next load writes: reject scan.pdf, by ann, 2026-01-02 03:04: a blank\N{REPLACEMENT CHARACTER}[2Jsheet"
    )
    as_json: dict[str, Any] = json.loads(status(loaded, "--format", "json"))["reviews"]
    assert [r["verdict"] for r in as_json["next_load_writes"]] == ["reject"]


def test_a_decision_that_a_load_has_written_is_counted_and_not_named(loaded: Home, offered: dict[str, str]) -> None:
    settings = loaded.settings
    reviews.keep(settings.reviews, reviews.Review(offered["scan.pdf"], "reject", None, "ann", AT))
    drop = drop_letter(loaded.path / "drop", "good.pdf", "CM17-0700003").parent
    loaded.read("second", drop)
    steps.load(Context(settings), "second")
    candidate = Context(settings).open_run("second").candidate
    assert reviews.pending(settings.reviews, candidate) == []
    published = Context(settings).versions.require_current().full
    published.chmod(0o644)
    published.write_bytes(candidate.read_bytes())  # as a publication would, without the minutes that dbt takes
    told = status(loaded)
    assert line(told, "reviews").endswith("1 decided")
    assert "next load writes" not in told
