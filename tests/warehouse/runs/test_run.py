from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from warehouse.runs.run import ABANDONED_AFTER, CANDIDATES_KEPT, prune_runs

HOUR = 3600.0


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def make_run(runs: Path, name: str, hours_ago: float, *, has_ended: bool = True, candidate: bool = False) -> Path:
    """Make a run's folder with its last activity so long ago; one that has ended has a report."""
    folder = runs / name
    (folder / "steps").mkdir(parents=True)
    if has_ended:
        (folder / "report.json").write_text("{}")
    if candidate:
        (folder / "candidate").mkdir()
        (folder / "candidate" / "marts.duckdb").write_text("marts")
    at = time.time() - hours_ago * HOUR
    for file in (folder / "steps", folder):
        os.utime(file, (at, at))
    return folder


def list_names(runs: Path) -> set[str]:
    return {folder.name for folder in runs.iterdir()}


def test_the_oldest_runs_over_the_limit_are_removed(runs: Path) -> None:
    for hours_ago in (5, 3, 1, 2, 4):  # whatever order the folders are listed in
        make_run(runs, f"{hours_ago} h ago", hours_ago)
    assert prune_runs(runs, keep=2, needed=[]) == ["3 h ago", "4 h ago", "5 h ago"]
    assert list_names(runs) == {"1 h ago", "2 h ago"}
    assert prune_runs(runs, keep=2, needed=[]) == []


def test_a_run_of_a_published_version_is_kept(runs: Path) -> None:
    for hours_ago in (1, 2, 3, 4):
        make_run(runs, f"{hours_ago} h ago", hours_ago)
    assert prune_runs(runs, keep=1, needed=["4 h ago", "removed before"]) == ["2 h ago", "3 h ago"]
    assert list_names(runs) == {"1 h ago", "4 h ago"}


def test_a_run_in_progress_is_kept_and_a_killed_one_is_removed(runs: Path) -> None:
    abandoned = ABANDONED_AFTER / HOUR + 1
    make_run(runs, "new", 0)
    make_run(runs, "in progress", 23, has_ended=False, candidate=True)
    make_run(runs, "killed", abandoned, has_ended=False, candidate=True)
    assert prune_runs(runs, keep=1, needed=[]) == ["killed"]
    assert list_names(runs) == {"new", "in progress"}
    assert (runs / "in progress" / "candidate" / "marts.duckdb").exists()


def test_a_run_with_a_recent_step_is_in_progress(runs: Path) -> None:
    folder = make_run(runs, "cleared", 100, has_ended=False)
    (folder / "steps" / "load.json").write_text("{}")
    assert prune_runs(runs, keep=0, needed=[]) == []
    assert list_names(runs) == {"cleared"}


def test_only_the_newest_unpublished_runs_keep_their_candidate(runs: Path) -> None:
    for hours_ago in range(1, 7):
        make_run(runs, f"{hours_ago} h ago", hours_ago, candidate=hours_ago != 2)  # run 2 was published
    make_run(runs, "in progress", 20, has_ended=False, candidate=True)
    assert prune_runs(runs, keep=30, needed=["6 h ago"]) == []
    assert len(list_names(runs)) == 7, "the runs themselves are kept"
    kept = {folder.name for folder in runs.iterdir() if (folder / "candidate").exists()}
    assert kept == {"1 h ago", "3 h ago", "4 h ago", "in progress"}
    assert len(kept) == CANDIDATES_KEPT + 1, "runs in progress do not count"


def test_a_missing_runs_folder_is_empty(runs: Path) -> None:
    assert prune_runs(runs, keep=1, needed=[]) == []
