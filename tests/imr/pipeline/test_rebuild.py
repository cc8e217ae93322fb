"""A changed seed published without a new letter: `imr rebuild`, its comparison, and what it leaves alone."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from imr.context import Context
from imr.pipeline import rebuild, reparse, steps
from tests.support.drawn_letters import write_letter
from tests.support.home import Home
from warehouse.build.dbt import PROJECT
from warehouse.errors import WarehouseError
from warehouse.intake.selection import Selection
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


def withdraw_letterheads(home: Home) -> int:
    """Withdraw the letters of a format, which have more pages than are allowed now; return the version."""
    context = Context(home.settings.model_copy(update={"max_pages": 1}))
    plan = reparse.Plan(Selection(formats=("letterhead",)), accept_withdrawn=True)
    for first in reparse.select(context, "withdrawn", plan):
        steps.extract(context, "withdrawn", first)
    assert reparse.compare(context, "withdrawn") is True
    assert steps.acquire_publish_lock(context, "withdrawn")
    steps.load(context, "withdrawn")
    steps.build_marts(context, "withdrawn")
    steps.gate_marts(context, "withdrawn")
    return steps.publish(context, "withdrawn")


def list_built(run: Run) -> set[str]:
    """Return the letters that dbt found in a run's build."""
    with duckdb.connect(str(run.build_file), read_only=True) as connection:
        return {letter for (letter,) in connection.execute("SELECT letter_id FROM raw.letters").fetchall()}


def test_increments_publish_the_marts_that_a_rebuild_gives(loaded: Home, tmp_path: Path) -> None:
    context = loaded.context
    letters = write_letter(tmp_path / "letters", "new.pdf", "CM17-0500001").parent
    write_letter(letters, "reissue.pdf", "CM16-0300001", decision_date=date(2017, 11, 3))
    assert loaded.load("letters", letters) == 2
    cases = loaded.query("SELECT letter_id FROM raw.letters WHERE case_number IN ('CM17-0500001', 'CM16-0300001')")
    assert list_built(context.open_run("letters")) == {row["letter_id"] for row in cases}, "no other letter is read"

    no_letters = tmp_path / "no letters"
    no_letters.mkdir()
    (no_letters / "none.txt").write_text("no letter")
    assert loaded.load("no-letters", no_letters) == 3
    assert list_built(context.open_run("no-letters")) == set()
    assert len(loaded.query("FROM marts.fct_intake WHERE source_path = 'none.txt'")) == 1

    copies = tmp_path / "copies"
    copies.mkdir()
    shutil.copyfile(loaded.letters / "CM16-0300002.pdf", copies / "copy of a superseded letter.pdf")
    assert loaded.load("copies", copies) == 4
    case = loaded.query("SELECT letter_id FROM raw.letters WHERE case_number = 'CM16-0300002'")
    assert list_built(context.open_run("copies")) == {row["letter_id"] for row in case}

    before = {row["letter_id"] for row in loaded.query("SELECT letter_id FROM raw.letters WHERE format = 'letterhead'")}
    assert before
    assert withdraw_letterheads(loaded) == 5
    for table in ("raw.letters", "raw.decisions", "raw.decision_reasons", "marts.dim_letters", "marts.fct_decisions"):
        left = {row["letter_id"] for row in loaded.query(f"SELECT DISTINCT letter_id FROM {table}")}
        assert left, table
        assert not left & before, table

    assert build_and_compare(context, "rebuilt") is False, read_comparison(context.open_run("rebuilt"))["examples"]


def test_before_the_first_publication_there_is_nothing_to_rebuild(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="nothing is published yet"):
        rebuild.prepare(Home(tmp_path).context, "rebuilt")
