"""Client of an Airflow on loopback, as a logged-in user."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from imr.service.environment import LOOPBACK, USER


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], seconds: float, what: str, every: float = 0.5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not after {seconds:.0f} s")
        time.sleep(every)


class Api:
    """The REST API; logs in before the first call that needs it."""

    def __init__(self, url: str, password: Callable[[], str]) -> None:
        self.url = url.rstrip("/")
        self._password = password
        self._token: str | None = None
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback is never behind one

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the answer to a call. Raises `urllib.error.HTTPError`."""
        if self._token is None and not path.endswith("/health"):
            login = {"username": USER, "password": self._password()}
            self._token = self._send("POST", "/auth/token", login)["access_token"]
        return self._send(method, path, body)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - http on loopback
        with self._opener.open(request, timeout=30) as answer:
            return json.load(answer)

    def get(self, path: str) -> Any:
        """Return the answer, or `None` for status 404."""
        try:
            return self.call("GET", path)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 404:
                raise
            return None

    def trigger(self, dag_id: str, conf: Mapping[str, Any]) -> str:
        """Start a run of a DAG once its file is parsed; return the run's path."""
        wait_until(lambda: self.get(f"/api/v2/dags/{dag_id}"), 120, dag_id)
        self.call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})
        run = self.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": dict(conf)})
        return f"/api/v2/dags/{dag_id}/dagRuns/{run['dag_run_id']}"

    def state(self, run: str) -> str:
        """Return the state of a run, by its path."""
        return str(self.call("GET", run)["state"])
