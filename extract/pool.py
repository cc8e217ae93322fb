"""Letters read by supervised worker processes: what hangs, crashes or eats memory costs that one letter."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

from extract.limits import MIB, Limits
from extract.pdf_text import ocr
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from extract.worker import OCR, READY, SLOW

Outcome = LetterRecord | UnreadableError
Letter = tuple[int, Path]
_ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
"""What a worker may take to start, on a busy machine; its first letter's time counts from then."""
MAX_FAILED_STARTS = 3


class StartError(RuntimeError):
    """No worker process starts, so that no letter can be blamed."""


class _Worker:
    """One worker process, and the letter it is at."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._seconds = {READY: limits.fast_seconds, SLOW: limits.reference_seconds, OCR: limits.ocr_seconds}
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
        self.has_started = False
        self.letter: Letter | None = None
        self.deadline = 0.0

    def begin(self, letter: Letter) -> None:
        """Hand a letter over."""
        self.letter = letter
        with suppress(BrokenPipeError):  # it was killed this moment: `answer` tells
            self.connection.send(letter[1])
        self.deadline = time.monotonic() + (self._limits.fast_seconds if self.has_started else START_SECONDS)

    def answer(self) -> Outcome | None:
        """Return what the worker says of its letter; `None` while it goes on with it."""
        try:
            said = self.connection.recv()
        except (EOFError, OSError):  # the latter in the middle of an answer
            return UnreadableError(Reason.CRASHED, f"its reader died: {self._death()}")
        if not isinstance(said, str):
            outcome: Outcome = said
            return outcome
        self.has_started = True
        self.deadline = time.monotonic() + self._seconds[said]
        return None

    def _death(self) -> str:
        self._process.kill()  # if it only hung up
        status = self._process.wait()
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"

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
    `crashed`, and a fresh worker goes on with the rest. Raises `StartError` where no worker can be started, or
    scans are to be recognised and there is no program for it.
    """
    if limits and limits.ocr and ocr.installed() is None:
        raise StartError(
            "IMR_OCR is on, and tesseract is not there: install it (Debian: tesseract-ocr), or set IMR_OCR=false"
        )
    pool = _Pool(paths, limits or Limits(), min(processes, len(paths)))
    try:
        while pool.hand_out():
            yield from pool.collect()
    finally:
        pool.end()


class _Pool:
    """The letters that wait, and the workers that read the others."""

    def __init__(self, paths: Sequence[Path], limits: Limits, processes: int) -> None:
        self._waiting = deque(enumerate(paths))
        self._limits = limits
        self._processes = processes
        self._workers: list[_Worker] = []
        self._failed_starts = 0

    def hand_out(self) -> bool:
        """Give every idle worker a letter, starting workers up to the number wanted; whether any is busy."""
        for worker in [w for w in self._workers if w.letter is None and not w.is_alive]:
            self._drop(worker)
        while self._waiting:
            idle = next((w for w in self._workers if w.letter is None), None)
            if idle is None:
                if len(self._workers) >= self._processes:
                    break
                idle = _Worker(self._limits)
                self._workers.append(idle)
            idle.begin(self._waiting.popleft())
        return any(w.letter for w in self._workers)

    def collect(self) -> Iterator[tuple[int, Outcome]]:
        """Wait for the first worker to say something or to run out of time; yield the letters that are done."""
        busy = [w for w in self._workers if w.letter is not None]
        left = max(0.0, min(w.deadline for w in busy) - time.monotonic())
        spoke = set(wait([w.connection for w in busy], timeout=left))
        for worker in busy:
            outcome: Outcome | None = None
            if worker.connection in spoke:
                outcome = worker.answer()
            elif time.monotonic() >= worker.deadline:
                outcome = UnreadableError(Reason.TIMED_OUT, "reading it took too long")
            letter = worker.letter
            if outcome is None or letter is None:
                continue
            worker.letter = None
            if not worker.has_started:
                self._try_again(worker, letter, outcome)
                continue
            if worker.connection not in spoke or not worker.is_alive:
                self._drop(worker)
            yield letter[0], outcome

    def _try_again(self, worker: _Worker, letter: Letter, outcome: Outcome) -> None:
        """Put a letter back that a worker never got to, unless none ever starts."""
        self._drop(worker)
        self._waiting.appendleft(letter)
        self._failed_starts += 1
        if self._failed_starts >= MAX_FAILED_STARTS:
            raise StartError(
                f"no letter reader starts (at {self._limits.worker_bytes // MIB} MiB of memory): {outcome}"
            )

    def _drop(self, worker: _Worker) -> None:
        worker.end()
        self._workers.remove(worker)

    def end(self) -> None:
        """Kill every worker."""
        for worker in self._workers:
            worker.end()
