"""dbt on a warehouse file: when it parses the project, what it reports and leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from warehouse.build import dbt
from warehouse.build.dbt import Dbt

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small dbt project in the place of ours, with our profile: a seed, a macro and a model that uses both."""
    project = tmp_path / "project"
    for name, text in {
        "dbt_project.yml": "name: small\nprofile: imr\n",
        "profiles.yml": (dbt.PROJECT / "profiles.yml").read_text("utf-8"),
        "models/answers.sql": "SELECT {{ answer() }} + number AS answer FROM {{ ref('numbers') }}",
        "macros/answer.sql": "{% macro answer() %}40{% endmacro %}",
        "seeds/numbers.csv": "number\n1\n",
    }.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    monkeypatch.setattr(dbt, "PROJECT", project)
    return project


def build(folder: Path) -> int:
    file = folder / "imr.duckdb"
    result = Dbt(file, folder / "marts.duckdb", folder / "dbt").invoke("build")
    assert result.success, result.exception
    with duckdb.connect(str(file), read_only=True) as connection:  # fails if dbt has left the file open
        row = connection.execute("SELECT answer FROM marts.answers").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    ("source", "text", "answer"),
    [
        ("models/answers.sql", "SELECT 42 AS answer", 42),
        ("macros/answer.sql", "{% macro answer() %}41{% endmacro %}", 42),
        ("seeds/numbers.csv", "number\n2\n", 42),
    ],
)
def test_a_project_is_parsed_again_only_if_a_source_changed(
    project: Path, tmp_path: Path, source: str, text: str, answer: int
) -> None:
    assert build(tmp_path / "first") == 41
    (state,) = project.glob("target/*/partial_parse.msgpack")
    parsed_at = state.stat().st_mtime_ns
    assert build(tmp_path / "second") == 41
    assert state.stat().st_mtime_ns == parsed_at
    (project / source).write_text(text)
    assert build(tmp_path / "second") == answer
    assert state.stat().st_mtime_ns > parsed_at


def test_a_parse_state_that_another_process_is_writing_is_ignored(project: Path, tmp_path: Path) -> None:
    assert build(tmp_path / "first") == 41
    (state,) = project.glob("target/*/partial_parse.msgpack")
    state.write_bytes(state.read_bytes()[:1000])
    assert build(tmp_path / "second") == 41


def test_a_project_that_cannot_be_parsed_gives_the_error(project: Path, tmp_path: Path) -> None:
    (project / "models" / "answers.sql").write_text("SELECT * FROM {{ ref('missing') }}")
    result = Dbt(tmp_path / "imr.duckdb", tmp_path / "marts.duckdb", tmp_path / "dbt").invoke("build")
    assert not result.success
    assert "missing" in str(result.exception)


def test_the_project_hash_covers_sources_and_not_what_dbt_writes(project: Path) -> None:
    before = dbt.project_hash()
    (project / "target").mkdir(exist_ok=True)
    (project / "target" / "compiled.sql").write_text("SELECT 1")
    assert dbt.project_hash() == before
    (project / "models" / "more.sql").write_text("SELECT 1")
    assert dbt.project_hash() != before


def test_our_project_is_parsed_without_a_warning(tmp_path: Path) -> None:
    """Uses a new process because dbt sums up the deprecations of all projects of a process."""
    options = ["--project-dir", str(dbt.PROJECT), "--profiles-dir", str(dbt.PROJECT)]
    options += ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
    parsed = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--warn-error", "parse", "--no-partial-parse", *options],
        env=os.environ | {"IMR_BUILD_FILE": "imr.duckdb", "IMR_MARTS_FILE": "marts.duckdb", "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
    )
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr
