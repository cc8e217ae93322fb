"""Starts and stops a real Airflow in a temporary home, and looks for processes left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from imr import service as airflow
from imr.service.environment import LOOPBACK
from imr.service.one_off_run import task_errors
from imr.service.processes import find
from imr.service.record import read_record, record_path
from imr.settings import Settings
from tests.airflow_api import Api, free_port, wait_until

GOOD = """
import logging
from airflow.sdk import dag, get_current_context, task

@dag(dag_id="good", schedule=None)
def good():
    @task(pool="warehouse_writer")
    def say():
        from imr.settings import load_settings

        word = get_current_context()["dag_run"].conf["word"]
        logging.getLogger("imr.trial").info("the word is %s in %s", word, load_settings().home)
    say()

good()
"""
BAD = """
from airflow.sdk import dag, setup, task, teardown

@dag(dag_id="bad", schedule=None)
def bad():
    @task
    def fetch():
        raise ValueError("the letter is torn\\n  at page 2")
    @teardown
    def clean():
        print("cleaned anyway")
    fetch() >> clean()

bad()
"""
TELLING = """
from airflow.sdk import dag, task
from imr.airflow.notifiers import FailureNotifier

@dag(dag_id="telling", schedule=None, on_failure_callback=FailureNotifier())
def telling():
    @task(on_failure_callback=FailureNotifier())
    def fetch():
        raise OSError("[Errno 28] No space left on device")
    @task(on_failure_callback=FailureNotifier())
    def other():
        raise ValueError("fails as well")
    fetch() >> other()

telling()
"""
SLOW = """
import subprocess
from airflow.sdk import dag, task

@dag(dag_id="slow", schedule=None)
def slow():
    @task
    def sleep():
        print("going to sleep", flush=True)
        subprocess.run(["sleep", "600"])
    sleep()

slow()
"""


def processes_of(settings: Settings) -> list[str]:
    """All living processes of that Airflow's home, found by what they are, not by any record.

    The working folder too, because a process that sets its title overwrites its environment.
    """
    home = settings.airflow_home
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.cwd() == str(home) or process.environ().get("AIRFLOW_HOME") == str(home):
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
        except psutil.Error:
            continue
    return found


def nobody_gets_in(info: airflow.ServiceInfo) -> bool:
    """Whether the API refuses whoever has no password, a wrong one, or a made-up token."""
    tries: list[tuple[str, dict[str, str], dict[str, str] | None]] = [
        ("/api/v2/dags", {}, None),
        ("/api/v2/connections", {"Authorization": "Bearer made.up.token"}, None),
        ("/auth/token", {}, None),  # would hand out a token if everybody were an admin
        ("/auth/token", {}, {"username": info.user, "password": "admin"}),
        ("/auth/token", {}, {"username": info.user, "password": ""}),
        ("/auth/token", {}, {"username": "somebody", "password": info.password}),
    ]
    answers = []
    for path, headers, body in tries:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(info.url + path, data, headers | {"Content-Type": "application/json"})  # noqa: S310
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)  # noqa: S310
        answers.append(refused.value.code)
        refused.value.close()
    return len(answers) == len(tries) and set(answers) <= {400, 401, 403}


def listening(settings: Settings) -> set[str]:
    """The addresses on which any process of that Airflow's home accepts connections."""
    addresses = set()
    for process in map(psutil.Process, pids_of(settings)):
        for connection in process.net_connections(kind="inet"):
            if connection.status == psutil.CONN_LISTEN:
                addresses.add(connection.laddr.ip)
    return addresses


