"""What a letter says is data: never SQL, a template or a log line; what a PDF says of its author is not read at all."""

from __future__ import annotations

import io
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pytest
from pypdf import PdfReader, PdfWriter

from tests.support.home import Home
from tests.support.letters import draw_letter, named_letters
from warehouse.query import query
from warehouse.runs import run_files
from warehouse.runs.run import Run

CASE = "CM17-0700001"
TREATMENT = "Gym '); DROP TABLE raw.letters; -- {{ 7 * 7 }} {% for x in y %} ${HOME} <b>membership</b>"
SUMMARY = "A heron stood on the quiet pier while the worker carried tiles '); DELETE FROM raw.files; --"
RATIONALE = "The lighthouse keeper counts every wave before breakfast {{ config.secret }}"
FILE = "x'); DROP TABLE raw.files; --.pdf"
AUTHOR = "Dr. Zebulon Quagmire"


@dataclass(frozen=True)
class Loaded:
    home: Home
    log: str
    """Everything that was logged at INFO or above while the letter was loaded."""


@pytest.fixture(scope="module")
def hostile(_loaded_once: Home, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """A home that has loaded, besides the samples, one letter that tries everything."""
    home = Home(tmp_path_factory.mktemp("safety") / "home")
    shutil.copytree(_loaded_once.home, home.path, symlinks=True)
    drop = home.path / "drop"
    drop.mkdir()
    (drop / FILE).write_bytes(letter())
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        assert home.load("hostile", drop) == 2
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return Loaded(home, written.getvalue())


def letter() -> bytes:
    like = named_letters()["CM16-0300001"]
    decision = replace(like.decisions[0], treatment=TREATMENT, rationale=f"{RATIONALE}. {like.decisions[0].rationale}")
    drawn = draw_letter(
        replace(
            like,
            case_number=CASE,
            clinical_case_summary=f"{SUMMARY}. {like.clinical_case_summary}",
            decisions=(decision,),
        )
    )
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(drawn)))
    writer.add_metadata({"/Author": AUTHOR, "/Title": f"Letter about {AUTHOR}", "/Creator": AUTHOR})
    signed = io.BytesIO()
    writer.write(signed)
    return signed.getvalue()


def texts(tables: Iterator[pa.Table]) -> str:
    return "\n".join(str(row) for table in tables for row in table.to_pylist())


def test_a_letters_text_arrives_word_for_word_and_is_never_run(hostile: Loaded) -> None:
    version = hostile.home.context.versions.require_current()
    decisions = query(version.marts, "SELECT case_number, treatment_requested FROM fct_decisions").to_pylist()
    (decision,) = [row for row in decisions if row["case_number"] == CASE]
    assert decision["treatment_requested"] == TREATMENT
    letters = query(version.full, "SELECT case_number, clinical_case_summary, source_name FROM raw.letters").to_pylist()
    (raw,) = [row for row in letters if row["case_number"] == CASE]
    assert raw["clinical_case_summary"].startswith(SUMMARY)
    assert raw["source_name"] == FILE
    (counted,) = query(
        version.full, "SELECT (SELECT count(*) FROM raw.letters) AS letters, (SELECT count(*) FROM raw.files) AS files"
    ).to_pylist()
    assert counted == {"letters": 27, "files": 32}


def test_a_letters_text_is_escaped_in_the_report(hostile: Loaded) -> None:
    page = hostile.home.context.open_run("hostile").report.read_text()
    assert "&lt;b&gt;" in page or "Gym" not in page
    assert "<b>" not in page


def test_nothing_of_a_letters_free_text_is_logged(hostile: Loaded) -> None:
    run = hostile.home.context.open_run("hostile")
    assert hostile.log, "something is logged at INFO"
    written = [*run.folder.rglob("*.log"), *(run.folder / "steps").rglob("*.json"), *run.folder.glob("report.*")]
    assert {f.suffix for f in written} >= {".log", ".json", ".html"}
    for told in (hostile.log, *(f.read_text(errors="replace") for f in written)):
        assert "heron stood" not in told
        assert "lighthouse keeper" not in told


def test_what_a_pdf_says_of_its_author_is_not_read(hostile: Loaded) -> None:
    information = PdfReader(io.BytesIO(letter())).metadata
    assert information
    assert information.author == AUTHOR
    version = hostile.home.context.versions.require_current()
    names = query(
        version.full, "SELECT schema_name || '.\"' || table_name || '\"' AS name FROM duckdb_tables()"
    ).to_pylist()
    assert len(names) > 20
    held = texts(query(version.full, f"FROM {row['name']}") for row in names)
    read = texts(run_files.read_table(Run(hostile.home.settings.runs / "hostile"), t) for t in ("letters", "files"))
    assert "heron stood" in held
    assert "Quagmire" not in held
    assert "Quagmire" not in read


def test_config_prints_no_secret(tmp_path: Path) -> None:
    secrets = {
        "AIRFLOW_CONN_CHAT": "https://hooks.example.org/s3cret",
        "AIRFLOW_CONN_MAIL": "smtp://user:s3cret@mail.example.org:587",
        "AWS_SECRET_ACCESS_KEY": "s3cret",
        "IMR_NOTIFY": "slack:chat smtp:mail:a@example.org",
    }
    told = config(tmp_path, secrets)
    assert told.returncode == 0
    assert "IMR_NOTIFY=slack:chat smtp:mail:a@example.org" in told.stdout
    assert "s3cret" not in told.stdout + told.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMR_NOTIFY", "slack:https://hooks.example.org/s3cret"),
        ("IMR_ARCHIVE", "s3://key:s3cret@bucket/archive"),
    ],
)
def test_a_secret_in_a_setting_is_refused_without_being_told(tmp_path: Path, name: str, value: str) -> None:
    told = config(tmp_path, {name: value})
    assert told.returncode == 1
    assert name in told.stderr
    assert "s3cret" not in told.stdout + told.stderr


def config(home: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "imr", "config"],
        env=os.environ | {"IMR_HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
