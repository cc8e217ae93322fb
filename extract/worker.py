"""Worker process of `extract.pool`: reads one letter after another and may die of one.

Started as `python -m extract.worker FD`, so that it imports what reading needs and nothing else: no scheduler, no
DuckDB, no Arrow. Its limits are the kernel's: an address space, and a timer whose signal ends the process even
while a library hangs in C.
"""

from __future__ import annotations

import resource
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from extract.limits import MIB, Limits
from extract.pool import Unaudited
from extract.process import give_up_privileges
from extract.read import ReadEvents, read_letter
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord


def serve(connection: Any, limits: Limits) -> None:
    """Send `None` once started, then the result of each (path, may be audited), until the other side hangs up.

    Before a letter is audited its record is sent as `Unaudited`.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
    resource.setrlimit(resource.RLIMIT_AS, (limits.worker_bytes, limits.worker_bytes))
    connection.send(None)
    while True:
        try:
            path, may_audit = connection.recv()
        except EOFError:
            return
        _set_timer(limits.fast_seconds)
        events = ReadEvents(
            on_reference=lambda: _set_timer(limits.reference_seconds),
            on_audit=lambda record: connection.send(Unaudited(record)),
            on_ocr=lambda: _set_timer(limits.ocr_seconds),
        )
        result = _read(path, limits, may_audit, events)
        _set_timer(0)
        connection.send(result)


def _set_timer(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _read(path: Path, limits: Limits, may_audit: bool, events: ReadEvents) -> LetterRecord | UnreadableError:
    try:
        return read_letter(path, limits, may_audit=may_audit, events=events)
    except UnreadableError as error:
        return error
    except OSError as error:
        return UnreadableError(Reason.NOT_OPENED, error.strerror or type(error).__name__)
    except MemoryError:
        return UnreadableError(Reason.CRASHED, f"needs more than {limits.worker_bytes // MIB} MiB of memory")
    except Exception as error:  # noqa: BLE001 - a defect of the parser costs the one letter that shows it
        return UnreadableError(Reason.CRASHED, f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    give_up_privileges()
    link = Connection(int(sys.argv[1]))
    serve(link, link.recv())
