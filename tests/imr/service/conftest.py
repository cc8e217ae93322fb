"""A home for a real Airflow, with trial DAGs, in which no process may be left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from imr import service
from imr.settings import Settings
from tests.conftest import PROJECT
from tests.support.airflow_api import free_port, wait_until

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
from airflow.sdk import dag, task, teardown

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
RETRIED = """
from airflow.sdk import dag, get_current_context, task

@dag(dag_id="retried", schedule=None, default_args={"retries": 1, "retry_delay": 0})
def retried():
    @task
    def read(number):
        attempt = get_current_context()["ti"].try_number
        if number == 1 or (number == 2 and attempt == 1):
            raise ValueError(f"attempt {attempt}")
    read.expand(number=[0, 1, 2])

retried()
"""
NOTIFYING = """
from airflow.sdk import dag, task
from imr.airflow.notifiers import FailureNotifier

@dag(dag_id="notifying", schedule=None, on_failure_callback=FailureNotifier())
def notifying():
    @task(on_failure_callback=FailureNotifier())
    def fetch():
        raise OSError("[Errno 28] No space left on device")
    @task(on_failure_callback=FailureNotifier())
    def other():
        raise ValueError("fails as well")
    fetch() >> other()

notifying()
"""
SLOW = """
import subprocess
from airflow.sdk import dag, task

@dag(dag_id="slow", schedule=None, max_active_runs=1, is_paused_upon_creation=False)
def slow():
    @task
    def sleep():
        print("going to sleep", flush=True)
        subprocess.run(["sleep", "600"])
    sleep()

slow()
"""


RUN_SLOW = """
import sys
from pathlib import Path
from imr.service import run_dag_once
from imr.settings import Settings
run_dag_once(Settings(home=Path(sys.argv[1])), "slow", {}, dags_folder=Path(sys.argv[2]))
"""


@contextmanager
def run_slow_dag(settings: Settings, dags: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the slow DAG once in a process group of its own, until its task runs; kill the group at the end."""
    logs = settings.home / "logs"
    before = set(logs.glob("run-slow-*.log"))
    command = [sys.executable, "-c", RUN_SLOW, str(settings.home), str(dags)]
    caller = subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_until(
            lambda: any("going to sleep" in log.read_text() for log in set(logs.glob("run-slow-*.log")) - before),
            60,
            "a running task",
        )
        yield caller
    finally:
        with suppress(ProcessLookupError):
            os.killpg(caller.pid, signal.SIGKILL)
        caller.wait(30)


def find_processes(settings: Settings) -> list[psutil.Process]:
    """Return all living processes of an Airflow home, found without any record of the service.

    A process that sets its title overwrites its environment, so its working folder counts as well.
    """
    home = str(settings.airflow_home)
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.cwd() == home or process.environ().get("AIRFLOW_HOME") == home:
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all tests, because its database takes long to create. Its name has a blank on purpose."""
    return tmp_path_factory.mktemp("airflow") / "a home"


@pytest.fixture(scope="session")
def dags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dags")
    trials = {"good": GOOD, "bad": BAD, "retried": RETRIED, "notifying": NOTIFYING, "slow": SLOW}
    for name, text in trials.items():
        (folder / f"trial_{name}.py").write_text(text)
    return folder


@pytest.fixture
def settings(home: Path) -> Iterator[Settings]:
    settings = Settings(home=home, airflow_port=free_port())
    yield settings
    service.stop(settings)
    assert find_processes(settings) == []
