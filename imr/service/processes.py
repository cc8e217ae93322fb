"""Starts, finds and ends processes. `psutil.Process` never signals a process that has reused a pid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psutil

POLL_SECONDS = 0.1


def start_module(arguments: Sequence[str], log: Path, **options: Any) -> psutil.Popen:
    """Start `python -m ARGUMENTS` without input, its output appended to a log; `options` are those of Popen."""
    with log.open("ab") as output:
        return psutil.Popen(
            [sys.executable, "-m", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            umask=0o077,  # what a load writes is for its owner alone
            **options,
        )


def run_module(arguments: Sequence[str], log: Path, seconds: float, **options: Any) -> int | None:
    """Run `python -m ARGUMENTS` and return its exit status; None if it was killed after `seconds`.

    It is killed with its descendants, also when the caller is interrupted.
    """
    child = start_module(arguments, log, **options)
    try:
        return int(child.wait(seconds))
    except psutil.TimeoutExpired:
        return None
    finally:
        if child.poll() is None:
            child.suspend()  # it starts no more processes
            kill([child, *find_descendants(child)])  # a hung process ignores SIGTERM
            child.wait()


def is_alive(process: psutil.Process) -> bool:
    """Return whether a process has not ended; a zombie has."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def find_session(session_id: int) -> list[psutil.Process]:
    """Return the living processes of a session, with those of their descendants that have left it."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session_id and is_alive(process):
                found |= {member.pid: member for member in [process, *find_descendants(process)]}
        except (ProcessLookupError, PermissionError):
            continue
    return list(found.values())


def find_descendants(process: psutil.Process) -> list[psutil.Process]:
    """Return the living descendants of a process, each after its parent."""
    try:
        return [child for child in process.children(recursive=True) if is_alive(child)]
    except psutil.NoSuchProcess:
        return []


def send_signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to each process that has not ended."""
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def kill(processes: Sequence[psutil.Process]) -> None:
    """Kill processes, each stopped first: none can react to the end of another or start a new one."""
    send_signal(processes, signal.SIGSTOP)
    send_signal(processes, signal.SIGKILL)


def wait_for_end(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until all processes have ended or the time is over; return those still alive."""
    deadline = time.monotonic() + seconds
    while alive := [process for process in processes if is_alive(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(POLL_SECONDS)
    return alive


def end(processes: Sequence[psutil.Process], seconds: float) -> None:
    """Send SIGTERM, wait, and kill the processes that have not ended in time."""
    send_signal(processes, signal.SIGTERM)
    kill(wait_for_end(processes, seconds))
    wait_for_end(processes, 5)
