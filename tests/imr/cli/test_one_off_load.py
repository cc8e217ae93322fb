"""`imr run` through the real DAG: a hostile letter and a damaged file, a letter that a gate stops, a missing inbox."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from tests.support.airflow_api import wait_until
from tests.support.command import run_imr
from tests.support.drawn_letters import LETTER, change_letter, write_letter, write_poisoned
from tests.support.home import Home
from tests.support.letters import draw_letter, faults
from tests.support.sample_outcomes import LOADED, NAMES
from warehouse.files import lock_file
from warehouse.runs import run_files
from warehouse.runs.publish_lock import DagRun, PublishLock
from warehouse.runs.run import Run

CASE = "CM17-0700001"
TREATMENT = "Gym '); DROP TABLE raw.letters; -- {{ 7 * 7 }} {% for x in y %} ${HOME} <b>membership</b>"
SUMMARY = "A heron stood on the quiet pier while the worker carried tiles '); DELETE FROM raw.files; --"
RATIONALE = "The lighthouse keeper counts every wave before breakfast {{ config.secret }}"
FILE = "x'); DROP TABLE raw.files; --.pdf"
AUTHOR = "Dr. Zebulon Quagmire"
FIND = "SELECT 1 FROM {} AS t WHERE contains(t::VARCHAR, ?) LIMIT 1"


def load_inbox(home: Path, inbox: Path, status: int) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "imr", "run", "--inbox", inbox],
        env=os.environ | {"IMR_HOME": str(home), "IMR_QUIET_SECONDS": "0"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


def draw_hostile_letter() -> bytes:
    """Return a letter with SQL, templates and HTML in its texts, and an author in its metadata."""
    decision = {"treatment": TREATMENT, "rationale": f"{RATIONALE}. {LETTER.decisions[0].rationale}"}
    summary = f"{SUMMARY}. {LETTER.clinical_case_summary}"
    decisions = (replace(LETTER.decisions[0], **decision),)
    drawn = draw_letter(change_letter(CASE, decisions=decisions, clinical_case_summary=summary))
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(drawn)))
    writer.add_metadata({"/Author": AUTHOR, "/Title": f"Letter about {AUTHOR}", "/Creator": AUTHOR})
    signed = io.BytesIO()
    writer.write(signed)
    return signed.getvalue()


@dataclass(frozen=True)
class SecondLoad:
    """A home after its second load, and what the command printed."""

    home: Home
    stdout: str
    stderr: str

    @property
    def run(self) -> Run:
        (folder,) = self.home.settings.runs.glob("manual__*/")
        return self.home.context.open_run(folder.name)


@pytest.fixture(scope="module")
def second(_loaded_once: Home, tmp_path_factory: pytest.TempPathFactory) -> SecondLoad:
    """A load of the project's own inbox with a hostile letter and a damaged file."""
    home = Home(Path(shutil.copytree(_loaded_once.path, tmp_path_factory.mktemp("second") / "home", symlinks=True)))
    inbox = Path(home.settings.inbox)
    inbox.mkdir()
    (inbox / FILE).write_bytes(draw_hostile_letter())
    (inbox / "bad.pdf").write_bytes(faults.damaged((home.letters / "CM16-0300003.pdf").read_bytes()))
    done = load_inbox(home.path, inbox, status=0)
    return SecondLoad(home, done.stdout, done.stderr)


def test_a_damaged_file_is_quarantined_and_the_load_succeeds(second: SecondLoad) -> None:
    assert "published version 2" in second.stdout
    assert "quarantined                1   damaged 1" in second.stdout
    assert "archive                 done" in second.stderr
    assert not list(Path(second.home.settings.inbox).iterdir()), "the project's own inbox is emptied"


def test_text_of_a_letter_is_loaded_verbatim_and_never_executed(second: SecondLoad) -> None:
    (decision,) = second.home.query(f"FROM marts.fct_decisions WHERE case_number = '{CASE}'")
    assert decision["treatment_requested"] == TREATMENT
    (letter,) = second.home.query(f"FROM raw.letters WHERE case_number = '{CASE}'")
    assert letter["clinical_case_summary"].startswith(SUMMARY)
    assert letter["source_name"] == FILE
    for table, rows in (("letters", len(LOADED) + 1), ("files", len(NAMES) + 2)):
        assert len(second.home.query(f"FROM raw.{table}")) == rows


