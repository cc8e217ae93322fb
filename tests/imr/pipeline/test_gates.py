"""Batches that the batch gate must stop: one suite stops each and names its letters; readers see no change."""

from __future__ import annotations

import html
import json
import re
import shutil
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.gate import GateError
from imr.context import Context
from imr.pipeline import steps
from imr.reporting.report import Report
from imr.reporting.report_text import format_text
from imr.settings import Settings
from tests.extract import hostile
from tests.support.drawn_letters import LETTER, change_letter, write_letters
from tests.support.home import Home
from tests.support.letters import SampleLetter
from tests.support.parts import change_raw_rows

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Stopped:
    """The traces of a load that the batch gate stopped."""

    message: str
    suites: set[str]
    report: Report
    page: str

    def names(self, *names: str) -> bool:
        """Whether the task's message, the report and its page all contain each of `names`."""
        places = (self.message, json.dumps(self.report.gates), self.page)
        return all(name in place for name in names for place in places)


def make_letters(count: int, first: int = 1, outcome: str = "Upheld", **changes: Any) -> list[SampleLetter]:
    return [change_letter(f"CM17-06{first + n:05}", outcome, **changes) for n in range(count)]


def read_and_stop(context: Context, folder: Path) -> Stopped:
    """Read a folder as run `poisoned`, which the batch gate must stop."""
    for first in steps.scan(context, "poisoned", folder):
        steps.extract(context, "poisoned", first)
    return stop(context)


def stop(context: Context) -> Stopped:
    before = context.versions.require_current().number
    with pytest.raises(GateError) as stopped:
        steps.gate_batch(context, "poisoned")
    result = stopped.value.result
    report = steps.report(context, "poisoned")
    assert report.verdict == f"stopped at gate_batch; version {before} stays published"
    assert result.data_docs.exists()
    page = context.open_run("poisoned").report.read_text("utf-8")
    return Stopped(str(stopped.value), {f.suite for f in result.failures if f.blocks}, report, page)


def test_files_that_kill_their_reader(published: Home, tmp_path: Path) -> None:
    folder = write_letters(tmp_path / "new", make_letters(3))
    for levels in (30, 31, 32, 33):
        (folder / f"killer {levels}.pdf").write_bytes(hostile.a_fan_out_of_forms(levels))
    settings = Settings(home=published.path, fast_seconds=4, reference_seconds=4, worker_memory_mb=450)
    stopped = read_and_stop(Context(settings), folder)
    assert stopped.suites == {"batch_files"}
    assert stopped.names("killer 30.pdf", "killer 33.pdf", "Few files crashed their reader")
    assert f"imr show '{folder}/killer 30.pdf'" in stopped.message
    assert "CM17-0600001.pdf" not in stopped.message


def test_letters_without_a_fact_that_their_format_prints(published: Home, tmp_path: Path) -> None:
    undated = make_letters(6, first=8, decision_date=None)
    stopped = read_and_stop(published.context, write_letters(tmp_path / "new", [*make_letters(2), *undated]))
    assert stopped.suites == {"batch_letters"}
    assert stopped.names("CM17-0600009", "states its decision_date", "6 of 8 rows that break it")
    assert "CM17-0600001" not in stopped.message


def test_one_letter_with_many_decisions_is_no_drift(with_history: Home, tmp_path: Path) -> None:
    long = tuple(replace(LETTER.decisions[0], treatment=f"Belt {n}", outcome="Overturned") for n in range(59))
    letters = [*make_letters(30), change_letter("CM17-0600099", decisions=long)]
    with_history.read("long", write_letters(tmp_path / "new", letters))
    assert steps.gate_batch(with_history.context, "long") > 0


@pytest.fixture
def with_history(published: Home) -> Home:
    """A home whose letters were loaded in six loads of similar outcomes."""
    version = published.context.versions.require_current()
    dealt = published.query(
        "SELECT letter_id, row_number() OVER (ORDER BY avg((outcome = 'upheld')::INT), letter_id) % 6 AS load "
        "FROM raw.decisions GROUP BY letter_id"
    )
    values = ", ".join(f"('{row['letter_id']}', {row['load']})" for row in dealt)
    numbers = f"(VALUES {values}) AS dealt (id, load)"
    for table in ("letters", "decisions"):
        rows = f"SELECT rows.* REPLACE (load AS load_number) FROM rows INNER JOIN {numbers} ON letter_id = id"
        change_raw_rows(version, table, rows)
    version.marts.chmod(0o600)
    with duckdb.connect(str(version.marts)) as connection:
        for table, key in (("dim_letters", "letter_id"), ("fct_intake", "file_sha256")):
            connection.execute(f"UPDATE {table} SET load_number = load FROM {numbers} WHERE {key} = id")
    return published


def test_drift_stops_the_load_until_it_is_accepted(with_history: Home, tmp_path: Path) -> None:
    context = with_history.context
    stopped = read_and_stop(context, write_letters(tmp_path / "new", make_letters(40, outcome="Overturned")))
    assert stopped.suites == {"batch_drift_decisions"}
    assert stopped.names("CM17-0600001", "40 of 40 rows that break it (100.0%)", "Last 6 loads (26 letters)")
    assert stopped.names("trigger again with accept_drift")
    assert "and 30 more" in stopped.message
    assert stopped.report.gates["gate_batch"]["accept_drift"] is False
    assert "was started with accept_drift" not in stopped.page

    assert steps.gate_batch(context, "poisoned", accept_drift=True) > 0
    report = steps.report(context, "poisoned")
    gate = report.gates["gate_batch"]
    (accepted,) = [f for f in gate["failures"] if f["accepted"]]
    assert (accepted["suite"], accepted["severity"]) == ("batch_drift_decisions", "warn")
    assert gate["accept_drift"] is True
    page = context.open_run("poisoned").report.read_text("utf-8")
    for text in (format_text(report), page):
        assert "warn, accepted by the run's parameter" in re.sub("<[^>]+>", "", html.unescape(text))
        assert "CM17-0600001" in text
    assert "The run was started with accept_drift" in page


def test_without_enough_history_drift_is_not_checked(published: Home, tmp_path: Path) -> None:
    published.read("again", write_letters(tmp_path / "new", make_letters(6, outcome="Overturned")))
    steps.gate_batch(published.context, "again")
    remarks = steps.report(published.context, "again").gates["gate_batch"]["remarks"]
    assert any("not enough history" in remark for remark in remarks)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Blocks every connection and name lookup, and lists the attempts."""
    tried: list[object] = []

    def block(*arguments: object) -> None:
        tried.append(arguments[-1])
        raise OSError("this test allows no connection")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, block)
    monkeypatch.setattr(socket, "getaddrinfo", block)
    return tried


def test_a_gate_opens_no_connection(published: Home, tmp_path: Path, connections: list[object]) -> None:
    shutil.rmtree(published.settings.gx_home, ignore_errors=True)
    folder = write_letters(tmp_path / "new", make_letters(3, outcome="Remanded"))
    assert read_and_stop(published.context, folder).suites == {"batch_files"}
    assert connections == []
    assert "analytics_enabled: false" in (published.settings.gx_home / "gx" / "great_expectations.yml").read_text()
