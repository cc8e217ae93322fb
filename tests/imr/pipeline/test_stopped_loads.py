"""Whenever and however a load is stopped, the next one goes through at once and every letter is there once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from imr.monitoring.status import make_status
from imr.monitoring.status_text import format_text
from imr.pipeline import steps
from tests.conftest import PROJECT
from tests.support.drawn_letters import write_letter
from tests.support.home import Home
from tests.support.letters import faults
from tests.support.stopped_load import STOPS
from warehouse.hashing import hash_file

pytestmark = pytest.mark.slow
CASES = ("CM17-0500001", "CM17-0500002")
MOMENTS = 3


def stop_load(home: Home, how: str, at: int) -> str:
    """Load the inbox in another process, stopped at a moment; return what it printed."""
    command = [sys.executable, "-m", "tests.support.stopped_load", home.path, how, str(at)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False).stdout


def load_next(home: Home) -> None:
    """Load what is in the inbox, as the next day's load does, with the lock that the stopped load may have left."""
    chunks = steps.scan(home.context, "next")
    for first in chunks:
        steps.extract(home.context, "next", first)
    if chunks:
        home.publish("next")
    steps.archive(home.context, "next")
    steps.report(home.context, "next")


@pytest.fixture
def waiting(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A home with two letters and a damaged file in its inbox, after a publication or before the first."""
    home: Home = request.getfixturevalue("published") if request.param == "published" else Home(tmp_path / "home")
    inbox = Path(home.settings.inbox)
    for case in CASES:
        letter = write_letter(inbox, f"{case}.pdf", case)
    (inbox / "bad.pdf").write_bytes(faults.damaged(letter.read_bytes()))
    return home


def copy_home(home: Home, name: str) -> Home:
    return Home(Path(shutil.copytree(home.path, home.path.with_name(name), symlinks=True)))


def cut_files(home: Home) -> None:
    """Empty every file of the runs, as if none had reached the disk, and cut the lock."""
    for file in home.settings.runs.rglob("*"):
        if file.is_file() and "first" not in file.parts:
            with file.open("r+b") as opened:
                opened.truncate(0)


def choose_moments(how: str, moments: int, *, is_first: bool) -> range:
    """Return when to stop: other moments for each way, and of a first load those around the publication."""
    if is_first:
        return range(moments - 44, moments - 23, 2)
    return range(1 + 3 * list(STOPS).index(how), moments, moments // MOMENTS)


@pytest.mark.parametrize(
    ("waiting", "how"), [*(("published", how) for how in STOPS), ("new", "killed")], indirect=["waiting"]
)
def test_a_load_after_a_stopped_one_goes_through_at_once(waiting: Home, how: str) -> None:
    undisturbed = copy_home(waiting, "undisturbed")
    moments = int(stop_load(undisturbed, how, 0))
    assert moments > 20
    for at in choose_moments(how, moments, is_first=waiting.context.current is None):
        home = copy_home(waiting, f"stopped at {at}")
        assert stop_load(home, how, at) == "", f"it was stopped at {at}"
        if how == "power cut":
            cut_files(home)
        format_text(make_status(home.context))
        load_next(home)
        new = "FROM raw.files WHERE source_path IN ('CM17-0500001.pdf', 'CM17-0500002.pdf', 'bad.pdf')"
        found = Counter(row["source_path"] for row in home.query(new))
        assert found == Counter([*(f"{case}.pdf" for case in CASES), "bad.pdf"]), f"stopped at {at}"
        assert not list(Path(home.settings.inbox).iterdir()), f"stopped at {at}"
        stored = [f for f in Path(home.settings.archive).rglob("*.pdf") if not f.name.startswith(".")]
        assert all(hash_file(f) == f.stem for f in stored), f"stopped at {at}"
        problems = make_status(home.context)["problems"]
        assert all(" quarantined as " in problem for problem in problems), f"stopped at {at}"
        shutil.rmtree(home.path)
