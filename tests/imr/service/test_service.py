"""Starts and stops a real Airflow service, and looks for processes that are left."""

from __future__ import annotations

import json
import socket
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from imr import service
from imr.service.environment import LOOPBACK
from imr.settings import Settings
from tests.imr.service.conftest import GOOD, find_processes, run_slow_dag
from tests.support.airflow_api import Api, wait_until

pytestmark = pytest.mark.slow


def find_supervisor(settings: Settings) -> psutil.Process:
    (supervisor,) = [p for p in find_processes(settings) if "imr.service.supervisor" in p.cmdline()]
    return supervisor


def assert_login_is_required(info: service.ServiceInfo) -> None:
    """Call the API without a password, with wrong ones and with a forged token."""
    calls: list[tuple[str, dict[str, str], dict[str, str] | None]] = [
        ("/api/v2/dags", {}, None),
        ("/api/v2/connections", {"Authorization": "Bearer made.up.token"}, None),
        ("/auth/token", {}, None),  # returns a token if everybody is an admin
        ("/auth/token", {}, {"username": info.user, "password": "admin"}),
        ("/auth/token", {}, {"username": info.user, "password": ""}),
        ("/auth/token", {}, {"username": "somebody", "password": info.password}),
    ]
    for path, headers, body in calls:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(info.url + path, data, headers | {"Content-Type": "application/json"})  # noqa: S310
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)  # noqa: S310
        assert refused.value.code in {400, 401, 403}
        refused.value.close()


def find_listening_addresses(settings: Settings) -> set[str]:
    """Return the addresses on which the processes of an Airflow home accept connections."""
    connections = [c for process in find_processes(settings) for c in process.net_connections(kind="inet")]
    return {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN}


def test_service_runs_a_dag_and_stops_without_orphans(settings: Settings, dags: Path) -> None:
    info = service.start(settings, dags)
    (dags / "trial_later.py").write_text(GOOD.replace('"good"', '"later"'))
    assert_login_is_required(info)
    assert find_listening_addresses(settings) == {LOOPBACK}

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
    again = service.start(settings, dags)
    assert again.was_running
    assert again.password == info.password
    assert service.stop(settings)
    assert find_processes(settings) == []
    assert service.status(settings) is None
    assert not service.stop(settings)
    with closing(sqlite3.connect(settings.airflow_home / "airflow.db")) as database:
        states = database.execute("SELECT state FROM task_instance WHERE task_id = 'sleep' AND run_id = ?", [slow_id])
        assert states.fetchall() == [("failed",)], "stopping is no success"


def test_a_killed_one_off_run_does_not_block_the_service(settings: Settings, dags: Path) -> None:
    info = service.start(settings, dags)
    api = Api(info.url, lambda: info.password)
    wait_until(lambda: api.get("/api/v2/dags/slow"), 60, "the DAG")
    with run_slow_dag(settings, dags):
        waiting = api.trigger("slow", {})
        assert api.get(waiting)["state"] == "queued"
    wait_until(lambda: api.get(waiting)["state"] == "running", 60, "the next run of the DAG")


def test_stop_cleans_up_after_a_killed_supervisor(settings: Settings, dags: Path) -> None:
    service.start(settings, dags)
    supervisor = find_supervisor(settings)
    supervisor.kill()
    wait_until(lambda: not supervisor.is_running() or supervisor.status() == psutil.STATUS_ZOMBIE, 5, "its end")
    assert find_processes(settings), "the parts live on: that is the case at hand"
    assert service.status(settings) is None
    assert service.stop(settings)
    assert find_processes(settings) == []


def test_a_broken_part_is_named_and_the_others_stopped(
    settings: Settings, dags: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.prepare_database(settings)
    monkeypatch.setenv("AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS", "no_such.config")
    with pytest.raises(service.AirflowServiceError, match="ended with status") as raised:
        service.start(settings, dags)
    assert "no_such" in str(raised.value), "the log's last lines are in the message"
    assert find_processes(settings) == []


def test_a_taken_port_is_named(settings: Settings, dags: Path) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, settings.airflow_port))
        other.listen()
        with pytest.raises(service.AirflowServiceError, match=f"Port {settings.airflow_port} is taken"):
            service.start(settings, dags)
