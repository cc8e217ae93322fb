"""DAG runs without the service, in a real Airflow."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from imr.service import prepare_database, run_dag_once
from imr.settings import Settings
from tests.imr.service.conftest import find_processes, run_slow_dag
from tests.support.airflow_api import wait_until

pytestmark = pytest.mark.slow


def states_of_last_run(settings: Settings) -> list[tuple[str, str]]:
    """Return the state of the last DAG run and of each of its tasks."""
    with closing(sqlite3.connect(settings.airflow_home / "airflow.db")) as database:
        return database.execute(
            "SELECT dag_run.state, task_instance.state FROM dag_run JOIN task_instance USING (dag_id, run_id) "
            "WHERE dag_run.id = (SELECT max(id) FROM dag_run)"
        ).fetchall()


def test_one_run_succeeds(settings: Settings, dags: Path, capfd: pytest.CaptureFixture[str]) -> None:
    result = run_dag_once(settings, "good", {"word": "letter"}, dags_folder=dags)
    assert (result.status, result.errors) == (0, ())
    assert f"the word is letter in {settings.home}" in result.log.read_text()
    assert [file.name for file in result.log.parent.glob("run-good-*")] == [result.log.name]
    assert capfd.readouterr() == ("", "")


def test_one_run_fails_with_the_tasks_error(settings: Settings, dags: Path) -> None:
    result = run_dag_once(settings, "bad", {}, dags_folder=dags)
    assert result.status != 0
    assert result.errors == ("fetch: ValueError: the letter is torn\n  at page 2",)
    assert "cleaned anyway" in result.log.read_text()


def test_errors_of_retried_and_mapped_tasks(settings: Settings, dags: Path) -> None:
    result = run_dag_once(settings, "retried", {}, dags_folder=dags)
    assert result.status != 0
    assert result.errors == ("read[1]: ValueError: attempt 2",)


def test_a_failed_task_leaves_a_notice_that_a_person_can_read(settings: Settings, dags: Path) -> None:
    result = run_dag_once(settings, "notifying", {}, dags_folder=dags)
    assert result.status != 0
    (file,) = settings.notices.iterdir()  # once, though the run has a callback too
    notice = json.loads(file.read_text())
    assert notice["subject"] == "notifying failed at fetch"
    assert notice["what"] == "OSError: [Errno 28] No space left on device"
    assert notice["where"].items() >= {"DAG": "notifying", "task": "fetch"}.items()
    assert notice["where"]["run"]
    assert "Bring the storage back" in notice["todo"]
    assert "'The storage is gone'" in notice["links"]["runbook"]
    log = result.log.read_text()
    for text in ("notifying failed at fetch", "What to do: Bring the storage back", "'The storage is gone'"):
        assert text in log, "the channel `log` is the default"


def test_an_unknown_dag_is_named(settings: Settings, dags: Path) -> None:
    result = run_dag_once(settings, "nowhere", {}, dags_folder=dags)
    assert result.status != 0
    assert "Dag 'nowhere' could not be found" in result.errors[0]


def test_a_hung_run_is_killed(settings: Settings, dags: Path) -> None:
    result = run_dag_once(settings, "slow", {}, dags_folder=dags, seconds=14)
    assert result.timed_out
    assert "not done after 14 s" in result.errors[-1]
    assert find_processes(settings) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_is_recorded_as_failed(settings: Settings, dags: Path, number: signal.Signals) -> None:
    prepare_database(settings)
    failed = [("failed", "failed")]
    with run_slow_dag(settings, dags) as caller:
        prepare_database(settings)
        assert states_of_last_run(settings) == [("running", "running")], "a run that goes on is left as it is"
        if number == signal.SIGKILL:
            os.killpg(caller.pid, number)
        else:
            os.kill(caller.pid, number)  # not the child, which ends with it
        assert caller.wait(30) != 0
        if number != signal.SIGINT:  # the caller cannot clean up; the next start does
            wait_until(lambda: "run_dag" not in str(list_commands(settings)), 5, "the end of the run's process")
            assert states_of_last_run(settings) == [("running", "running")]
            # A zombie's other threads may still end, and hold its files so long.
            wait_until(lambda: prepare_database(settings) or states_of_last_run(settings) == failed, 5, "a failed run")
    assert states_of_last_run(settings) == failed, "else it would block the next run of the DAG"


def list_commands(settings: Settings) -> list[list[str]]:
    return [process.cmdline() for process in find_processes(settings)]


def test_a_dead_run_is_recorded_as_failed_while_another_one_lives(settings: Settings, dags: Path) -> None:
    prepare_database(settings)
    with run_slow_dag(settings, dags):
        with run_slow_dag(settings, dags):
            assert count_running(settings) == 2
        wait_until(lambda: prepare_database(settings) or count_running(settings) == 1, 5, "a failed run")
    wait_until(lambda: prepare_database(settings) or count_running(settings) == 0, 5, "a failed run")


def count_running(settings: Settings) -> int:
    with closing(sqlite3.connect(settings.airflow_home / "airflow.db")) as database:
        return int(database.execute("SELECT count(*) FROM dag_run WHERE state = 'running'").fetchone()[0])
