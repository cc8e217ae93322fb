"""Starts the process that draws a letter, as a PDF may be made to exhaust time and memory."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from extract.limits import Limits
from extract.process import make_environment
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from imr.inspect.coded import CodedLetter

_ROOT = Path(__file__).resolve().parent.parent.parent
_START_SECONDS = 60.0


class TooManyPagesError(ValueError):
    """A PNG cannot hold this many pages."""


@dataclass(frozen=True)
class Job:
    """A letter to draw: its absolute path, what was read and coded, and how many pages it and the picture may have."""

    path: Path
    outcome: LetterRecord | UnreadableError
    coded: CodedLetter
    as_png: bool
    max_pages: int
    limit: int


def run_limited(job: Job, limits: Limits) -> bytes:
    """Return the drawn pages. Raises what drawing raises, or `UnreadableError`: timed out, or crashed."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "imr.inspect.draw_worker"],
            input=pickle.dumps((job, limits)),
            cwd=_ROOT,
            env=make_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_START_SECONDS + limits.reference_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableError(Reason.TIMED_OUT, "drawing it took too long") from error
    if done.returncode == -signal.SIGALRM:
        raise UnreadableError(Reason.TIMED_OUT, f"drawing it took more than {limits.reference_seconds:.0f} seconds")
    if done.returncode:
        raise UnreadableError(Reason.CRASHED, f"the process that draws it died with status {done.returncode}")
    result: bytes | Exception = pickle.loads(done.stdout)  # noqa: S301 - written by our own process
    if isinstance(result, Exception):
        raise result
    return result
