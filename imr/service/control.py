"""The Airflow service: start, stop, and is it running."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from imr.service.environment import LOOPBACK, USER, admin_password, airflow_environment, base_url, log_port
from imr.service.errors import AirflowServiceError, log_tail
from imr.service.metadata_database import log_folder, prepare
from imr.service.processes import ProcessId, family, find, kill_in_order, send, session, wait_for_end
from imr.service.record import Record, read_record, record_path
from imr.settings import Settings
from warehouse.files import exclusive, owner_only_folder

START_SECONDS = 300.0
STOP_SECONDS = 40.0  # the supervisor itself takes at most some 25
PARTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")


@dataclass(frozen=True)
class ServiceInfo:
    """Where the running service is and how to log in."""

    url: str
    user: str
    password: str = field(repr=False)
    was_running: bool


def start(settings: Settings, dags_folder: Path | None = None, seconds: float = START_SECONDS) -> ServiceInfo:
    """Start the service and return once it is healthy; of one that runs already, return the login.

    Raises AirflowServiceError if the port is taken, if a part of Airflow is broken (with its log's last
    lines), or if it is not healthy in time. A failed start leaves no process.
    """
    prepare(settings)
    home = owner_only_folder(settings.airflow_home.resolve())
    with exclusive(home / ".start.lock"):
        if running := status(settings):
            _wait_until_healthy(settings, seconds)
            return running
        stop(settings)  # what a killed supervisor left
        _require_free_port(settings.airflow_port, "")
        _require_free_port(log_port(settings.airflow_port), " for task logs")
        healthy = False
        try:
            _launch(settings, home, dags_folder)
            _wait_until_healthy(settings, seconds)
            healthy = True
        finally:
            if not healthy:
                stop(settings)
    return ServiceInfo(base_url(settings.airflow_port), USER, admin_password(settings), was_running=False)


def status(settings: Settings) -> ServiceInfo | None:
    """Return the running service's login, or None. It may be still on its way up."""
    record = read_record(record_path(settings.airflow_home))
    if record is None or find(record.supervisor) is None:
        return None
    return ServiceInfo(record.url, USER, admin_password(settings), was_running=True)


def stop(settings: Settings) -> bool:
    """Stop the service with all its processes and return whether there was one.

    Signals only processes whose pid and start time are recorded, and their descendants. Raises
    AirflowServiceError if a process survives KILL.
    """
    path = record_path(settings.airflow_home)
    record = read_record(path)
    if record is None:
        return False
    was_alive = find(record.supervisor) is not None
    send([record.supervisor], signal.SIGTERM)
    send(wait_for_end([record.supervisor], STOP_SECONDS), signal.SIGKILL)
    wait_for_end([record.supervisor], 5)
    left = read_record(path)  # gone, if the supervisor ended by itself
    if left is not None:
        was_alive = _sweep(left) or was_alive
        path.unlink(missing_ok=True)
    return was_alive


def is_healthy(url: str) -> bool:
    """Ask the API server whether all four parts are up."""
    # Loopback is never asked for through a proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/api/v2/monitor/health", timeout=5) as answer:
            health = json.load(answer)
    except (OSError, ValueError):  # not yet listening, or not yet speaking JSON
        return False
    return all((health.get(part) or {}).get("status") == "healthy" for part in PARTS)


def _require_free_port(port: int, use: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: ignore TIME_WAIT
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise AirflowServiceError(
                f"Port {port}{use} is taken by another program ({error.strerror}). "
                "Stop that one, or set IMR_AIRFLOW_PORT to another."
            ) from error


def _launch(settings: Settings, home: Path, dags_folder: Path | None) -> None:
    logs = log_folder(settings)
    for old in logs.glob("airflow-*.log"):
        old.replace(old.with_suffix(".log.1"))
    with (logs / "airflow-supervisor.log").open("ab") as output:
        subprocess.run(  # noqa: S603 - this interpreter, our own arguments
            [
                sys.executable,
                "-m",
                "imr.service.supervisor",
                str(record_path(home)),
                str(logs),
                str(settings.airflow_port),
            ],
            env=airflow_environment(settings, dags_folder),
            cwd=home,  # what a task drops in its working folder stays out of the checkout
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=30,
            check=True,
        )


def _wait_until_healthy(settings: Settings, seconds: float) -> None:
    path = record_path(settings.airflow_home)
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        record = read_record(path)
        if record is not None and record.gave_up:
            log = Path(record.gave_up_log or log_folder(settings))
            raise AirflowServiceError(f"Airflow did not start: {record.gave_up}. See {log}\n{log_tail(log)}")
        if record is not None and find(record.supervisor) and is_healthy(record.url):
            return
        if time.monotonic() - begun > 10 and (record is None or not find(record.supervisor)):
            raise AirflowServiceError(f"Airflow was stopped while it started. See {log_folder(settings)}")
        time.sleep(0.5)
    raise AirflowServiceError(f"Airflow was not healthy after {seconds:.0f} s. See {log_folder(settings)}")


def _sweep(record: Record) -> bool:
    """End what a killed supervisor left and return whether there was anything."""
    found = False
    for _ in range(5):  # one that is ending may still start another
        left = _left_of(record)
        if not left:
            return found
        found = True
        # At once, and not asked first: a task would take its own child's end for a result and go on.
        kill_in_order(left)
        wait_for_end(left, 5)
    raise AirflowServiceError(f"Processes of Airflow cannot be ended: {sorted(i.pid for i in _left_of(record))}")


def _left_of(record: Record) -> set[ProcessId]:
    """Return the recorded processes that live, their descendants, and their session's others."""
    alive = {identity: process for identity in record.processes if (process := find(identity))}
    left = set(alive)
    for process in alive.values():
        left |= family(process)
    # What started in the last two seconds is not in the record, but in the supervisor's session. The session
    # is proved to be that one by a recorded process in it: a number alone may be another's by now.
    if any(_session_of(identity) == record.supervisor.pid for identity in alive):
        left |= session(record.supervisor.pid)
    return {identity for identity in left if find(identity)}


def _session_of(identity: ProcessId) -> int | None:
    try:
        return os.getsid(identity.pid)
    except OSError:
        return None
