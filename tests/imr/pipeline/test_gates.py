"""Faulty batches through the real steps: a gate stops each and names its letters; what is published stays."""

from __future__ import annotations

import html
import json
import re
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
from imr.pipeline import steps
from imr.reporting.report import as_text
from imr.settings import Settings
from tests.extract import hostile
from tests.imr.conftest import House
from tests.imr.pipeline.test_reparse import change_rows
from tests.support.letters import SampleLetter, draw_letter, named_letters
from warehouse.hashing import hash_file
from warehouse.intake import reviews

LETTER = named_letters()["CM16-0300001"]


@dataclass(frozen=True)
class Stopped:
    """The error of a stopped load, the suites that stopped it, and its report."""

    message: str
    suites: set[str]
    report: dict[str, Any]
    page: str

    def names(self, *texts: str) -> bool:
        """Whether the message, the report and its page all contain each of these."""
        places = (self.message, json.dumps(self.report["gates"]), self.page)
        return all(text in place for text in texts for place in places)


def write_letters(folder: Path, letters: Sequence[SampleLetter]) -> Path:
    """Draw letters into a folder, each named after its case."""
    folder.mkdir(parents=True, exist_ok=True)
    for letter in letters:
        (folder / f"{letter.case_number}.pdf").write_bytes(draw_letter(letter))
    return folder


def letters(count: int, first: int = 1, outcome: str = "Upheld", **facts: Any) -> list[SampleLetter]:
    decided = tuple(replace(d, outcome=outcome) for d in LETTER.decisions)
    return [replace(LETTER, case_number=f"CM17-06{first + n:05}", decisions=decided, **facts) for n in range(count)]


def stop_at_gate_batch(
    house: House, folder: Path, settings: Settings | None = None, *, accept_drift: bool = False
) -> Stopped:
    """Run a load of a folder up to its first gate, which must stop it, and report it."""
    settings = settings or house.settings
    for first in steps.scan(settings, "faulty", folder):
        steps.extract(settings, "faulty", first)
    with pytest.raises(GateError) as error:
        steps.gate_batch(settings, "faulty", accept_drift=accept_drift)
    return report_stopped(house, error.value)


def report_stopped(house: House, error: GateError) -> Stopped:
    report = steps.report(house.settings, "faulty")
    page = steps.open_run(house.settings, "faulty").report.read_text("utf-8")
    assert report["verdict"] == f"stopped at gate_{error.result.gate}; version 1 stays published"
    assert steps.store(house.settings).require_current().number == 1
    assert error.result.data_docs.exists()
    return Stopped(str(error), {f.suite for f in error.result.failures if f.blocks}, report, page)


def test_files_that_crash_their_reader(loaded: House, tmp_path: Path) -> None:
    folder = write_letters(tmp_path / "inbox", letters(3))
    for levels in (30, 31, 32, 33):
        (folder / f"killer {levels}.pdf").write_bytes(hostile.a_fan_out_of_forms(levels))
    settings = Settings(home=loaded.home, fast_seconds=4, reference_seconds=4, worker_memory_mb=450)
    stopped = stop_at_gate_batch(loaded, folder, settings)
    assert stopped.suites == {"batch_files"}
    assert stopped.names("killer 30.pdf", "killer 33.pdf", "Few files crashed their reader")
    assert f"imr show '{folder}/killer 30.pdf'" in stopped.message
    assert "CM17-0600001.pdf" not in stopped.message


def test_faulty_letters_are_named_and_no_other_letter(loaded: House, tmp_path: Path, refused: list[object]) -> None:
    """A date in the future, an unknown outcome, a telephone number as a specialty; all without network access."""
    shutil.rmtree(loaded.settings.gx_home)
    faulty = [
        *letters(1, first=7, decision_date=date(2117, 1, 12)),
        *letters(1, first=8, outcome="Remanded"),
        *letters(1, first=9, specialties=("Internal Medicine (555-010-4477)",)),
    ]
    stopped = stop_at_gate_batch(loaded, write_letters(tmp_path / "inbox", [*letters(2), *faulty]))
    assert stopped.suites == {"batch_letters", "batch_decisions"}
    assert stopped.names("CM17-0600007", "decision_date = 2117-01-12", "Each decision_date is between")
    assert stopped.names("CM17-0600008", "outcome = Remanded", "page 1")
    assert stopped.names("CM17-0600009", "phone number")
    assert "4477" not in stopped.message + stopped.page, "a message holds the kind of identifier, not its value"
    assert "CM17-0600001" not in stopped.message
    assert refused == []
    assert "analytics_enabled: false" in (loaded.settings.gx_home / "gx" / "great_expectations.yml").read_text()
    query = "SELECT outcome FROM decisions WHERE outcome = 'Remanded'"
    assert run_sql(loaded, "--run", "faulty", query, "--format", "csv") == (0, "outcome\nRemanded\n")
    status, output = run_sql(loaded, "--run", "no such run", "FROM files")
    assert (status, "there is no run" in output) == (1, True)


