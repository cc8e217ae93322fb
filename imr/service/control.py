"""Starts and stops the Airflow service."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from imr.service.environment import (
    LOOPBACK,
    USER,
    admin_password,
    airflow_environment,
    airflow_home,
    base_url,
    log_folder,
    log_port,
)
from imr.service.errors import AirflowServiceError, log_tail
from imr.service.metadata_database import prepare_database
from imr.service.processes import end, find_session, kill, start_module, wait_for_end
from imr.settings import OWNER_LOCK, Settings
from warehouse.files import is_locked, lock_file, locked, read_json, write_json

START_SECONDS = 300.0
STOP_SECONDS = 40.0  # the supervisor takes at most 30
COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")


@dataclass(frozen=True)
class ServiceInfo:
    """Address and login of the running service."""

    url: str
    user: str
    password: str = field(repr=False)
    was_running: bool


@dataclass(frozen=True)
class _Record:
    """The service that was started last. The supervisor's pid is the session id of all its processes."""

    supervisor: int
    url: str


def start(settings: Settings, dags_folder: Path | None = None, seconds: float = START_SECONDS) -> ServiceInfo:
    """Start the service and return once it is healthy; if it already runs, return its login.

    Raises AirflowServiceError if a port is taken, if a part of Airflow is broken (with the end of its log), or if
    the service is not healthy in time. A failed start leaves no process behind.
    """
    prepare_database(settings)
    with locked(airflow_home(settings) / ".start.lock"):
        if running := status(settings):
            _wait_until_healthy(settings, seconds)
            return running
        stop(settings)  # processes of a killed supervisor
        _require_free_port(settings.airflow_port, "")
        _require_free_port(log_port(settings.airflow_port), " for task logs")
        try:
            _launch(settings, dags_folder)
            _wait_until_healthy(settings, seconds)
        except BaseException:
            stop(settings)
            raise
    return ServiceInfo(base_url(settings.airflow_port), USER, admin_password(settings), was_running=False)


def status(settings: Settings) -> ServiceInfo | None:
    """Return the login of the service, which may still be starting; None if it does not run."""
    record = _read_record(settings)
    if record is None or not is_locked(_service_lock(settings)):
        return None
    return ServiceInfo(record.url, USER, admin_password(settings), was_running=True)


def stop(settings: Settings) -> bool:
    """Stop every process of the service and return whether there was one.

    Raises AirflowServiceError if a process survives SIGKILL.
    """
    record = _read_record(settings)
    if record is None:
        return False
    was_running = is_locked(_service_lock(settings))
    if was_running:
        end([process for process in find_session(record.supervisor) if process.pid == record.supervisor], STOP_SECONDS)
    had_orphans = _kill_orphans(record.supervisor, airflow_home(settings))
    _record_path(settings).unlink(missing_ok=True)
    return was_running or had_orphans


def _record_path(settings: Settings) -> Path:
    return airflow_home(settings) / "service.json"


def _service_lock(settings: Settings) -> Path:
    """Return the lock that the supervisor holds while it is alive."""
    return airflow_home(settings) / ".service.lock"


def _read_record(settings: Settings) -> _Record | None:
    """Return the record of the last service; None if it was stopped."""
    content = read_json(_record_path(settings))
    return _Record(**content) if content else None


def _launch(settings: Settings, dags_folder: Path | None) -> None:
    logs = log_folder(settings)
    for old in logs.glob("airflow-*.log"):
        old.replace(old.with_suffix(".log.1"))
    arguments = [str(_record_path(settings)), str(logs), str(log_port(settings.airflow_port))]
    with lock_file(_service_lock(settings)) as lock:
        supervisor = start_module(
            ["imr.service.supervisor", *arguments],
            _supervisor_log(settings),
            env=airflow_environment(settings, dags_folder) | {OWNER_LOCK: str(_service_lock(settings))},
            cwd=airflow_home(settings),  # files that a task writes to its working folder stay out of the checkout
            start_new_session=True,
            pass_fds=[lock.fileno()],
        )
        # Without this record the supervisor stops again: no service runs that `stop` cannot find.
        record = _Record(supervisor.pid, base_url(settings.airflow_port))
        write_json(_record_path(settings), asdict(record))


def _supervisor_log(settings: Settings) -> Path:
    return log_folder(settings) / "airflow-supervisor.log"


def _wait_until_healthy(settings: Settings, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        service = status(settings)
        if service is None:
            log = _supervisor_log(settings)
            raise AirflowServiceError(f"Airflow did not start. See {log}\n{log_tail(log, lines=30)}")
        if _is_healthy(service.url):
            return
        time.sleep(0.5)
    raise AirflowServiceError(f"Airflow was not healthy after {seconds:.0f} s. See {log_folder(settings)}")


def _is_healthy(url: str) -> bool:
    """Return whether the API server reports all components as healthy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy for loopback
    try:
        with opener.open(f"{url}/api/v2/monitor/health", timeout=5) as answer:
            health = json.load(answer)
    except (OSError, ValueError):  # it does not listen yet, or does not answer in JSON yet
        return False
    return all((health.get(component) or {}).get("status") == "healthy" for component in COMPONENTS)


def _require_free_port(port: int, use: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # ignore TIME_WAIT, as the server does
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise AirflowServiceError(
                f"Port {port}{use} is taken by another program ({error.strerror}). "
                "Stop that one, or set IMR_AIRFLOW_PORT to another."
            ) from error


def _kill_orphans(session_id: int, home: Path) -> bool:
    """Kill the processes that a supervisor left in its session and return whether there were any."""
    found = False
    for _ in range(5):  # a process may have started another while it ended
        orphans = find_session(session_id)
        # If the service has no process left, another session may have its id.
        if not any(_works_in(process, home) for process in orphans):
            return found
        found = True
        kill(orphans)  # without SIGTERM: a task could take the end of its child for a result and go on
        wait_for_end(orphans, 5)
    raise AirflowServiceError(f"Airflow processes survived SIGKILL: {sorted(process.pid for process in orphans)}")


def _works_in(process: psutil.Process, home: Path) -> bool:
    try:
        return process.cwd() == str(home) or process.environ().get("AIRFLOW_HOME") == str(home)
    except psutil.Error:
        return False
