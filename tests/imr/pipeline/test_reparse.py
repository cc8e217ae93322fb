"""Stored letters read again: selection, comparison with the published rows, and where their files end."""

from __future__ import annotations

import json
import logging
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from extract.reasons import Reason
from imr.context import Context
from imr.pipeline import reparse, steps
from imr.pipeline.reparse import Plan
from imr.settings import Settings
from tests.support.home import Home, find_loaded
from tests.support.run_rows import change_rows
from tests.support.sample_outcomes import COPY, LOADED, NAMES, QUARANTINED
from warehouse.errors import WarehouseError
from warehouse.intake import inbox
from warehouse.intake.selection import Selection
from warehouse.query import query_contents
from warehouse.runs import run_files
from warehouse.runs.run import Run
from warehouse.versions.contents import Contents

EVERYTHING = Selection()
LETTERHEADS = Selection(formats=("letterhead",))


@pytest.fixture
def context(published: Home) -> Context:
    """A published home whose runs have one chunk."""
    return change_settings(published, chunk_size=100)


def change_settings(home: Home, **changes: int) -> Context:
    return Context(home.settings.model_copy(update=changes))


def read_again(context: Context, run_id: str, selection: Selection = EVERYTHING, **plan: bool) -> Run:
    for first in reparse.select(context, run_id, Plan(selection, **plan)):
        steps.extract(context, run_id, first)
    return context.open_run(run_id)


def select_paths(context: Context, selection: Selection) -> dict[str, str]:
    """Return where each selected file is stored, by the name it arrived with."""
    reparse.select(context, "selected", Plan(selection))
    arrivals = inbox.read_arrivals(context.open_run("selected"))
    return {a.source_path: str(Path(a.path).relative_to(context.settings.home)) for a in arrivals}


def read_comparison(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run.comparison.read_text("utf-8"))
    return found


def find_letter_ids(contents: Contents, where: str = "true") -> set[str]:
    rows = query_contents(contents, f"SELECT letter_id FROM raw.letters WHERE {where}")
    return set(rows["letter_id"].to_pylist())


def load_candidate(context: Context, run: Run) -> tuple[Contents, Contents]:
    """Load a run's rows; return the candidate's and the published ones."""
    steps.load(context, run.run_id)
    return find_loaded(context, run.run_id), context.versions.require_current().contents


def test_letters_are_selected_by_reason_format_day_version_and_hash(context: Context) -> None:
    everything = select_paths(context, EVERYTHING)
    assert set(everything) == NAMES - {COPY}
    damaged = select_paths(context, Selection(reasons=("damaged", "password")))
    assert set(damaged) == {"damaged.pdf", "locked.pdf"}
    assert damaged["damaged.pdf"].startswith("quarantine/damaged/")
    letterheads = select_paths(context, LETTERHEADS)
    assert set() < set(letterheads) < LOADED
    assert all(path.startswith("archive/") for path in letterheads.values())
    name = min(letterheads)
    assert select_paths(context, Selection(sha256=(Path(letterheads[name]).stem,))) == {name: letterheads[name]}
    assert select_paths(context, Selection(from_date=date(2020, 1, 1))) == everything
    for selection in (
        Selection(parser_version="no such version"),
        Selection(to_date=date(2020, 1, 1)),
        Selection(formats=("letterhead",), reasons=("damaged",)),
    ):
        assert select_paths(context, selection) == {}


def test_an_unknown_reason_is_named_with_the_known_ones(context: Context, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="unknown reason broken; one of zero_bytes, not_a_pdf"):
        reparse.select(context, "again", Plan(Selection(reasons=("broken",))))
    with pytest.raises(WarehouseError, match="nothing is published"):
        reparse.select(Context(Settings(home=tmp_path / "empty")), "again", Plan(EVERYTHING))


def test_a_plan_survives_the_params_of_a_dag_run() -> None:
    plan = Plan(
        Selection(("damaged",), ("letterhead",), date(2024, 1, 2), None, "1", ("ab",)), True, False, 5, True, True
    )
    assert Plan.from_params(json.loads(json.dumps(plan.as_params()))) == plan
    assert Plan.from_params(Plan(EVERYTHING).as_params()) == Plan(EVERYTHING)


def test_unchanged_letters_publish_nothing(context: Context) -> None:
    run = read_again(context, "again")
    assert reparse.compare(context, "again") is False
    tables = read_comparison(run)["tables"]
    assert tables["letters"] == {"added": 0, "changed": 0, "removed": 0, "same": len(LOADED), "columns": {}}
    assert tables["files"]["same"] == len(LOADED) + len(QUARANTINED)
    assert tables["decisions"]["same"] > len(LOADED)
    assert steps.report(context, "again").verdict == "nothing changed; version 1 stays published"


def test_changed_and_removed_rows_are_shown_without_the_text_of_a_letter(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    run = read_again(context, "again", Selection(formats=("table_header",)))
    secret = "a sentence that only the letter holds"  # noqa: S105 - no password
    changed = {"decision_date": date(2001, 2, 3), "clinical_case_summary": secret}
    change_rows(run, "letters", lambda row: row | (changed if row["case_number"] == "CM16-0300001" else {}))
    change_rows(run, "decisions", lambda row: None if row["decision_number"] == 3 else row)
    with caplog.at_level(logging.INFO):
        assert reparse.compare(context, "again") is True
    found = read_comparison(run)
    assert found["tables"]["letters"]["changed"] == 1
    assert found["tables"]["letters"]["columns"] == {"clinical_case_summary": 1, "decision_date": 1}
    assert (removed := found["tables"]["decisions"]["removed"]) > 0
    (example,) = [e for e in found["examples"] if e["change"] == "changed"]
    assert (example["case_number"], example["source_path"]) == ("CM16-0300001", "CM16-0300001.pdf")
    assert example["what"].endswith("-> 2001-02-03; clinical_case_summary")
    report = steps.report(context, "again")
    page = run.report.read_text()
    for text in (caplog.text, json.dumps(report.comparison), page):
        assert "decision_date" in text
        assert secret not in text
    assert f'<td class="n">{removed}</td>' in page
    assert "<td>changed</td><td>letters</td><td>CM16-0300001</td>" in page


def test_a_dry_run_shows_the_changes_and_loads_nothing(context: Context) -> None:
    run = read_again(context, "again", LETTERHEADS, dry_run=True)
    change_rows(run, "letters", lambda row: row | {"patient_age": 99})
    assert reparse.compare(context, "again") is False
    assert read_comparison(run)["tables"]["letters"]["changed"] > 0
    assert steps.report(context, "again").verdict.startswith("a dry run: ")


def test_a_loaded_letter_that_is_quarantined_now_stops_the_run_unless_withdrawing_is_accepted(published: Home) -> None:
    small = change_settings(published, max_pages=1)
    read_again(small, "again", LETTERHEADS)
    with pytest.raises(reparse.WithdrawnError, match=r"too_many_pages.*--accept-withdrawn"):
        reparse.compare(small, "again")
    assert steps.report(small, "again").verdict == "stopped at compare; version 1 stays published"
    run = read_again(small, "accepted", LETTERHEADS, accept_withdrawn=True)
    assert reparse.compare(small, "accepted") is True
    candidate, before = load_candidate(small, run)
    withdrawn = set(run.withdrawn())
    assert withdrawn == find_letter_ids(before, "format = 'letterhead'")
    assert find_letter_ids(candidate) == find_letter_ids(before) - withdrawn
    assert not withdrawn & set(query_contents(candidate, "FROM raw.decisions")["letter_id"].to_pylist())


def test_a_loaded_letter_whose_reader_failed_keeps_its_rows(context: Context) -> None:
    run = read_again(context, "again", LETTERHEADS)
    hung = run_files.read_table(run, "letters")["letter_id"].to_pylist()[0]
    failure = {"status": "quarantined", "reason": str(Reason.TIMED_OUT), "detail": "reading it took too long"}
    change_rows(run, "letters", lambda row: None if row["letter_id"] == hung else row)
    change_rows(run, "files", lambda row: row | (failure if row["sha256"] == hung else {}))
    assert reparse.compare(context, "again") is False
    assert run.kept() == [hung]
    candidate, before = load_candidate(context, run)
    assert find_letter_ids(candidate) == find_letter_ids(before)
    assert query_contents(candidate, "FROM raw.files WHERE reason = 'timed_out'").num_rows == 0


def publish(context: Context, run_id: str) -> Contents:
    """Run the steps of a reparse after the comparison; return what is published."""
    assert reparse.compare(context, run_id) is True
    steps.gate_batch(context, run_id)
    steps.load(context, run_id)
    steps.build_marts(context, run_id)
    steps.gate_marts(context, run_id)
    version = steps.publish(context, run_id)
    steps.archive(context, run_id)
    assert steps.report(context, run_id).verdict == f"published version {version}"
    return context.versions.require_current().contents


def test_withdrawn_letters_leave_the_warehouse_and_return_once_they_are_readable(loaded: Home) -> None:
    context, small = change_settings(loaded, chunk_size=100), change_settings(loaded, max_pages=1)
    before = context.versions.require_current().contents
    letterheads = find_letter_ids(before, "format = 'letterhead'")
    quarantine, archive = loaded.path / "quarantine" / "too_many_pages", loaded.path / "archive"

    read_again(small, "withdraw", LETTERHEADS, accept_withdrawn=True)
    without = publish(small, "withdraw")
    assert find_letter_ids(without) == find_letter_ids(before) - letterheads
    assert {f.stem for f in quarantine.rglob("*.json")} == {f.stem for f in quarantine.rglob("*.pdf")} == letterheads
    assert not {f.stem for f in archive.rglob("*.*")} & letterheads

    run = read_again(context, "return", Selection(reasons=("too_many_pages",)))
    after = publish(context, "return")
    tables = read_comparison(run)["tables"]
    assert tables["letters"]["added"] == len(letterheads)
    assert tables["files"]["columns"] == dict.fromkeys(("detail", "reason", "status"), len(letterheads))
    cases = "SELECT letter_id, version_count, outcome FROM marts.fct_determinations ORDER BY 1"
    assert query_contents(after, cases).equals(query_contents(before, cases))
    assert not list(quarantine.rglob("*.*")), "neither files nor notes"
    assert {f.stem for f in archive.rglob("*.*")} >= letterheads
