"""`imr run` through the real DAG, where something is wrong with what was dropped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imr.pipeline.test_steps import drop_letter
from tests.support.home import Home
from tests.support.letters import faults


def imr(home: Home, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "imr", *arguments],
        env=os.environ | {"IMR_HOME": str(home.path)} | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def drop(loaded: Home) -> Path:
    return drop_letter(loaded.path / "drop", "good.pdf", "CM17-0600001").parent


def test_a_poisoned_letter_fails_the_run_and_is_named(loaded: Home, drop: Path) -> None:
    drop_letter(drop, "poisoned.pdf", "CM17-0600002", outcome="Remanded")
    done = imr(loaded, "run", "--drop", drop)
    assert done.returncode == 1
    assert "stopped at gate_batch; version 1 stays published" in done.stdout
    assert "CM17-0600002, source_name poisoned.pdf" in done.stdout
    assert "gate_batch              failed" in done.stderr
    assert "load" not in done.stderr.split("gate_batch")[1], "nothing runs after a gate that failed, but the report"
    assert loaded.context.versions.require_current().number == 1
    assert {p.name for p in drop.iterdir()} == {"good.pdf", "poisoned.pdf"}


def test_a_damaged_file_is_quarantined_and_the_run_goes_through(loaded: Home, drop: Path) -> None:
    (drop / "bad.pdf").write_bytes(faults.damaged((drop / "good.pdf").read_bytes()))
    done = imr(loaded, "run", "--drop", drop)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "published version 2" in done.stdout
    assert "quarantined                1   damaged 1" in done.stdout


def test_a_drop_folder_that_is_not_there_is_one_clear_line(loaded: Home) -> None:
    done = imr(loaded, "run", "--drop", loaded.path / "nowhere")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("nowhere is not there")
