"""Poisoned batches through the real steps: one gate stops each, alone, and names its letters; readers see no change."""

from __future__ import annotations

import html
import json
import re
import shlex
import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from expectations.gate import GateError
from imr.cli import main
from imr.context import Context
from imr.pipeline import steps
from imr.reporting.report import as_text
from imr.settings import Settings
from tests.extract import hostile
from tests.imr.pipeline.test_reparse import change_rows
from tests.support.home import Home
from tests.support.letters import SampleLetter, draw_letter, named_letters
from warehouse.hashing import hash_file
from warehouse.intake import reviews
from warehouse.query import query

LETTER = named_letters()["CM16-0300001"]


@dataclass(frozen=True)
class Stopped:
    """What a load that a gate stopped has left."""

    message: str
    suites: set[str]
    report: dict[str, Any]
    page: str


def drop(folder: Path, letters: Sequence[SampleLetter]) -> Path:
    """Put letters into a folder, each named after its case and drawn from this file's own."""
    folder.mkdir(parents=True, exist_ok=True)
    for letter in letters:
        (folder / f"{letter.case_number}.pdf").write_bytes(draw_letter(letter))
    return folder


def letters(count: int, first: int = 1, outcome: str = "Upheld", **facts: Any) -> list[SampleLetter]:
    decided = tuple(replace(d, outcome=outcome) for d in LETTER.decisions)
    return [replace(LETTER, case_number=f"CM17-06{first + n:05}", decisions=decided, **facts) for n in range(count)]


def stopped_at_gate_batch(
    home: Home, folder: Path, settings: Settings | None = None, *, accept_drift: bool = False
) -> Stopped:
    """Run a load of a folder up to its first gate, which must stop it, and report it."""
    settings = settings or home.settings
    for first in steps.scan(Context(settings), "poisoned", folder):
        steps.extract(Context(settings), "poisoned", first)
    with pytest.raises(GateError) as stopped:
        steps.gate_batch(Context(settings), "poisoned", accept_drift=accept_drift)
    return told(home, stopped.value)


def told(home: Home, error: GateError) -> Stopped:
    report = steps.report(home.context, "poisoned")
    page = home.context.open_run("poisoned").report.read_text("utf-8")
    assert report.verdict == f"stopped at gate_{error.result.gate}; version 1 stays published"
    current = home.context.versions.require_current()
    assert current.number == 1
    assert query(current.marts, "SELECT count(*) AS n FROM fct_determinations").to_pylist() == [{"n": 25}]
    assert error.result.data_docs.exists()
    return Stopped(str(error), {f.suite for f in error.result.failures if f.blocks}, report, page)


def names_in(stopped: Stopped, *names: str) -> bool:
    """Whether the task's message, the report and its page all name each of these."""
    places = (stopped.message, json.dumps(stopped.report["gates"]), stopped.page)
    return all(name in place for name in names for place in places)


def test_files_that_kill_their_reader(loaded: Home, tmp_path: Path) -> None:
    folder = drop(tmp_path / "drop", letters(3))
    for levels in (30, 31, 32, 33):
        (folder / f"killer {levels}.pdf").write_bytes(hostile.a_fan_out_of_forms(levels))
    settings = Settings(home=loaded.path, fast_seconds=4, reference_seconds=4, worker_memory_mb=450)
    stopped = stopped_at_gate_batch(loaded, folder, settings)
    assert stopped.suites == {"batch_files"}
    assert names_in(stopped, "killer 30.pdf", "killer 33.pdf", "Few files killed their reader")
    assert f"imr show '{folder}/killer 30.pdf'" in stopped.message
    assert "CM17-0600001.pdf" not in stopped.message


def test_a_letter_from_the_future(loaded: Home, tmp_path: Path) -> None:
    folder = drop(tmp_path / "drop", [*letters(2), *letters(1, first=9, decision_date=date(2117, 1, 12))])
    stopped = stopped_at_gate_batch(loaded, folder)
    assert stopped.suites == {"batch_letters"}
    assert names_in(stopped, "CM17-0600009", "decision_date = 2117-01-12", "Each decision_date is between")
    assert "CM17-0600001" not in stopped.message


def test_a_decision_in_words_that_nobody_knows(loaded: Home, tmp_path: Path) -> None:
    folder = drop(tmp_path / "drop", [*letters(2), *letters(1, first=9, outcome="Remanded")])
    stopped = stopped_at_gate_batch(loaded, folder)
    assert stopped.suites == {"batch_decisions"}
    assert names_in(stopped, "CM17-0600009", "outcome = Remanded", "page 1")
    assert "CM17-0600001" not in stopped.message


def test_a_specialty_that_tells_a_telephone_number(loaded: Home, tmp_path: Path) -> None:
    telling = letters(1, first=9, specialties=("Internal Medicine (555-010-4477)",))
    stopped = stopped_at_gate_batch(loaded, drop(tmp_path / "drop", [*letters(2), *telling]))
    assert stopped.suites == {"batch_letters"}
    assert names_in(stopped, "CM17-0600009", "phone number")
    assert "4477" not in stopped.message + stopped.page, "a message says what kind, never whose"


def test_a_request_that_names_somebody_passes_where_a_person_has_released_the_letter(
    loaded: Home, tmp_path: Path
) -> None:
    (decision,) = LETTER.decisions
    named = replace(decision, treatment="MRI of the lumbar spine, call (415) 555-0134")
    folder = drop(tmp_path / "drop", [*letters(1), *[replace(x, decisions=(named,)) for x in letters(2, first=8)]])
    for path in sorted(folder.glob("CM17-060000[89].pdf")):
        reviews.keep(loaded.settings.reviews, reviews.Review(hash_file(path), "release", None, "ann", datetime.now()))
    loaded.read("released", folder)
    assert steps.gate_batch(loaded.context, "released") > 0
    loaded.read("poisoned", folder)
    flags = "released_by_person"
    change_rows(loaded.settings, "poisoned", "flags", lambda row: None if row["code"] == flags else row)
    with pytest.raises(GateError) as error:
        steps.gate_batch(loaded.context, "poisoned")
    stopped = told(loaded, error.value)
    assert stopped.suites == {"batch_decisions"}, "the gate would know them without the person's word"
    assert names_in(stopped, "CM17-0600008", "CM17-0600009", "shown_text_names = phone number")
    assert "0134" not in stopped.message + stopped.page


@pytest.fixture
def with_history(loaded: Home) -> Home:
    """The loaded home, its letters spread over six loads that are much alike in their outcomes."""
    full = loaded.context.versions.require_current().full
    full.chmod(0o644)
    with duckdb.connect(str(full)) as connection:
        connection.execute(
            "CREATE TEMP TABLE dealt AS SELECT letter_id AS id, "
            "'load-' || row_number() OVER (ORDER BY avg((outcome = 'upheld')::INT), letter_id) % 6 AS run_id "
            "FROM raw.decisions GROUP BY letter_id"
        )
        for table, key in (("letters", "letter_id"), ("decisions", "letter_id"), ("files", "sha256")):
            connection.execute(f"UPDATE raw.{table} SET run_id = dealt.run_id FROM dealt WHERE {key} = id")  # noqa: S608
    return loaded


def test_a_batch_in_which_every_decision_is_overturned(with_history: Home, tmp_path: Path) -> None:
    stopped = stopped_at_gate_batch(with_history, drop(tmp_path / "drop", letters(40, outcome="Overturned")))
    assert stopped.suites == {"batch_drift_decisions"}
    assert names_in(stopped, "CM17-0600001", "40 of 40 rows that break it (100.0%)", "The last 6 loads (26 letters)")
    assert "and 30 more" in stopped.message


def test_a_drift_stops_the_load_and_names_the_parameter_for_who_has_looked(with_history: Home, tmp_path: Path) -> None:
    stopped = stopped_at_gate_batch(with_history, drop(tmp_path / "drop", letters(40, outcome="Overturned")))
    assert names_in(stopped, "trigger again with accept_drift")
    assert stopped.report["gates"]["gate_batch"]["accept_drift"] is False
    assert "was started with accept_drift" not in stopped.page


def test_a_drift_that_a_person_accepts_passes_and_is_shown(with_history: Home, tmp_path: Path) -> None:
    folder = drop(tmp_path / "drop", letters(40, outcome="Overturned"))
    with_history.read("accepted", folder)
    assert steps.gate_batch(with_history.context, "accepted", accept_drift=True) > 0
    report = steps.report(with_history.context, "accepted")
    found = report["gates"]["gate_batch"]
    (accepted,) = [f for f in found["failures"] if f["accepted"]]
    assert (accepted["suite"], accepted["severity"]) == ("batch_drift_decisions", "warn")
    assert found["accept_drift"] is True
    page = with_history.context.open_run("accepted").report.read_text("utf-8")
    for told in (as_text(report), page):
        assert "warn, accepted by the run's parameter" in re.sub("<[^>]+>", "", html.unescape(told))
        assert "CM17-0600001" in told
    assert "The run was started with accept_drift" in page


def test_with_accept_drift_every_other_rule_holds_as_before(with_history: Home, tmp_path: Path) -> None:
    future = letters(1, first=90, outcome="Overturned", decision_date=date(2117, 1, 12))
    folder = drop(tmp_path / "drop", [*letters(40, outcome="Overturned"), *future, *letters(1, 91, "Remanded")])
    stopped = stopped_at_gate_batch(with_history, folder, accept_drift=True)
    assert stopped.suites == {"batch_letters", "batch_decisions"}
    assert names_in(stopped, "CM17-0600090", "CM17-0600091")
    assert "warn, accepted by the run's parameter  batch_drift_decisions" in stopped.message


def test_the_same_batch_without_history_is_not_judged(loaded: Home, tmp_path: Path) -> None:
    folder = drop(tmp_path / "drop", letters(6, outcome="Overturned"))
    loaded.read("first archive", folder)
    steps.gate_batch(loaded.context, "first archive")
    report = steps.report(loaded.context, "first archive")
    assert any("not enough history" in remark for remark in report["gates"]["gate_batch"]["remarks"])


def test_a_month_of_overturned_decisions_passes_all_but_the_last_gate(loaded: Home, tmp_path: Path) -> None:
    (decision,) = LETTER.decisions
    many = tuple(
        replace(decision, treatment=f"MRI of the lumbar spine, series {n}", outcome="Overturned") for n in range(26)
    )
    folder = drop(tmp_path / "drop", [replace(letter, decisions=many) for letter in letters(8)])
    loaded.read("poisoned", folder)
    steps.gate_batch(loaded.context, "poisoned")
    steps.load(loaded.context, "poisoned")
    steps.build_marts(loaded.context, "poisoned")
    with pytest.raises(GateError) as error:
        steps.gate_marts(loaded.context, "poisoned", accept_drift=True)
    stopped = told(loaded, error.value)
    first = "month_key 2016-12, case_number CM17-0600001, source_name CM17-0600001.pdf, page 1: overturned = 26 of 26"
    assert stopped.report["gates"]["gate_marts"]["accept_drift"] is True, "and yet this is no drift"
    assert stopped.suites == {"marts_months"}
    assert names_in(stopped, "2016-12", "overturn_rate = 0.9", first)
    assert f"imr show {folder}/CM17-0600001.pdf" in stopped.message
    (listing,) = [line for line in stopped.message.splitlines() if "$ imr sql --run poisoned" in line]
    asked = CliRunner().invoke(main, shlex.split(listing)[2:], env={"IMR_HOME": str(loaded.path)})
    assert asked.exit_code == 0, asked.output
    assert "CM17-0600008" in asked.output


def test_the_command_in_a_message_shows_the_rows(loaded: Home, tmp_path: Path) -> None:
    stopped_at_gate_batch(loaded, drop(tmp_path / "drop", letters(1, outcome="Remanded")))
    asked = CliRunner().invoke(
        main,
        ["sql", "--run", "poisoned", "SELECT outcome, count(*) AS n FROM decisions GROUP BY ALL", "--format", "csv"],
        env={"IMR_HOME": str(loaded.path)},
    )
    assert (asked.exit_code, asked.output.splitlines()) == (0, ["outcome,n", "Remanded,1"])
    unknown = CliRunner().invoke(
        main, ["sql", "--run", "no such run", "FROM files"], env={"IMR_HOME": str(loaded.path)}
    )
    assert unknown.exit_code == 1
    assert "there is no run" in unknown.output


@pytest.fixture
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Refuse every connection, and every question for an address, and note it."""
    tried: list[object] = []

    def refuse(*asked: object) -> None:
        tried.append(asked[-1])
        raise OSError("this test lets nothing out")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return tried


def test_a_gate_tells_nobody_and_its_pages_ask_nobody(loaded: Home, tmp_path: Path, no_way_out: list[object]) -> None:
    shutil.rmtree(loaded.settings.gx_home)
    stopped = stopped_at_gate_batch(loaded, drop(tmp_path / "drop", letters(1, outcome="Remanded")))
    assert stopped.suites == {"batch_decisions"}
    assert no_way_out == []
    assert "analytics_enabled: false" in (loaded.settings.gx_home / "gx" / "great_expectations.yml").read_text()