def run_sql(house: House, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["sql", *arguments], env={"IMR_HOME": str(house.home)})
    return result.exit_code, result.output


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Refuse every connection and address lookup; return those that were tried."""
    tried: list[object] = []

    def refuse(*arguments: object) -> None:
        tried.append(arguments[-1])
        raise OSError("this test has no network")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return tried


def test_a_request_that_identifies_a_person_passes_if_a_person_has_released_the_letter(
    loaded: House, tmp_path: Path
) -> None:
    (decision,) = LETTER.decisions
    named = replace(decision, treatment="MRI of the lumbar spine, call (415) 555-0134")
    released = [replace(letter, decisions=(named,)) for letter in letters(2, first=8)]
    folder = write_letters(tmp_path / "inbox", [*letters(1), *released])
    for path in sorted(folder.glob("CM17-060000[89].pdf")):
        reviews.keep(loaded.settings.reviews, reviews.Review(hash_file(path), "release", None, "ann", datetime.now()))
    loaded.until_gate("faulty", folder)
    assert steps.gate_batch(loaded.settings, "faulty") > 0
    is_release = "released_by_person"
    change_rows(loaded.settings, "faulty", "flags", lambda row: None if row["code"] == is_release else row)
    with pytest.raises(GateError) as error:
        steps.gate_batch(loaded.settings, "faulty")
    stopped = report_stopped(loaded, error.value)
    assert stopped.suites == {"batch_decisions"}, "without the release the gate finds them"
    assert stopped.names("CM17-0600008", "CM17-0600009", "identity_kind = phone number")
    assert "0134" not in stopped.message + stopped.page


@pytest.fixture
def with_history(loaded: House) -> House:
    """The loaded house, its letters spread over six loads with similar outcomes."""
    full = steps.store(loaded.settings).require_current().full
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


def test_drift_stops_a_load_and_only_drift_can_be_accepted(with_history: House, tmp_path: Path) -> None:
    folder = write_letters(tmp_path / "inbox", letters(40, outcome="Overturned"))
    stopped = stop_at_gate_batch(with_history, folder)
    assert stopped.suites == {"batch_drift_decisions"}
    assert stopped.names("CM17-0600001", "40 of 40 rows that break it (100.0%)", "Last 6 loads (26 letters)")
    assert stopped.names("trigger again with accept_drift")
    assert "and 30 more" in stopped.message
    assert stopped.report["gates"]["gate_batch"]["accept_drift"] is False
    assert "was started with accept_drift" not in stopped.page

    assert steps.gate_batch(with_history.settings, "faulty", accept_drift=True) > 0
    report = steps.report(with_history.settings, "faulty")
    found = report["gates"]["gate_batch"]
    (accepted,) = [f for f in found["failures"] if f["accepted"]]
    assert (accepted["suite"], accepted["severity"]) == ("batch_drift_decisions", "warn")
    assert found["accept_drift"] is True
    page = steps.open_run(with_history.settings, "faulty").report.read_text("utf-8")
    for text in (as_text(report), page):
        assert "warn, accepted by the run's parameter" in re.sub("<[^>]+>", "", html.unescape(text))
        assert "CM17-0600001" in text
    assert "The run was started with accept_drift" in page

    future = letters(1, first=90, outcome="Overturned", decision_date=date(2117, 1, 12))
    write_letters(folder, [*future, *letters(1, 91, "Remanded")])
    stopped = stop_at_gate_batch(with_history, folder, accept_drift=True)
    assert stopped.suites == {"batch_letters", "batch_decisions"}
    assert stopped.names("CM17-0600090", "CM17-0600091")
    assert "warn, accepted by the run's parameter  batch_drift_decisions" in stopped.message


def test_a_batch_without_history_is_not_compared(loaded: House, tmp_path: Path) -> None:
    folder = write_letters(tmp_path / "inbox", letters(6, outcome="Overturned"))
    loaded.until_gate("first archive", folder)
    steps.gate_batch(loaded.settings, "first archive")
    report = steps.report(loaded.settings, "first archive")
    assert any("not enough history" in remark for remark in report["gates"]["gate_batch"]["remarks"])
