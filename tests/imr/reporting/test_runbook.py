"""The runbook shows what is printed: its failures that are cheap to cause are compared word for word."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from expectations.gate import GateError
from imr.pipeline import steps
from imr.reporting.runbook import find_chapter, format_error
from tests.conftest import PROJECT
from tests.imr.pipeline.test_steps import current, drop_letter
from tests.support.home import Home
from warehouse.errors import WarehouseError

RUN = "scheduled__2026-11-24T13_00_00_00_00"
HOLD = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True):
    print("held", flush=True)
    sys.stdin.read()
"""


def shown(heading: str) -> str:
    """Return the first block of a chapter of the runbook."""
    chapter = (PROJECT / "docs" / "runbook.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```text\n(.*?)\n```", chapter, re.DOTALL)[0]


def mask(error: BaseException, home: Home) -> str:
    """Return an error as it is logged, with what differs between homes replaced as in the runbook."""
    text = format_error(error).replace(str(home.path), "var").replace(str(home.path.resolve()), "var")
    text = re.sub(r"open: \S+ \(PID \d+\)", "open: /usr/bin/python3.11 (PID 4711)", text)
    text = re.sub(r"/\d{8}T\d{6}\.\d+Z/", "/20261124T194102.321836Z/", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def test_a_gate_that_stops_a_load(loaded: Home) -> None:
    inbox = drop_letter(loaded.path / "inbox", "CM17-0500002.pdf", "CM17-0500002", outcome="Remanded").parent
    loaded.read(RUN, inbox)
    with pytest.raises(GateError) as stopped:
        steps.gate_batch(loaded.context, RUN)
    assert mask(stopped.value, loaded) == shown("A gate stopped the load")
    assert find_chapter(format_error(stopped.value)).heading == "A gate stopped the load"


def test_a_candidate_that_is_open_elsewhere(loaded: Home) -> None:
    inbox = drop_letter(loaded.path / "inbox", "good.pdf", "CM17-0500003").parent
    loaded.read(RUN, inbox)
    steps.load(loaded.context, RUN)
    candidate = loaded.context.open_run(RUN).candidate
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, candidate], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WarehouseError) as failed:
            steps.build_marts(loaded.context, RUN)
        assert f"PID {holder.pid}" in str(failed.value)
        holder.communicate()
    assert mask(failed.value, loaded) == shown("Another process holds the warehouse")
    assert find_chapter(format_error(failed.value)).heading == "Another process holds the warehouse"
    assert current(loaded) == 1


def test_an_empty_mount_point_is_not_taken_for_a_new_warehouse(loaded: Home) -> None:
    warehouse = Path(str(loaded.settings.warehouse))
    shutil.move(warehouse, loaded.path / "unmounted")
    warehouse.mkdir()  # an empty mount point
    inbox = drop_letter(loaded.path / "inbox", "good.pdf", "CM17-0500003").parent
    with pytest.raises(WarehouseError) as failed:
        steps.scan(loaded.context, RUN, inbox)
    assert mask(failed.value, loaded) == shown("The storage is gone")
    assert find_chapter(format_error(failed.value)).heading == "The storage is gone"
    assert not list(warehouse.iterdir())


def test_a_missing_inbox_is_not_created(loaded: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = loaded.path / "mount" / "letters"
    monkeypatch.setenv("IMR_INBOX", str(elsewhere))
    with pytest.raises(WarehouseError) as failed:
        steps.scan(loaded.context, RUN)
    assert find_chapter(format_error(failed.value)).heading == "The storage is gone"
    assert not elsewhere.exists()


def test_every_manual_that_names_the_runbook_names_a_chapter_of_it() -> None:
    headings = set(re.findall(r"^## (.+)$", (PROJECT / "docs" / "runbook.md").read_text(), re.MULTILINE))
    named = {
        heading
        for file in (PROJECT / "dags").glob("imr_*.py")
        for line in file.read_text().splitlines()
        for heading in re.findall(r"runbook: \"([^\"]+)\"", line)
    }
    assert named
    assert named <= headings
