"""Processes by an identity that outlives a reused pid and a stepped clock."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

POLL_SECONDS = 0.1
TOLERANCE_SECONDS = 0.05


@dataclass(frozen=True)
class ProcessId:
    """A pid and the moment that process started."""

    pid: int
    started: float


def identify(process: psutil.Process) -> ProcessId:
    """Return a process's identity. Raises psutil.NoSuchProcess if it has ended."""
    return ProcessId(process.pid, round(_started(process), 2))


def find(identity: ProcessId) -> psutil.Process | None:
    """Return the living process of that identity; None if it ended, even if its pid is now another's."""
    try:
        process = psutil.Process(identity.pid)
        same = abs(_started(process) - identity.started) <= TOLERANCE_SECONDS
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def family(process: psutil.Process) -> set[ProcessId]:
    """Return the identities of all living descendants."""
    members = _children(process, recursive=True)
    return {identity for member in members if (identity := _identity(member))}


def descendants(process: psutil.Process, from_depth: int) -> list[ProcessId]:
    """Return the living descendants from a depth on (children are depth 1), parents before their children."""
    found: list[ProcessId] = []
    level, depth = [process], 0
    while level:
        depth += 1
        level = [child for parent in level for child in _children(parent)]
        if depth >= from_depth:
            found += [identity for child in level if (identity := _identity(child))]
    return found


def session(session_id: int) -> set[ProcessId]:
    """Return the identities of a session's processes."""
    found = set()
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session_id:
                found.add(identify(process))
        except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            continue
    return found


def send(identities: Iterable[ProcessId], number: signal.Signals) -> None:
    """Send a signal to those that still live."""
    for identity in identities:
        process = find(identity)
        if process is not None:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue


def wait_for_end(identities: Iterable[ProcessId], seconds: float) -> set[ProcessId]:
    """Wait until all have ended, at most so long, and return those still alive."""
    deadline = time.monotonic() + seconds
    alive = {identity for identity in identities if find(identity)}
    while alive and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        alive = {identity for identity in alive if find(identity)}
    return alive


def end(identities: Iterable[ProcessId], seconds: float) -> set[ProcessId]:
    """TERM, wait at most so long, KILL what is left, and return what survived even that (normally nothing)."""
    members = set(identities)
    send(members, signal.SIGTERM)
    left = wait_for_end(members, seconds)
    send(left, signal.SIGKILL)
    return wait_for_end(left, 5)


def kill_in_order(identities: Iterable[ProcessId]) -> None:
    """KILL all in the order given, each stopped first: none sees another's end, and none starts a new one."""
    members = list(identities)
    send(members, signal.SIGSTOP)
    send(members, signal.SIGKILL)


def kill_tree(pid: int) -> None:
    """KILL a process and all its descendants at once."""
    try:
        root = psutil.Process(pid)
        root.suspend()  # a stopped parent makes no more children
        kill_in_order([identify(root), *descendants(root, from_depth=1)])
    except psutil.NoSuchProcess:
        return


def _children(process: psutil.Process, recursive: bool = False) -> list[psutil.Process]:
    try:
        return process.children(recursive=recursive)
    except psutil.NoSuchProcess:
        return []


def _identity(process: psutil.Process) -> ProcessId | None:
    try:
        return identify(process)
    except psutil.NoSuchProcess:  # it ended between the list and the look
        return None


def _started(process: psutil.Process) -> float:
    # Linux counts from boot, psutil adds the boot's wall time, which moves when the clock is set (a resumed
    # virtual machine): take it off again. macOS stores the wall time itself.
    if sys.platform == "linux":
        return process.create_time() - psutil.boot_time()
    return process.create_time()
