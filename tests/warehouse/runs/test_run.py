"""Run folders are pruned: which go, which stay, and which keep a candidate to be looked at."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from warehouse.runs.run import ABANDONED_AFTER, CANDIDATES_KEPT, prune_runs

HOUR = 3600.0


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


def run(runs: Path, name: str, hours_ago: float, *, is_over: bool = True, candidate: bool = False) -> Path:
    """Make a run's folder whose last sign of life is so old; one that is over has a report."""
    folder = runs / name
    (folder / "steps").mkdir(parents=True)
    if is_over:
        (folder / "report.json").write_text("{}")
    if candidate:
        (folder / "candidate").mkdir()
        (folder / "candidate" / "imr.duckdb").write_text("a warehouse")
    at = time.time() - hours_ago * HOUR
    for file in (folder / "steps", folder):
        os.utime(file, (at, at))
    return folder


def left(runs: Path) -> set[str]:
    return {folder.name for folder in runs.iterdir()}


def test_the_oldest_runs_over_the_number_to_keep_are_removed(runs: Path) -> None:
    for hours_ago in (5, 3, 1, 2, 4):  # whatever order the folders are listed in
        run(runs, f"{hours_ago} h ago", hours_ago)
    assert prune_runs(runs, keep=2, needed=[]) == ["3 h ago", "4 h ago", "5 h ago"]
    assert left(runs) == {"1 h ago", "2 h ago"}
    assert prune_runs(runs, keep=2, needed=[]) == []


def test_a_run_that_a_published_version_names_stays_however_old(runs: Path) -> None:
    for hours_ago in (1, 2, 3, 4):
        run(runs, f"{hours_ago} h ago", hours_ago)
    assert prune_runs(runs, keep=1, needed=["4 h ago", "one that is gone"]) == ["2 h ago", "3 h ago"]
    assert left(runs) == {"1 h ago", "4 h ago"}


def test_a_run_that_goes_on_stays_and_one_that_was_killed_goes(runs: Path) -> None:
    abandoned = ABANDONED_AFTER / HOUR + 1
    run(runs, "new", 0)
    run(runs, "goes on", 23, is_over=False, candidate=True)
    run(runs, "killed", abandoned, is_over=False, candidate=True)
    assert prune_runs(runs, keep=1, needed=[]) == ["killed"]
    assert left(runs) == {"new", "goes on"}
    assert (runs / "goes on" / "candidate" / "imr.duckdb").exists()


def test_a_run_whose_last_step_is_young_is_no_old_run(runs: Path) -> None:
    folder = run(runs, "cleared", 100, is_over=False)
    (folder / "steps" / "load.json").write_text("{}")
    assert prune_runs(runs, keep=0, needed=[]) == []
    assert left(runs) == {"cleared"}


def test_only_the_newest_runs_keep_a_candidate_as_large_as_the_warehouse(runs: Path) -> None:
    for hours_ago in range(1, 7):
        run(runs, f"{hours_ago} h ago", hours_ago, candidate=hours_ago != 2)  # that one was published
    run(runs, "goes on", 20, is_over=False, candidate=True)
    assert prune_runs(runs, keep=30, needed=["6 h ago"]) == []
    assert len(left(runs)) == 7, "the runs themselves stay, to be read"
    kept = {folder.name for folder in runs.iterdir() if (folder / "candidate").exists()}
    assert kept == {"1 h ago", "3 h ago", "4 h ago", "goes on"}
    assert len(kept) == CANDIDATES_KEPT + 1, "a run that goes on is none of those"


def test_where_there_are_no_runs_nothing_is_pruned(tmp_path: Path) -> None:
    assert prune_runs(tmp_path / "not there", keep=1, needed=[]) == []
