"""Letters read by supervised worker processes: what hangs, crashes or eats memory costs that one letter."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

from extract.limits import Limits
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from extract.worker import SLOW

Outcome = LetterRecord | UnreadableError
_ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
"""A worker's first letter may take this much longer: the interpreter starts and imports."""


class _Worker:
    """One worker process, and the letter it is at."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        here, there = socket.socketpair()
        self.connection = Connection(here.detach())
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and module
            [sys.executable, "-m", "extract.worker", str(there.fileno())],
            pass_fds=[there.fileno()],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # libraries print what they think of a file
            stderr=subprocess.DEVNULL,
        )
        there.close()
        self.connection.send(limits)
        self._is_fresh = True
        self.index: int | None = None
        self.deadline = 0.0

    def begin(self, index: int, path: Path) -> None:
        """Hand a letter over."""
        self.index = index
        with suppress(BrokenPipeError):  # it was killed while idle: `answer` tells
            self.connection.send(path)
        self.deadline = time.monotonic() + self._limits.fast_seconds + (START_SECONDS if self._is_fresh else 0)
        self._is_fresh = False

    def answer(self) -> Outcome | None:
        """Return what the worker says of its letter; `None` while it goes on by the reference route."""
        try:
            said = self.connection.recv()
        except (EOFError, ConnectionResetError):
            return UnreadableError(Reason.CRASHED, self._death())
        if said == SLOW:
            self.deadline = time.monotonic() + self._limits.reference_seconds
            return None
        outcome: Outcome = said
        return outcome

    def _death(self) -> str:
        status = self._process.wait()
        died_of = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return f"its reader died: {died_of}"

    @property
    def is_alive(self) -> bool:
        """Whether the process can take another letter."""
        return self._process.poll() is None

    def end(self) -> None:
        """Kill the process, whatever it is at."""
        self._process.kill()
        self._process.wait()
        self.connection.close()


def read_letters(
    paths: Sequence[Path], limits: Limits | None = None, *, processes: int = 1
) -> Iterator[tuple[int, Outcome]]:
    """Yield (index in `paths`, letter record or why there is none) for every file, as each is done.

    Nothing in a file stops the others: a letter that hangs is `timed_out`, one whose reader dies is
    `crashed`, and a fresh worker goes on with the rest.
    """
    limits = limits or Limits()
    waiting = iter(enumerate(paths))
    workers: list[_Worker] = []
    try:
        while True:
            _hand_out(waiting, workers, limits, min(processes, len(paths)))
            busy = [w for w in workers if w.index is not None]
            if not busy:
                return
            yield from _collect(busy, workers)
    finally:
        for worker in workers:
            worker.end()


def _hand_out(waiting: Iterator[tuple[int, Path]], workers: list[_Worker], limits: Limits, processes: int) -> None:
    """Give every idle worker a letter, starting workers up to the number wanted."""
    while True:
        idle = next((w for w in workers if w.index is None), None)
        if idle is None and len(workers) >= processes:
            return
        letter = next(waiting, None)
        if letter is None:
            return
        if idle is None:
            idle = _Worker(limits)
            workers.append(idle)
        idle.begin(*letter)


def _collect(busy: list[_Worker], workers: list[_Worker]) -> Iterator[tuple[int, Outcome]]:
    """Wait for the first worker to say something or to run out of time; yield the letters that are done."""
    left = max(0.0, min(w.deadline for w in busy) - time.monotonic())
    spoke = set(wait([w.connection for w in busy], timeout=left))
    for worker in busy:
        index = worker.index
        outcome: Outcome | None = None
        if worker.connection in spoke:
            outcome = worker.answer()
        elif time.monotonic() >= worker.deadline:
            outcome = UnreadableError(Reason.TIMED_OUT, "reading it took too long")
        if outcome is None or index is None:
            continue
        worker.index = None
        if worker.connection not in spoke or not worker.is_alive:
            worker.end()
            workers.remove(worker)
        yield index, outcome
