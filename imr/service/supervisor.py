"""Parent process of the service: `python -m imr.service.supervisor RECORD LOGS LOG_PORT`.

`airflow standalone` starts the same parts, but on SIGTERM it ends without its children, which go on sharing the
SQLite file. This process leads a session, so that every process of the service can be found by its session id.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sqlite3
import sys
import time
from pathlib import Path

import psutil

from imr.service.environment import LOOPBACK
from imr.service.errors import log_tail
from imr.service.metadata_database import fail_abandoned_runs
from imr.service.processes import end, find_descendants, find_session, kill, send_signal, start_module, wait_for_end
from imr.settings import Settings, load_settings

# Airflow's own log servers listen on every interface. One on loopback replaces them.
PARTS = {
    "api-server": ["airflow", "api-server"],
    "dag-processor": ["airflow", "dag-processor"],
    "scheduler": ["airflow", "scheduler", "--skip-serve-logs"],
    "triggerer": ["airflow", "triggerer", "--skip-serve-logs"],
    "log-server": ["uvicorn", "airflow.utils.serve_logs.log_server:get_app", "--factory", "--log-level=warning"],
}
TICK_SECONDS = 0.5
ABANDONED_SECONDS = 5.0
TASKS_END_SECONDS = 8.0
REPORT_SECONDS = 5.0
STOP_SECONDS = 10.0
BROKEN_SECONDS = 60.0  # a part that ends sooner after its start is not restarted
MAX_LOG_BYTES = 50_000_000

log = logging.getLogger(__name__)


class Supervisor:
    """The parts of Airflow and the loop that watches them."""

    def __init__(self, settings: Settings, record: Path, logs: Path, log_port: int) -> None:
        """Prepare the parts; `run` starts them."""
        self.settings = settings
        self.record = record
        self.logs = logs
        self.log_port = log_port
        self.parts: dict[str, psutil.Popen] = {}
        self.started: dict[str, float] = {}
        self.stopping = False

    def run(self) -> int:
        """Run the parts until a signal comes, the record is gone or a part is broken; return the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        for name in PARTS:
            self._start(name)
        healthy, checked = True, time.monotonic()
        while healthy and not self.stopping and self.record.exists():
            time.sleep(TICK_SECONDS)
            if time.monotonic() - checked > ABANDONED_SECONDS:
                self._fail_abandoned_runs()
                checked = time.monotonic()
            healthy = all(self._check(name) for name in PARTS)
        self._stop_all()
        return 0 if healthy else 1

    def _request_stop(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def _log_of(self, name: str) -> Path:
        return self.logs / f"airflow-{name}.log"

    def _start(self, name: str) -> None:
        address = [f"--host={LOOPBACK}", f"--port={self.log_port}"] if name == "log-server" else []
        self.parts[name] = start_module([*PARTS[name], *address], self._log_of(name))
        self.started[name] = time.monotonic()
        log.info("started %s as %d", name, self.parts[name].pid)

    def _check(self, name: str) -> bool:
        """Limit a part's log and restart the part if it has ended; return False if it is broken."""
        limit_log(self._log_of(name))
        code = self.parts[name].poll()
        if code is None:
            return True
        path = self._log_of(name)
        log.error("%s ended with status %d. See %s\n%s", name, code, path, log_tail(path))
        if time.monotonic() - self.started[name] < BROKEN_SECONDS:
            return False
        self._kill_orphans()
        self._start(name)
        return True

    def _fail_abandoned_runs(self) -> None:
        """Set one-off runs that were killed to failed, as they would keep the service's own loads waiting."""
        try:
            fail_abandoned_runs(self.settings, also_without_lock=False)
        except sqlite3.OperationalError as error:  # locked for long, or not yet created
            log.warning("abandoned one-off runs cannot be looked for: %s", error)

    def _session(self) -> list[psutil.Process]:
        return [process for process in find_session(os.getpid()) if process.pid != os.getpid()]

    def _kill_orphans(self) -> None:
        """Kill the tasks of a part that ended; its successor starts them again."""
        parts = [part for part in self.parts.values() if part.poll() is None]
        kept = {process.pid for part in parts for process in [part, *find_descendants(part)]}
        kill([process for process in self._session() if process.pid not in kept])

    def _find_tasks(self) -> list[psutil.Process]:
        """Return the processes below the scheduler's workers, each after its parent."""
        return [task for worker in find_descendants(self.parts["scheduler"]) for task in find_descendants(worker)]

    def _stop_all(self) -> None:
        """Let running tasks finish for a moment, kill them, then stop the parts.

        Tasks are killed before the API server stops, so that Airflow records them as failed. A task is killed
        before its own children: otherwise it could take the end of a child for a result and report success.
        """
        log.info("stopping")
        first = [part for name, part in self.parts.items() if name not in ("api-server", "log-server")]
        send_signal(first, signal.SIGTERM)
        scheduler = self.parts["scheduler"]
        if wait_for_end([scheduler], TASKS_END_SECONDS) and (tasks := self._find_tasks()):
            log.warning("killing running tasks: %s", [task.pid for task in tasks])
            kill(tasks)
            wait_for_end([scheduler], REPORT_SECONDS)
        end(self._session(), STOP_SECONDS)
        kill(self._session())  # started by others while they ended
        log.info("stopped")


def limit_log(path: Path) -> None:
    """Copy a log that is too long to one old file and empty it; its writer appends to it and need not reopen it."""
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        shutil.copyfile(path, path.with_suffix(".log.1"))
        os.truncate(path, 0)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    sys.exit(Supervisor(load_settings(), Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])).run())