def pids_of(settings: Settings) -> list[int]:
    return [int(told.split(" ")[0]) for told in processes_of(settings)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for the module: the database is made once. Its name has a blank on purpose."""
    return tmp_path_factory.mktemp("airflow") / "a home"


@pytest.fixture(scope="module")
def dags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dags")
    for name, text in {"good": GOOD, "bad": BAD, "slow": SLOW, "telling": TELLING}.items():
        (folder / f"trial_{name}.py").write_text(text)
    return folder


@pytest.fixture
def settings(home: Path) -> Iterator[Settings]:
    settings = Settings(home=home, airflow_port=free_port())
    yield settings
    airflow.stop(settings)
    assert processes_of(settings) == []


def test_environment_keeps_the_callers_and_hides_the_keys(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMETHING_ELSE", "kept")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    first = airflow.airflow_environment(settings)
    assert first["SOMETHING_ELSE"] == "kept"
    assert first["PYTHONPATH"].endswith(":/elsewhere")
    assert first["IMR_HOME"] == str(settings.home)
    assert str(settings.airflow_port) in first["AIRFLOW__API__BASE_URL"]
    assert first == airflow.airflow_environment(settings), "keys are made once"
    assert stat.S_IMODE(settings.airflow_home.stat().st_mode) == 0o700
    for path in settings.airflow_home.glob("[!.]*.json*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_one_run_succeeds(settings: Settings, dags: Path, capfd: pytest.CaptureFixture[str]) -> None:
    result = airflow.run_dag_once(settings, "good", {"word": "letter"}, dags_folder=dags)
    assert (result.status, result.errors) == (0, ())
    assert f"the word is letter in {settings.home}" in result.log.read_text()
    assert capfd.readouterr() == ("", "")


def test_one_run_fails_with_the_tasks_error(settings: Settings, dags: Path) -> None:
    result = airflow.run_dag_once(settings, "bad", {}, dags_folder=dags)
    assert result.status != 0
    assert result.errors == ("fetch: ValueError: the letter is torn\n  at page 2",)
    assert "cleaned anyway" in result.log.read_text()


def test_a_task_that_fails_leaves_a_notice_that_a_person_can_read(settings: Settings, dags: Path) -> None:
    result = airflow.run_dag_once(settings, "telling", {}, dags_folder=dags)
    assert result.status != 0
    (file,) = settings.notices.iterdir()  # once, though the run has a callback too
    notice = json.loads(file.read_text())
    assert notice["subject"] == "telling failed at fetch"
    assert notice["what"] == "OSError: [Errno 28] No space left on device"
    assert notice["where"].items() >= {"DAG": "telling", "task": "fetch"}.items()
    assert notice["where"]["run"]
    assert "Bring the storage back" in notice["todo"]
    assert "'The storage is gone'" in notice["links"]["runbook"]
    log = result.log.read_text()
    for told in ("telling failed at fetch", "What to do: Bring the storage back", "'The storage is gone'"):
        assert told in log, "the channel `log` is the default"


def test_a_dag_that_is_not_there_is_named(settings: Settings, dags: Path) -> None:
    result = airflow.run_dag_once(settings, "nowhere", {}, dags_folder=dags)
    assert result.status != 0
    assert "Dag 'nowhere' could not be found" in result.errors[0]


def test_a_hung_run_is_killed(settings: Settings, dags: Path) -> None:
    result = airflow.run_dag_once(settings, "slow", {}, dags_folder=dags, seconds=14)
    assert result.timed_out
    assert "not done after 14 s" in result.errors[-1]
    wait_until(lambda: not processes_of(settings), 5, "an end of all processes")


def test_service_runs_a_dag_and_stops_without_orphans(settings: Settings, dags: Path) -> None:
    info = airflow.start(settings, dags)
    (dags / "trial_later.py").write_text(GOOD.replace('"good"', '"later"'))
    assert nobody_gets_in(info)
    assert listening(settings) == {LOOPBACK}

    api = Api(info.url, lambda: info.password)
    run = api.trigger("good", {"word": "decision"})
    slow = api.trigger("slow", {})
    wait_until(lambda: api.get(run)["state"] in ("success", "failed"), 60, "the run")
    assert api.get(run)["state"] == "success"
    assert "the word is decision" in json.dumps(api.get(f"{run}/taskInstances/say/logs/1"))
    assert api.get("/api/v2/pools/warehouse_writer")["slots"] == 1
    wait_until(  # the log of a task that still runs
        lambda: "going to sleep" in json.dumps(api.get(f"{slow}/taskInstances/sleep/logs/1")), 30, "a line in the log"
    )
    wait_until(lambda: api.get("/api/v2/dags/later"), 60, "a DAG that came later")

    slow_id = slow.rpartition("/")[2]
    again = airflow.start(settings, dags)
    assert again.was_running
    assert again.password == info.password
    assert airflow.stop(settings)
    assert processes_of(settings) == []
    assert airflow.status(settings) is None
    assert not airflow.stop(settings)
    with closing(sqlite3.connect(settings.airflow_home / "airflow.db")) as database:
        states = database.execute("SELECT state FROM task_instance WHERE task_id = 'sleep' AND run_id = ?", [slow_id])
        assert states.fetchall() == [("failed",)], "stopping is no success"


def test_stop_cleans_up_after_a_killed_supervisor(settings: Settings, dags: Path) -> None:
    airflow.start(settings, dags)
    record = read_record(record_path(settings.airflow_home))
    assert record is not None
    os.kill(record.supervisor.pid, signal.SIGKILL)
    wait_until(lambda: find(record.supervisor) is None, 5, "an end of the supervisor")
    assert processes_of(settings), "the parts live on: that is the case at hand"
    assert airflow.status(settings) is None
    assert airflow.stop(settings)
    assert processes_of(settings) == []


def test_a_broken_part_is_named_and_the_others_stopped(
    settings: Settings, dags: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    airflow.prepare(settings)
    monkeypatch.setenv("AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS", "no_such.config")
    with pytest.raises(airflow.AirflowServiceError, match="ended with status") as raised:
        airflow.start(settings, dags)
    assert "no_such" in str(raised.value), "the log's last lines are in the message"
    assert processes_of(settings) == []


def test_a_taken_port_is_said(settings: Settings, dags: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.airflow_port))
        other.listen()
        with pytest.raises(airflow.AirflowServiceError, match=f"Port {settings.airflow_port} is taken"):
            airflow.start(settings, dags)


def test_errors_of_retried_and_mapped_tasks() -> None:
    stamp = "2030-01-01T00:00:00.000000Z [info     ] "
    begin = stamp + "[DAG TEST] starting task_id={} map_index={} [airflow.sdk.definitions.dag]"
    failed = [stamp + "Task failed with exception [task]", "Traceback (most recent call last):"]
    frame = ['  File "x.py", line 1, in f', "    g()", "    ^^^"]
    text = [begin.format("read", 3), *failed, *frame, "ValueError: first"]
    text += [begin.format("read", 3), *failed, *frame, "ValueError: second", "DagRun failed"]
    assert task_errors("\n".join(text)) == ["read[3]: ValueError: second"]
