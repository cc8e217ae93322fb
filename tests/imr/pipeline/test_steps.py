"""Whole loads, step by step as the DAG runs them, with every real part."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from expectations.gate import GateError
from extract.samples import write_samples
from imr.pipeline import steps
from tests.support.home import Home
from tests.support.letters import draw_letter, faults, named_letters
from warehouse.build.transform import TransformError
from warehouse.query import query
from warehouse.runs import run_files


def rows(home: Home, sql: str) -> list[dict[str, Any]]:
    return query(home.context.versions.require_current().full, sql).to_pylist()


def current(home: Home) -> int:
    return home.context.versions.require_current().number


def drop_letter(folder: Path, name: str, case_number: str, outcome: str | None = None) -> Path:
    """Put a letter of the header-table layout with its own case number into a folder."""
    letter = named_letters()["CM16-0300001"]
    decisions = tuple(replace(d, outcome=outcome or d.outcome) for d in letter.decisions)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(draw_letter(replace(letter, case_number=case_number, decisions=decisions)))
    return folder / name


def test_every_file_ends_in_the_ledger(loaded: Home) -> None:
    files = {p.name for p in loaded.letters.iterdir()} - {"labels.jsonl"}
    ledger = {r["source_path"]: (r["status"], r["reason"]) for r in rows(loaded, "SELECT * FROM raw.files")}
    assert set(ledger) == files
    assert {name: end for name, end in ledger.items() if end[0] != "loaded"} == {
        "one more copy.pdf": ("duplicate", None),
        "damaged.pdf": ("quarantined", "damaged"),
        "locked.pdf": ("quarantined", "password"),
        "not a letter.pdf": ("quarantined", "unknown_format"),
        "scan.pdf": ("quarantined", "no_text_layer"),
    }


def test_the_marts_hold_what_the_letters_say(loaded: Home) -> None:
    letters = named_letters()
    decisions = [d for letter in letters.values() for d in letter.decisions]
    overturned = sum(d.outcome == "Overturned" for d in decisions) + 1  # the reissued letter turns one round
    (told,) = rows(
        loaded,
        "SELECT count(*) AS decisions, count(*) FILTER (is_overturned) AS overturned, "
        "count(DISTINCT case_key) AS cases FROM marts.fct_decisions",
    )
    assert told == {"decisions": len(decisions), "overturned": overturned, "cases": len(letters)}


def test_the_reissued_letter_is_the_current_one_and_the_older_is_kept(loaded: Home) -> None:
    (case,) = rows(loaded, "FROM marts.fct_determinations WHERE case_number = 'CM16-0300002'")
    assert (case["version_count"], case["source_name"]) == (2, "CM16-0300002 reissued.pdf")
    assert len(rows(loaded, "FROM raw.letters WHERE case_number = 'CM16-0300002'")) == 2


def test_the_bi_file_holds_no_free_text_but_the_treatment(loaded: Home) -> None:
    marts = loaded.context.versions.require_current().marts
    columns = query(marts, "SELECT column_name FROM information_schema.columns").to_pylist()
    names = {c["column_name"] for c in columns}
    assert "treatment_requested" in names
    assert not names & {"clinical_case_summary", "rationale", "claims_admin_guideline", "reviewer_guideline"}


def test_any_folder_but_the_inbox_is_left_alone(loaded: Home) -> None:
    assert len(list(loaded.letters.iterdir())) == 32
    assert len(list(loaded.settings.archive.rglob("*.pdf"))) + len(list(loaded.settings.archive.rglob("*.txt"))) == 26


def test_the_same_folder_again_is_nothing_new(loaded: Home) -> None:
    assert loaded.load("second") is None
    assert current(loaded) == 1
    report = json.loads((loaded.settings.runs / "second" / "report.json").read_text())
    assert report.verdict == "nothing new; version 1 stays published"
    assert report["files"]["already known"] == 31


def test_a_damaged_file_is_quarantined_and_the_load_goes_through(loaded: Home) -> None:
    whole = drop_letter(loaded.settings.inbox, "good.pdf", "CM17-0500001")
    (loaded.settings.inbox / "bad.pdf").write_bytes(faults.damaged(whole.read_bytes()))
    assert loaded.load("second", loaded.settings.inbox) == 2
    assert not list(loaded.settings.inbox.iterdir()), "the project's own inbox is emptied"
    assert len(list((loaded.settings.quarantine / "damaged").rglob("*.json"))) == 2
    assert len(rows(loaded, "FROM marts.fct_determinations WHERE case_number = 'CM17-0500001'")) == 1


def test_a_poisoned_letter_stops_at_the_gate_and_is_named(loaded: Home) -> None:
    poisoned = drop_letter(loaded.path / "drop", "poisoned.pdf", "CM17-0500002", outcome="Remanded")
    drop_letter(loaded.path / "drop", "good.pdf", "CM17-0500003")
    loaded.read("second", poisoned.parent)
    with pytest.raises(GateError) as stopped:
        steps.gate_batch(loaded.context, "second")
    told = str(stopped.value)
    assert "CM17-0500002" in told
    assert "poisoned.pdf" in told
    assert "outcome = Remanded" in told
    assert "CM17-0500003" not in told
    steps.report(loaded.context, "second")
    report = json.loads((loaded.settings.runs / "second" / "report.json").read_text())
    assert report.verdict == "stopped at gate_batch; version 1 stays published"
    assert "poisoned.pdf" in report["failed"][0]
    assert current(loaded) == 1


def test_a_failed_model_tells_the_rows_that_broke_it(loaded: Home) -> None:
    drop = drop_letter(loaded.path / "drop", "poisoned.pdf", "CM17-0500002").parent
    loaded.read("second", drop)
    for part in run_files.list_chunk_files(loaded.context.open_run("second"), "decisions"):
        part.unlink()
    steps.load(loaded.context, "second")
    with pytest.raises(TransformError) as failed:
        steps.build_marts(loaded.context, "second")
    told = str(failed.value)
    assert "assert_every_letter_has_a_decision" in told
    assert "poisoned.pdf" in told
    assert "compiled SQL" in told
    assert "skipped because of this" in told
    assert current(loaded) == 1


def test_letters_of_a_version_that_was_rolled_back_are_read_again(loaded: Home) -> None:
    inbox = loaded.settings.inbox
    drop_letter(inbox, "new.pdf", "CM17-0500004")
    assert loaded.load("second", inbox) == 2
    loaded.context.versions.rollback()
    assert not rows(loaded, "FROM marts.fct_determinations WHERE case_number = 'CM17-0500004'")
    assert loaded.load("third", inbox) == 3
    assert len(rows(loaded, "FROM marts.fct_determinations WHERE case_number = 'CM17-0500004'")) == 1


def test_a_run_that_died_before_publishing_is_simply_run_again(loaded: Home) -> None:
    inbox = loaded.settings.inbox
    drop_letter(inbox, "new.pdf", "CM17-0500005")
    loaded.read("died", inbox)
    steps.load(loaded.context, "died")
    assert loaded.load("again", inbox) == 2
    assert len(rows(loaded, "FROM raw.files WHERE source_path = 'new.pdf'")) == 1


def test_the_report_escapes_what_letters_and_file_names_say(loaded: Home) -> None:
    (loaded.path / "drop").mkdir()
    (loaded.path / "drop" / "<script>alert(1)</script>.pdf".replace("/", "_")).write_text("no letter")
    loaded.read("second", loaded.path / "drop")
    steps.report(loaded.context, "second")
    page = (loaded.settings.runs / "second" / "report.html").read_text()
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_samples_are_written_the_same_each_time(tmp_path: Path) -> None:
    first = {p.name: p.read_bytes() for p in write_samples(tmp_path / "a")}
    second = {p.name: p.read_bytes() for p in write_samples(tmp_path / "b")}
    assert first == second
    assert first["one more copy.pdf"] == first["CM16-0300001.pdf"]
