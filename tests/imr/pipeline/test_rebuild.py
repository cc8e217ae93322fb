"""A changed seed published without a new letter: `imr rebuild`, its comparison, and what it leaves alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from imr.context import Context
from imr.pipeline import rebuild, steps
from tests.support.home import Home
from warehouse.build.dbt import PROJECT
from warehouse.errors import WarehouseError
from warehouse.runs.run import Run

RAW = ("letters", "decisions", "citations", "flags", "files", "reviews")


def build_and_compare(context: Context, run_id: str, *, dry_run: bool = False) -> bool:
    """Run the steps of a rebuild up to the comparison; return whether it goes on."""
    rebuild.prepare(context, run_id, dry_run=dry_run)
    assert steps.acquire_publish_lock(context, run_id)
    steps.load(context, run_id)
    steps.build_marts(context, run_id, full_refresh=True)
    return rebuild.compare(context, run_id)


def read_comparison(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run.comparison.read_text("utf-8"))
    return found


def test_a_changed_seed_is_published_with_the_difference_and_nothing_else_changes(
    loaded: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr("warehouse.build.dbt.PROJECT", project)
    seed = project / "seeds" / "drugs.csv"
    seed.write_text(
        seed.read_text("utf-8").replace(",tizanidine,Muscle Relaxant", ",tizanidine,Antispasmodic"), "utf-8"
    )
    context = loaded.context
    before = {table: loaded.query(f"FROM raw.{table} ORDER BY ALL") for table in RAW}
    archived = sorted((loaded.path / "archive").rglob("*"))

    assert build_and_compare(context, "rebuilt") is True
    steps.gate_marts(context, "rebuilt")
    assert steps.publish(context, "rebuilt") == 2
    report = steps.report(context, "rebuilt")

    assert report.verdict == "published version 2"
    tables = read_comparison(context.open_run("rebuilt"))["tables"]
    (counted,) = loaded.query("SELECT count(*) AS rows FROM marts.fct_decisions WHERE drug_class = 'Antispasmodic'")
    assert tables["fct_decisions"]["columns"] == {"drug_class": counted["rows"]}
    assert counted["rows"] > 0
    changed = {mart for mart, rows in tables.items() if rows["added"] or rows["changed"] or rows["removed"]}
    assert changed == {"agg_outcomes_by_drug_class_month", "coding", "dim_drugs", "fct_decisions"}
    page = context.open_run("rebuilt").report.read_text("utf-8")
    assert "drug_class Muscle Relaxant -&gt; Antispasmodic" in page
    assert {table: loaded.query(f"FROM raw.{table} ORDER BY ALL") for table in RAW} == before
    assert sorted((loaded.path / "archive").rglob("*")) == archived


def test_an_unchanged_project_publishes_nothing(loaded: Home) -> None:
    context = loaded.context
    assert build_and_compare(context, "rebuilt") is False
    assert steps.report(context, "rebuilt").verdict == "nothing changed; version 1 stays published"
    assert {
        t["added"] + t["changed"] + t["removed"]
        for t in read_comparison(context.open_run("rebuilt"))["tables"].values()
    } == {0}


def test_before_the_first_publication_there_is_nothing_to_rebuild(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="nothing is published yet"):
        rebuild.prepare(Home(tmp_path).context, "rebuilt")
