"""The supervisor with parts that start at once, in place of Airflow's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from imr.service.processes import find_session, kill
from tests.conftest import PROJECT
from tests.support.airflow_api import wait_until

pytestmark = pytest.mark.slow

WAITING = "import time; time.sleep(600)"
WITH_A_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WAITING!r}])"
SUPERVISE = f"""
import sys
from pathlib import Path
from imr.service import supervisor
from imr.settings import Settings
supervisor.BROKEN_SECONDS = 0
supervisor.MAX_LOG_BYTES = 1000
part = ["timeit", "-n1", "-r1"]
supervisor.PARTS = {{"scheduler": [*part, {WITH_A_CHILD!r}], "api-server": [*part, {WAITING!r}]}}
sys.exit(supervisor.Supervisor(Settings(home=Path(sys.argv[2])), Path(sys.argv[1]), Path(sys.argv[2]), 0).run())
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[psutil.Popen]:
    (tmp_path / "service.json").touch()
    process = psutil.Popen(
        [sys.executable, "-c", SUPERVISE, tmp_path / "service.json", tmp_path], cwd=PROJECT, start_new_session=True
    )
    wait_until(lambda: len(find_session(process.pid)) == 4, 20, "the supervisor, two parts and a child")
    yield process
    kill(find_session(process.pid))
    process.wait()


def find_scheduler(supervisor: psutil.Popen) -> psutil.Process | None:
    """Return the part that has a child."""
    return next((part for part in supervisor.children() if part.children()), None)


def test_a_part_that_ends_late_is_restarted_and_leaves_no_orphan(supervisor: psutil.Popen) -> None:
    part = find_scheduler(supervisor)
    assert part
    (child,) = part.children()
    others = {process.pid for process in find_session(supervisor.pid)} - {part.pid, child.pid}
    part.kill()
    wait_until(lambda: find_scheduler(supervisor), 20, "a new part with a child")
    left = {process.pid for process in find_session(supervisor.pid)}
    assert len(left) == 4
    assert others < left, "the other part runs on"
    assert not {part.pid, child.pid} & left


def test_a_log_that_grows_too_long_is_moved_to_one_old_file(supervisor: psutil.Popen, tmp_path: Path) -> None:
    log = tmp_path / "airflow-scheduler.log"
    with log.open("a") as file:
        file.write("x" * 1001)
    wait_until(lambda: log.stat().st_size == 0, 20, "an empty log")
    assert log.with_suffix(".log.1").stat().st_size == 1001


def test_the_supervisor_stops_all_when_its_record_is_removed(supervisor: psutil.Popen, tmp_path: Path) -> None:
    (tmp_path / "service.json").unlink()
    assert supervisor.wait(60) == 0
    assert find_session(supervisor.pid) == []
