"""dbt on a warehouse file: what is kept between calls, and what is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from warehouse.build import dbt
from warehouse.build.dbt import Dbt


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt project of one model, in the place of ours, with our profile."""
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: small\nprofile: imr\n")
    (project / "profiles.yml").write_bytes((dbt.PROJECT / "profiles.yml").read_bytes())
    (project / "models" / "answers.sql").write_text("SELECT 41 AS answer")
    monkeypatch.setattr(dbt, "PROJECT", project)
    return project


def _built(folder: Path) -> int:
    file = folder / "imr.duckdb"
    result = Dbt(file, folder / "dbt").invoke("build")
    assert result.success, result.exception
    with duckdb.connect(str(file)) as connection:  # for writing: fails where dbt has left the file open
        row = connection.execute("SELECT answer FROM marts.answers").fetchone()
    assert row is not None
    return int(row[0])


def _kept(project: Path) -> list[Path]:
    return sorted(project.glob("target/parsed-*"))


def test_a_project_is_parsed_once_for_each_state_of_its_sources(project: Path, tmp_path: Path) -> None:
    assert _built(tmp_path / "first") == 41
    kept = _kept(project)
    assert len(kept) == 1
    assert _built(tmp_path / "second") == 41
    assert _kept(project) == kept
    assert not (tmp_path / "second" / "dbt" / "partial_parse.msgpack").exists(), "it was parsed again"
    (project / "models" / "answers.sql").write_text("SELECT 42 AS answer")
    assert _built(tmp_path / "second") == 42
    assert len(_kept(project)) == 1, "what was parsed of sources that are gone stays"


def test_a_project_that_cannot_be_parsed_says_so_and_keeps_nothing(project: Path, tmp_path: Path) -> None:
    (project / "models" / "answers.sql").write_text("SELECT * FROM {{ ref('nobody') }}")
    result = Dbt(tmp_path / "imr.duckdb", tmp_path / "dbt").invoke("build")
    assert not result.success
    assert "nobody" in str(result.exception)
    assert not _kept(project)


def test_what_dbt_writes_beside_its_sources_is_not_part_of_the_projects_hash(project: Path) -> None:
    before = dbt.project_hash()
    (project / "target").mkdir(exist_ok=True)
    (project / "target" / "compiled.sql").write_text("SELECT 1")
    assert dbt.project_hash() == before
    (project / "models" / "more.sql").write_text("SELECT 1")
    assert dbt.project_hash() != before


def test_our_project_is_parsed_without_a_warning(tmp_path: Path) -> None:
    """In a process of its own: dbt sums up the deprecations that a process has met with in any project."""
    where = {"project": dbt.PROJECT, "profiles": dbt.PROJECT}
    options = [str(part) for name, path in where.items() for part in (f"--{name}-dir", path)]
    options += ["--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")]
    parsed = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--warn-error", "parse", "--no-partial-parse", *options],
        env=os.environ | {"IMR_BUILD_FILE": str(tmp_path / "imr.duckdb"), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
    )
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr
