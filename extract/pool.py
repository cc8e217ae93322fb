"""Reads letters in worker processes: one that hangs, crashes or eats memory costs that one letter."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from extract.limits import MIB, Limits
from extract.pdf_text import REFERENCE_ROUTE
from extract.process import make_environment
from extract.reasons import Reason, UnreadableError
from extract.record import Flag, LetterRecord

ReadResult = LetterRecord | UnreadableError
_ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0
"""Seconds that workers may take to start on a busy machine."""
MAX_FAILED_STARTS = 3
AUDITS = 3
"""Letters that one call has read a second time by the reference route, which takes far longer."""


@dataclass(frozen=True)
class Unaudited:
    """The record of a letter whose audit has begun."""

    record: LetterRecord


class StartError(RuntimeError):
    """No worker process starts, so no letter is to blame."""


def read_letters(
    paths: Sequence[Path], limits: Limits | None = None, *, processes: int = 1
) -> Iterator[tuple[int, ReadResult]]:
    """Yield (index in `paths`, letter record or error) for every file, in the order in which they are done.

    A letter that exceeds its time is `timed_out`, one whose worker dies is `crashed`; a new worker reads the rest.
    A letter whose audit does so is kept and flagged; at most `AUDITS` letters are audited, or one more per process.
    Raises `StartError` if no worker starts, or if OCR is on and tesseract is not installed.
    """
    limits = limits or Limits()
    _check_ocr(limits)
    waiting = deque(enumerate(paths))
    audits_left = AUDITS
    workers: list[_Worker] = []
    failed_starts = 0
    try:
        while waiting or workers:
            while waiting and len(workers) < max(1, min(processes, len(paths))):
                workers.append(_Worker(limits))
            for worker in _wait_for_message(workers):
                if (result := worker.receive()) is not None:
                    audits_left -= worker.has_audited
                    yield worker.index, result
                elif not worker.has_started:
                    failed_starts += 1
                    if failed_starts == MAX_FAILED_STARTS:
                        memory = limits.worker_bytes // MIB
                        raise StartError(f"no worker starts with {memory} MiB of memory: {worker.kill()}")
                elif worker.is_auditing:
                    continue
                if waiting and worker.send(*waiting[0], may_audit=audits_left > 0):
                    waiting.popleft()
                    continue
                worker.kill()
                workers.remove(worker)
    finally:
        for worker in workers:
            worker.kill()


def _check_ocr(limits: Limits) -> None:
    if not limits.ocr:
        return
    from extract.pdf_text import ocr  # noqa: PLC0415 - this process imports no PDF library

    if ocr.find_program() is None:
        raise StartError(
            "IMR_OCR is on, but tesseract is not installed: install it (Debian: tesseract-ocr), or set IMR_OCR=false"
        )


def _wait_for_message(workers: list[_Worker]) -> list[_Worker]:
    """Return the workers that have sent something or died, which includes those that do not start in time."""
    starting = [worker for worker in workers if not worker.has_started]
    found = wait([worker.connection for worker in workers], timeout=START_SECONDS if starting else None)
    if found:
        return [worker for worker in workers if worker.connection in found]
    for worker in starting:
        worker.kill()
    return starting


class _Worker:
    """A worker process and the index of the letter that it reads."""

    def __init__(self, limits: Limits) -> None:
        ours, theirs = socket.socketpair()
        self.connection = Connection(ours.detach())
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and module
            [sys.executable, "-m", "extract.worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=_ROOT,
            env=make_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # libraries print warnings about a file
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        with contextlib.suppress(OSError):  # it has died already, as its first message shows
            self.connection.send(limits)
        self.has_started = False
        self.has_audited = False
        self.index = -1
        self._unaudited: LetterRecord | None = None

    @property
    def is_auditing(self) -> bool:
        """Whether the letter has been read, and its audit goes on."""
        return self._unaudited is not None

    def send(self, index: int, path: Path, *, may_audit: bool) -> bool:
        """Send a letter to read; return whether the process is alive to take it."""
        self.index = index
        try:
            self.connection.send((path.absolute(), may_audit))  # the process runs in another folder
        except OSError:
            return False
        return True

    def receive(self) -> ReadResult | None:
        """Return the result of the letter; `None` from a worker that has started, or audits, or died before it did."""
        try:
            message: ReadResult | Unaudited | None = self.connection.recv()
        except (EOFError, OSError):  # the latter in the middle of a result
            return self._end_audit(self._describe_death()) if self.has_started else None
        self.has_started = True
        if isinstance(message, Unaudited):
            self._unaudited = message.record
            return None
        return message if message is None else self._end_audit(message)

    def _end_audit(self, result: ReadResult) -> ReadResult:
        """Return the result of a letter; if only its audit has failed, its record."""
        record, self._unaudited = self._unaudited, None
        self.has_audited = record is not None
        if record is not None and isinstance(result, UnreadableError):
            detail = f"by {REFERENCE_ROUTE} it could not be read again: {result.detail}"
            return record.add_flags([Flag("audit_unfinished", detail)])
        return result

    def _describe_death(self) -> UnreadableError:
        cause = self.kill()
        if cause == signal.SIGALRM.name:
            return UnreadableError(Reason.TIMED_OUT, "reading it took too long")
        return UnreadableError(Reason.CRASHED, f"its worker process died: {cause}")

    def kill(self) -> str:
        """Kill the process if it lives; return the signal or exit status that ended it."""
        self._process.kill()
        status = self._process.wait()
        self.connection.close()
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"
