"""The messages in the runbook are those of real failures, word for word."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from expectations.gate import GateError
from imr.context import Context
from imr.pipeline import steps
from imr.reporting.runbook import find_chapter, format_error
from imr.settings import Settings
from tests.conftest import PROJECT
from tests.support.drawn_letters import write_letter, write_poisoned
from tests.support.home import Home, build_stand_in_marts
from warehouse.errors import WarehouseError

RUN = "scheduled__2026-11-24T13_00_00_00_00"
HOLD = """
import duckdb, sys
with duckdb.connect(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def read_message(heading: str) -> str:
    """Return the first block of a chapter of the runbook: the message."""
    chapter = (PROJECT / "docs" / "runbook.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```text\n(.*?)\n```", chapter, re.DOTALL)[0]


def mask(error: BaseException, home: Home) -> str:
    """Return an error as it is logged, with paths, process ids and times as in the runbook."""
    text = format_error(error).replace(str(home.path), "var").replace(str(home.path.resolve()), "var")
    text = re.sub(r"open: \S+ \(PID \d+\)", "open: /usr/bin/python3.11 (PID 4711)", text)
    text = re.sub(r"archive/\w\w/\w{64}", "archive/05/0534", text)
    text = re.sub(r"/\d{8}T\d{6}\.\d+Z/", "/20261124T194102.321836Z/", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def assert_documented(error: BaseException, home: Home, heading: str) -> None:
    """Assert that a chapter of the runbook shows the error, and that notices refer to that chapter."""
    assert mask(error, home) == read_message(heading)
    assert find_chapter(format_error(error)).heading == heading


@pytest.fixture
def inbox(published: Home) -> Path:
    """An inbox with one new letter."""
    return write_letter(published.path / "inbox", "good.pdf", "CM17-0500003").parent


def test_a_gate_that_stops_a_load(published: Home) -> None:
    write_poisoned(published.path / "inbox")
    published.read(RUN, published.path / "inbox")
    with pytest.raises(GateError) as stopped:
        steps.gate_batch(published.context, RUN)
    assert_documented(stopped.value, published, "A gate stopped the load")


def test_a_candidate_that_another_process_has_open(published: Home, inbox: Path) -> None:
    published.read(RUN, inbox)
    steps.load(published.context, RUN)
    build_stand_in_marts(published.context, RUN)
    marts = published.context.open_run(RUN).marts
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, marts], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WarehouseError, match=f"PID {holder.pid}") as failed:
            steps.publish(published.context, RUN)
        holder.communicate()
    assert_documented(failed.value, published, "Another process holds the warehouse")
    assert published.version == 1


def test_an_empty_mount_point_is_not_a_new_warehouse(published: Home, inbox: Path) -> None:
    warehouse = Path(str(published.settings.warehouse))
    shutil.move(warehouse, published.path / "unmounted")
    warehouse.mkdir()
    with pytest.raises(WarehouseError) as failed:
        steps.scan(published.context, RUN, inbox)
    assert_documented(failed.value, published, "The storage is gone")
    assert not list(warehouse.iterdir())


def test_a_lost_pointer_to_the_current_version(published: Home, inbox: Path) -> None:
    assert published.load_quickly("second", inbox) == 2
    (Path(str(published.settings.warehouse)) / "current").unlink()
    with pytest.raises(WarehouseError) as failed:
        steps.scan(published.context, RUN, inbox)
    assert_documented(failed.value, published, "The warehouse is damaged")


def test_a_stored_letter_with_other_bytes(published: Home, inbox: Path) -> None:
    published.load_quickly("second", inbox)
    published.context.versions.rollback()
    archive = Path(str(published.settings.archive))
    newest = max(archive.rglob("*.pdf"), key=lambda file: file.stat().st_mtime_ns)
    newest.write_bytes(b"")
    with pytest.raises(WarehouseError) as failed:
        steps.scan(published.context, RUN)
    assert_documented(failed.value, published, "A stored letter is damaged")
    write_letter(inbox, "good.pdf", "CM17-0500003")
    assert published.load_quickly("third", inbox) == 3, "a good copy mends it"
    assert newest.stat().st_size > 0


def test_a_missing_inbox_is_not_created(tmp_path: Path) -> None:
    missing = tmp_path / "mount" / "letters"
    with pytest.raises(WarehouseError) as failed:
        steps.scan(Context(Settings(home=tmp_path / "home", inbox=missing)), RUN)
    assert find_chapter(format_error(failed.value)).heading == "The storage is gone"
    assert not missing.exists()


def test_chapters_named_in_the_dags_exist() -> None:
    headings = set(re.findall(r"^## (.+)$", (PROJECT / "docs" / "runbook.md").read_text(), re.MULTILINE))
    named = {
        heading
        for file in (PROJECT / "dags").glob("imr_*.py")
        for line in file.read_text().splitlines()
        for heading in re.findall(r"runbook: \"([^\"]+)\"", line)
    }
    assert named
    assert named <= headings
