"""Stored letters read again: which are chosen, what is told of the difference, and what becomes of the files."""

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
from tests.support.home import Home
from warehouse.build.load import load_run, make_candidate
from warehouse.errors import WarehouseError
from warehouse.intake import inbox
from warehouse.intake.selection import Selection
from warehouse.query import query
from warehouse.runs import run_files
from warehouse.runs.schema import SCHEMAS

EVERYTHING = Selection()


def read_again(settings: Settings, run_id: str, selection: Selection = EVERYTHING, **plan: bool) -> list[int]:
    chunks = reparse.select(Context(settings), run_id, Plan(selection, **plan))
    for first in chunks:
        steps.extract(Context(settings), run_id, first)
    return chunks


def chosen(settings: Settings, selection: Selection) -> dict[str, str]:
    """Return where each chosen file is stored, by its name as it came."""
    reparse.select(Context(settings), "choose", Plan(selection))
    arrivals = inbox.read_arrivals(Context(settings).open_run("choose"))
    return {a.source_path: str(Path(a.path).relative_to(settings.home)) for a in arrivals}


def comparison(settings: Settings, run_id: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(Context(settings).open_run(run_id).comparison.read_text("utf-8"))
    return told


def verdict(settings: Settings, run_id: str) -> str:
    return str(steps.report(Context(settings), run_id).verdict)


def letter_ids(file: Path) -> set[str]:
    return set(query(file, "SELECT letter_id FROM raw.letters")["letter_id"].to_pylist())


def change_rows(settings: Settings, run_id: str, table: str, change: Any) -> None:
    """Write a run's rows of a table anew, as if the reader had read them otherwise."""
    run = Context(settings).open_run(run_id)
    for part in run_files.list_chunk_files(run, table):
        assert len(run_files.list_chunk_files(run, table)) == 1, part
        tables = {t: run_files.read_table(run, t).to_pylist() for t in SCHEMAS}
        tables[table] = [changed for row in tables[table] if (changed := change(dict(row))) is not None]
        run_files.write_chunk(run, part.stem, tables)


def one_chunk(home: Home) -> Settings:
    return home.settings.model_copy(update={"chunk_size": 100})


def test_letters_are_chosen_by_reason_format_day_version_and_hash(loaded: Home) -> None:
    settings = loaded.settings
    everything = chosen(settings, EVERYTHING)
    assert len(everything) == 30, "every file but the one that is a copy of another"
    damaged = chosen(settings, Selection(reasons=("damaged", "password")))
    assert set(damaged) == {"damaged.pdf", "locked.pdf"}
    assert damaged["damaged.pdf"].startswith("quarantine/damaged/")
    letterheads = chosen(settings, Selection(formats=("letterhead",)))
    assert 0 < len(letterheads) < 26
    assert all(path.startswith("archive/") for path in letterheads.values())
    assert chosen(settings, Selection(parser_version="no such version")) == {}
    assert chosen(settings, Selection(to_date=date(2020, 1, 1))) == {}
    assert chosen(settings, Selection(from_date=date(2020, 1, 1))) == everything
    sha256 = Path(letterheads[min(letterheads)]).stem
    assert chosen(settings, Selection(sha256=(sha256,))) == {min(letterheads): letterheads[min(letterheads)]}
    assert chosen(settings, Selection(formats=("letterhead",), reasons=("damaged",))) == {}


def test_what_does_not_exist_is_told_with_what_does(loaded: Home, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="there is no reason broken; one of zero_bytes, not_a_pdf"):
        reparse.select(loaded.context, "again", Plan(Selection(reasons=("broken",))))
    with pytest.raises(WarehouseError, match="nothing is published"):
        reparse.select(Settings(home=tmp_path / "empty"), "again", Plan(EVERYTHING))


def test_a_plan_is_the_same_after_its_way_through_a_dag_run() -> None:
    plan = Plan(Selection(("damaged",), ("letterhead",), date(2024, 1, 2), None, "1", ("ab",)), True, False, 5, True)
    assert Plan.from_params(json.loads(json.dumps(plan.as_params()))) == plan
    assert Plan.from_params(Plan(EVERYTHING).as_params()) == Plan(EVERYTHING)


def test_letters_read_as_before_change_nothing_and_nothing_is_published(loaded: Home) -> None:
    settings = loaded.settings
    assert len(read_again(settings, "again")) == 3
    assert reparse.compare(Context(settings), "again") is False
    told = comparison(settings, "again")["tables"]
    assert told["letters"] == {"added": 0, "changed": 0, "gone": 0, "same": 26, "columns": {}}
    assert told["files"]["same"] == 30
    assert told["decisions"]["same"] > 50
    assert verdict(settings, "again") == "nothing changed; version 1 stays published"


def test_a_row_added_changed_or_gone_is_told_and_no_text_of_a_letter(
    loaded: Home, caplog: pytest.LogCaptureFixture
) -> None:
    settings = one_chunk(loaded)
    read_again(settings, "again", Selection(formats=("table_header",)))
    of_the_letter = "a sentence that only the letter holds"

    def of_letters(row: dict[str, Any]) -> dict[str, Any]:
        is_first = row["case_number"] == "CM16-0300001"
        return row | ({"decision_date": date(2001, 2, 3), "clinical_case_summary": of_the_letter} if is_first else {})

    def of_decisions(row: dict[str, Any]) -> dict[str, Any] | None:
        return None if row["decision_number"] == 3 else row

    change_rows(settings, "again", "letters", of_letters)
    change_rows(settings, "again", "decisions", of_decisions)
    with caplog.at_level(logging.INFO):
        assert reparse.compare(Context(settings), "again") is True
    told = comparison(settings, "again")
    assert told["tables"]["letters"]["changed"] == 1
    assert told["tables"]["letters"]["columns"] == {"clinical_case_summary": 1, "decision_date": 1}
    assert told["tables"]["decisions"]["gone"] > 0
    (example,) = [e for e in told["examples"] if e["became"] == "changed"]
    assert (example["case_number"], example["source_path"]) == ("CM16-0300001", "CM16-0300001.pdf")
    assert example["what"].endswith("-> 2001-02-03; clinical_case_summary")
    page = steps.report(Context(settings), "again")
    for text in (caplog.text, json.dumps(page), (settings.runs / "again" / "report.html").read_text()):
        assert "decision_date" in text
        assert of_the_letter not in text


def test_a_dry_run_shows_the_difference_and_loads_nothing(loaded: Home) -> None:
    settings = one_chunk(loaded)
    read_again(settings, "again", Selection(formats=("letterhead",)), dry_run=True)
    change_rows(settings, "again", "letters", lambda row: row | {"patient_age": 99})
    assert reparse.compare(Context(settings), "again") is False
    assert comparison(settings, "again")["tables"]["letters"]["changed"] > 0
    assert "a dry run: " in verdict(settings, "again")


def test_a_loaded_letter_that_is_refused_now_stops_the_run_unless_it_may_go(loaded: Home) -> None:
    small = loaded.settings.model_copy(update={"max_pages": 1})
    selection = Selection(formats=("letterhead",))
    read_again(small, "again", selection)
    with pytest.raises(reparse.WithdrawnError, match=r"too_many_pages.*--accept-withdrawn"):
        reparse.compare(small, "again")
    assert verdict(small, "again") == "stopped at compare; version 1 stays published"
    read_again(small, "accepted", selection, accept_withdrawn=True)
    assert reparse.compare(small, "accepted") is True
    run = small.open_run("accepted")
    withdrawn = {w["sha256"] for w in comparison(small, "accepted")["withdrawn"]}
    published = small.versions.require_current()
    make_candidate(run, published)
    load_run(run)
    assert withdrawn
    assert letter_ids(run.candidate) == letter_ids(published.full) - withdrawn
    assert not withdrawn & set(query(run.candidate, "FROM raw.decisions")["letter_id"].to_pylist())


def test_a_loaded_letter_whose_reader_fails_now_stays_as_it_was(loaded: Home) -> None:
    settings = one_chunk(loaded)
    read_again(settings, "again", Selection(formats=("letterhead",)))
    run = Context(settings).open_run("again")
    hung = run_files.read_table(run, "letters")["letter_id"].to_pylist()[0]
    refusal = {"status": "quarantined", "reason": str(Reason.TIMED_OUT), "detail": "reading it took too long"}
    change_rows(settings, "again", "letters", lambda row: None if row["letter_id"] == hung else row)
    change_rows(settings, "again", "files", lambda row: row | (refusal if row["sha256"] == hung else {}))
    assert reparse.compare(Context(settings), "again") is False
    assert [k["sha256"] for k in comparison(settings, "again")["kept"]] == [hung]
    published = Context(settings).versions.require_current()
    make_candidate(run, published)
    load_run(run)
    assert letter_ids(run.candidate) == letter_ids(published.full)
    assert query(run.candidate, "FROM raw.files WHERE reason = 'timed_out'").num_rows == 0


def publish(settings: Settings, run_id: str) -> int:
    """Do what a reparse does once the comparison lets it go on."""
    steps.gate_batch(Context(settings), run_id)
    steps.load(Context(settings), run_id)
    steps.build_marts(Context(settings), run_id)
    steps.gate_marts(Context(settings), run_id)
    version = steps.publish(Context(settings), run_id)
    steps.archive(Context(settings), run_id)
    assert verdict(settings, run_id) == f"published version {version}"
    return version


def test_letters_leave_the_warehouse_when_refused_and_come_back_when_they_read_again(loaded: Home) -> None:
    settings = loaded.settings
    small = settings.model_copy(update={"max_pages": 1})
    before = Context(settings).versions.require_current().full
    letterheads = set(query(before, "FROM raw.letters WHERE format = 'letterhead'")["letter_id"].to_pylist())
    assert letterheads
    refused = Path(settings.quarantine) / "too_many_pages"

    read_again(small, "gone", Selection(formats=("letterhead",)), accept_withdrawn=True)
    assert reparse.compare(small, "gone") is True
    assert publish(small, "gone") == 2
    without = Context(settings).versions.require_current().full
    assert letter_ids(without) == letter_ids(before) - letterheads
    assert {f.stem for f in refused.rglob("*.json")} == {f.stem for f in refused.rglob("*.pdf")} == letterheads
    assert not {f.stem for f in Path(settings.archive).rglob("*.*")} & letterheads

    read_again(settings, "back", Selection(reasons=("too_many_pages",)))
    assert reparse.compare(Context(settings), "back") is True
    told = comparison(settings, "back")["tables"]
    assert told["letters"]["added"] == len(letterheads)
    assert told["files"]["columns"] == dict.fromkeys(("detail", "reason", "status"), len(letterheads))
    assert publish(settings, "back") == 3
    count = "SELECT letter_id, version_count, case_outcome FROM intermediate.int_letters_current ORDER BY 1"
    after = Context(settings).versions.require_current().full
    assert query(after, count).equals(query(before, count))
    assert not list(refused.rglob("*.*")), "neither files nor notes"
    assert {f.stem for f in Path(settings.archive).rglob("*.*")} >= letterheads