def test_what_a_run_writes_is_for_its_owner_alone(second: SecondLoad) -> None:
    written = [path for path in second.run.folder.rglob("*") if path.stat().st_mode & 0o077]
    assert written == []
    assert second.home.settings.runs.stat().st_mode & 0o077 == 0


def test_text_of_a_letter_is_escaped_in_the_report(second: SecondLoad) -> None:
    page = second.run.report.read_text()
    assert "&#39;); DROP TABLE" in page or "DROP TABLE" not in page
    assert "<b>" not in page


def test_free_text_of_a_letter_is_not_logged(second: SecondLoad) -> None:
    run = second.run
    files = [*run.folder.rglob("*.log"), *(run.folder / "steps").rglob("*.json"), *run.folder.glob("report.*")]
    files += (second.home.path / "logs").rglob("*.log")
    assert any("run-imr_daily_load" in f.name for f in files)
    assert {f.suffix for f in files} >= {".log", ".json", ".html"}
    for text in (second.stdout, second.stderr, *(f.read_text(errors="replace") for f in files)):
        assert "heron stood" not in text
        assert "lighthouse keeper" not in text


def test_the_author_in_the_metadata_of_a_pdf_is_not_read(second: SecondLoad) -> None:
    information = PdfReader(io.BytesIO(draw_hostile_letter())).metadata
    assert information
    assert information.author == AUTHOR
    with second.home.context.versions.require_current().contents.open() as connection:
        names = connection.execute(
            "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE schema_name IN ('raw', 'marts')"
        ).fetchall()
        found = {
            text: [name for (name,) in names if connection.execute(FIND.format(name), [text]).fetchall()]
            for text in ("heron stood", "Quagmire")
        }
    assert len(names) > 20
    assert "raw.letters" in found["heron stood"]
    assert found["Quagmire"] == []
    for table in ("letters", "files"):
        assert "Quagmire" not in str(run_files.read_table(second.run, table).to_pylist())


@pytest.mark.slow
def test_letters_that_break_a_rule_fail_the_run_and_are_named(tmp_path: Path) -> None:
    inbox = write_letter(tmp_path / "new", "good.pdf", "CM17-0600001").parent
    poisoned = write_poisoned(inbox)
    done = load_inbox(tmp_path / "home", inbox, status=1)
    assert "stopped at gate_batch; nothing is published" in done.stdout
    assert f"source_path {poisoned[0].name}, reason outcome_not_understood" in done.stdout
    assert "gate_batch              failed" in done.stderr
    assert "  load " not in done.stderr.split("gate_batch")[1], "no step runs after a failed gate"
    assert {p.name for p in inbox.iterdir()} == {"good.pdf", *(p.name for p in poisoned)}


def start_run(home: Path, inbox: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "imr", "run", "--inbox", inbox],
        env=os.environ | {"IMR_HOME": str(home), "IMR_QUIET_SECONDS": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_load_after_a_stopped_one_publishes(tmp_path: Path, number: signal.Signals) -> None:
    home, inbox = tmp_path / "home", write_letter(tmp_path / "new", "good.pdf", "CM17-0600001").parent
    with start_run(home, inbox) as stopped:
        wait_until(lambda: list(home.glob("runs/*/steps/transform.json")), 100, "dbt")
        os.killpg(stopped.pid, number)
        stopped.communicate(timeout=30)
    assert "published version 1" in load_inbox(home, inbox, status=0).stdout


@pytest.mark.slow
def test_a_run_says_for_whom_it_waits_and_waits_no_longer_than_that_one_lives(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", write_letter(tmp_path / "new", "good.pdf", "CM17-0600001").parent
    runs, alive = home / "runs", tmp_path / "alive"
    other = PublishLock(runs, alive)
    with lock_file(alive):
        assert other.acquire(Run(runs / "other")) is None
        with start_run(home, inbox) as waiting:
            assert waiting.stderr is not None
            line = next(line for line in waiting.stderr if "waiting" in line)
            assert line == "  waiting for run other, which is between its load and its publication\n"
            assert "publishing now: other" in run_imr(home, "status")
            # From now on it is a run of Airflow, which knows no such run; its owner, the service, lives on.
            assert other.acquire(Run(runs / "other"), DagRun("imr_daily_load", "other")) is None
            output, _ = waiting.communicate(timeout=200)
    assert waiting.returncode == 0
    assert "published version 1" in output


def test_a_missing_inbox_is_one_clear_line(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert run_imr(tmp_path, "run", "--inbox", missing, status=1) == f"Error: {missing}: no such folder\n"
