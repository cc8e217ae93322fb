"""One load of the sample letters with every real part, and a second one that a gate stops."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest

from expectations.gate import GateError
from imr.pipeline import steps
from imr.reporting.report import Report
from tests.support.command import run_imr
from tests.support.drawn_letters import write_letter, write_poisoned
from tests.support.home import Home
from tests.support.letters import named_letters
from tests.support.sample_outcomes import COPY, LOADED, NAMES, QUARANTINED
from warehouse.query import query

REISSUED = "CM16-0300002"


def test_every_file_is_in_the_ledger(loaded: Home) -> None:
    ledger = {r["source_path"]: (r["status"], r["reason"]) for r in loaded.query("FROM raw.files")}
    assert ledger == (
        dict.fromkeys(LOADED, ("loaded", None))
        | {COPY: ("duplicate", None)}
        | {name: ("quarantined", reason) for name, reason in QUARANTINED.items()}
    )


def test_the_marts_hold_the_decisions_of_the_letters(loaded: Home) -> None:
    letters = named_letters()
    decisions = [d for letter in letters.values() for d in letter.decisions]
    overturned = sum(d.outcome == "Overturned" for d in decisions) + 1  # one decision of the reissued letter
    (counted,) = loaded.query(
        "SELECT count(*) AS decisions, count(*) FILTER (is_overturned) AS overturned, "
        "count(DISTINCT case_key) AS cases FROM marts.fct_decisions"
    )
    assert counted == {"decisions": len(decisions), "overturned": overturned, "cases": len(letters)}
    assert Report.read(loaded.context.open_run("first")).warehouse.items() >= {  # type: ignore[union-attr]
        "cases": len(letters), "decisions": len(decisions), "overturned": overturned,
    }.items()  # fmt: skip


def test_a_reissued_letter_is_current_and_the_older_one_is_kept(loaded: Home) -> None:
    (case,) = loaded.query(f"FROM marts.fct_determinations WHERE case_number = '{REISSUED}'")
    assert (case["version_count"], case["source_name"]) == (2, f"{REISSUED} reissued.pdf")
    assert len(loaded.query(f"FROM raw.letters WHERE case_number = '{REISSUED}'")) == 2


def test_the_bi_file_holds_no_free_text_but_the_treatment(loaded: Home) -> None:
    marts = loaded.context.versions.require_current().marts
    names = set(query(marts, "SELECT column_name FROM information_schema.columns")["column_name"].to_pylist())
    assert "treatment_requested" in names
    assert not names & {"clinical_case_summary", "rationale", "claims_admin_guideline", "reviewer_guideline"}


def test_files_are_stored_by_hash_and_any_folder_but_the_inbox_keeps_its_own(loaded: Home) -> None:
    stored = {r["sha256"] for r in loaded.query("FROM raw.files WHERE status = 'loaded'")}
    assert {f.stem for f in Path(loaded.settings.archive).rglob("*.*")} == stored
    notes = list(Path(loaded.settings.quarantine).rglob("*.json"))
    assert sorted(json.loads(f.read_text())["reason"] for f in notes) == sorted(QUARANTINED.values())
    assert {f.name for f in loaded.letters.iterdir()} == NAMES | {"labels.jsonl"}


def test_report_and_commands_show_the_load(loaded: Home) -> None:
    page = html.unescape(loaded.context.open_run("first").report.read_text())
    assert "published version 1" in page
    assert str(loaded.letters.name) in page
    for name, reason in QUARANTINED.items():
        assert name in page.split("<h2>Quarantined files</h2>")[1]
        assert f"quarantined as {reason}: {name}" in run_imr(loaded.path, "status")
    assert run_imr(loaded.path, "versions").splitlines()[-1].split()[:2] == ["->", "1"]
    counted = run_imr(loaded.path, "sql", "--format", "csv", "SELECT count(*) AS cases FROM fct_determinations")
    assert counted.split() == ["cases", str(len(named_letters()))]


def test_the_same_folder_again_is_nothing_new(loaded: Home) -> None:
    assert loaded.load("second") is None
    assert loaded.version == 1
    report = Report.read(loaded.context.open_run("second"))
    assert report is not None
    assert report.verdict == "nothing new; version 1 stays published"
    assert report.files["already known"] == len(NAMES)


def test_a_gate_stops_a_load_and_names_the_letters(loaded: Home) -> None:
    folder = write_letter(loaded.path / "new", "good.pdf", "CM17-0500003").parent
    poisoned = {path.name for path in write_poisoned(folder)}
    with pytest.raises(GateError) as stopped:
        loaded.load("second", folder)
    for name in poisoned:
        assert f"source_path {name}, reason outcome_not_understood" in str(stopped.value)
    assert "good.pdf" not in str(stopped.value)
    shown = run_imr(loaded.path, "sql", "--run", "second", "SELECT DISTINCT detail FROM files WHERE detail IS NOT NULL")
    assert "printed 'Remanded'" in shown
    report = steps.report(loaded.context, "second")
    assert report.verdict == "stopped at gate_batch; version 1 stays published"
    assert min(poisoned) in report.failed[0]
    assert "A gate stopped the load" in html.unescape(loaded.context.open_run("second").report.read_text())
    assert loaded.version == 1
    assert {f.name for f in folder.iterdir()} == {*poisoned, "good.pdf"}
