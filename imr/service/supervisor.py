"""The service's parent: `python -m imr.service.supervisor RECORD LOGS PORT` starts Airflow's parts and stays.

`airflow standalone` does the same, but dies of a TERM without its children, which go on sharing the SQLite
file. This one owns a session, adopts orphans, writes down every descendant, and leaves none behind.
"""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from imr.service.environment import LOOPBACK, base_url, log_port
from imr.service.processes import (
    ProcessId,
    descendants,
    end,
    family,
    find,
    identify,
    kill_in_order,
    send,
    wait_for_end,
)
from imr.service.record import Record

# Airflow's own log servers listen on every interface: one on loopback takes the place of both.
PARTS = {
    "api-server": ["airflow", "api-server"],
    "dag-processor": ["airflow", "dag-processor"],
    "scheduler": ["airflow", "scheduler", "--skip-serve-logs"],
    "triggerer": ["airflow", "triggerer", "--skip-serve-logs"],
    "log-server": ["uvicorn", "airflow.utils.serve_logs.log_server:get_app", "--factory", "--log-level=warning"],
}
PR_SET_CHILD_SUBREAPER = 36
TICK_SECONDS = 0.5
RECORD_SECONDS = 2.0
TASKS_END_SECONDS = 8.0
REPORT_SECONDS = 5.0
STOP_SECONDS = 20.0
SETTLED_SECONDS = 60.0  # a part that dies sooner is broken, not unlucky: no restart
MAX_LOG_BYTES = 50_000_000

log = logging.getLogger(__name__)


class Supervisor:
    """Airflow's parts and every process that comes of them."""

    def __init__(self, record_path: Path, logs: Path, port: int) -> None:
        """Make the record; `run` starts the parts."""
        self.path = record_path
        self.logs = logs
        self.me = psutil.Process()
        self.record = Record(identify(self.me), base_url(port))
        self.log_port = log_port(port)
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        self.started: dict[str, float] = {}
        self.stopping = False

    def run(self) -> int:
        """Start the parts, watch them until TERM or until one is broken, end all; return the exit status."""
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        self.record.save(self.path)
        for name in PARTS:
            self._launch(name)
        recorded = 0.0
        while not self.stopping and not self.record.gave_up:
            if time.monotonic() - recorded >= RECORD_SECONDS:
                self._note_descendants()
                recorded = time.monotonic()
            self._check_parts()
            time.sleep(TICK_SECONDS)
        self._end_all()
        if self.record.gave_up:
            self.record.save(self.path)
            return 1
        self.path.unlink(missing_ok=True)
        return 0

    def _on_stop(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def _launch(self, name: str) -> None:
        path = self.logs / f"airflow-{name}.log"
        more = [f"--host={LOOPBACK}", f"--port={self.log_port}"] if name == "log-server" else []
        with path.open("ab") as output:
            self.parts[name] = subprocess.Popen(  # noqa: S603 - this interpreter, fixed arguments
                [sys.executable, "-m", *PARTS[name], *more],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.started[name] = time.monotonic()
        log.info("started %s as %d", name, self.parts[name].pid)

    def _check_parts(self) -> None:
        """Restart a part that ended after long service; give up on one that ended young."""
        for name, part in self.parts.items():
            code = part.poll()
            if code is None:
                continue
            log.error("%s ended with status %d", name, code)
            if time.monotonic() - self.started[name] < SETTLED_SECONDS:
                self.record.gave_up = f"{name} ended with status {code}"
                self.record.gave_up_log = str(self.logs / f"airflow-{name}.log")
                return
            self._kill_strays()
            self._launch(name)

    def _kill_strays(self) -> None:
        """Kill what a dead part left: its successor would start the same tasks again beside the old ones."""
        kept = set()
        for part in self.parts.values():
            if part.poll() is None:
                process = psutil.Process(part.pid)
                kept |= {identify(process)} | family(process)
        kill_in_order(self._descendants() - kept)

    def _note_descendants(self) -> None:
        """Write down who is alive, reap adopted orphans, keep the logs within bounds."""
        known = {identity for identity in self.record.processes if find(identity)}
        now = known | family(self.me)
        if now != self.record.processes:
            self.record.processes = now
            self.record.save(self.path)
        own = {part.pid for part in self.parts.values()}
        for child in self.me.children():
            # The parts' own ends are read by `poll`; only adopted ones are reaped here.
            if child.pid not in own and child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)
        for name in self.parts:
            _bound(self.logs / f"airflow-{name}.log")

    def _end_all(self) -> None:
        """Let running tasks finish for a moment, kill them, end the parts, and KILL what is left.

        Tasks first, while the API server can still take down that they failed (or are to be retried). They
        are killed, parents before children: a task to which its own child's end looks like a result would
        otherwise go on and report success.
        """
        log.info("stopping")
        deadline = time.monotonic() + STOP_SECONDS
        parts = {name: identify(psutil.Process(part.pid)) for name, part in self.parts.items() if part.poll() is None}
        scheduler = {parts["scheduler"]} if "scheduler" in parts else set()
        send([parts[name] for name in parts if name not in ("api-server", "log-server")], signal.SIGTERM)
        if wait_for_end(scheduler, TASKS_END_SECONDS):
            tasks = self._tasks(parts)
            log.warning("killing what tasks still run: %s", [identity.pid for identity in tasks])
            kill_in_order(tasks)
            wait_for_end(scheduler, REPORT_SECONDS)
        survivors = end(self._descendants(), max(1.0, deadline - time.monotonic()))
        # What was started while the others were ending is found here: the subreaper has adopted it.
        while stragglers := self._descendants() - survivors:
            survivors |= end(stragglers, 1)
        log.info("stopped; %d processes could not be ended", len(survivors))

    def _tasks(self, parts: dict[str, ProcessId]) -> list[ProcessId]:
        """Return the running tasks' processes with all below them, parents first.

        Below the scheduler are the executor's workers, below these the tasks.
        """
        scheduler = find(parts["scheduler"]) if "scheduler" in parts else None
        return descendants(scheduler, from_depth=2) if scheduler else []

    def _descendants(self) -> set[ProcessId]:
        alive = {identity for identity in self.record.processes if find(identity)}
        return alive | {identity for identity in family(self.me) if find(identity)}


def _bound(path: Path) -> None:
    """Keep one old copy of a log that grew too long; its writer appends, so it may be cut under its hands."""
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        shutil.copyfile(path, path.with_suffix(".log.1"))
        os.truncate(path, 0)


def _adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends (Linux; elsewhere the record must do)."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            log.warning("cannot adopt orphans: %s", os.strerror(ctypes.get_errno()))


def main(arguments: list[str]) -> int:
    """Leave the caller's process group and session, then supervise until told to stop."""
    record_path, logs, port = arguments
    if os.fork():
        return 0  # the caller waits for this one only
    os.setsid()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    _adopt_orphans()
    return Supervisor(Path(record_path), Path(logs), int(port)).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
