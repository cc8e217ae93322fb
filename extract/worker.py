"""A worker process: reads one letter after another for `extract.pool`, and may die of one.

Started as `python -m extract.worker FD`, so that it holds nothing of the process that supervises it: no
scheduler, no DuckDB, no Arrow.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from extract.limits import Limits
from extract.read import read_letter
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord

READY = "the first letter begins"
SLOW = "the reference route begins"
OCR = "text recognition begins"


def serve(connection: Any, limits: Limits) -> None:
    """Answer each path with its letter record or with why it is unreadable, until the other side hangs up."""
    threading.Thread(target=_die_with, args=[os.getppid()], daemon=True).start()
    resource.setrlimit(resource.RLIMIT_AS, (limits.worker_bytes, limits.worker_bytes))
    connection.send(READY)
    while True:
        try:
            path: Path = connection.recv()
        except EOFError:
            return
        connection.send(_read(path, limits, connection))


def _die_with(supervisor: int) -> None:
    """End this process when the one that supervises it was killed: a letter that hangs would hold it forever."""
    while os.getppid() == supervisor:
        time.sleep(1)
    os._exit(1)


def _read(path: Path, limits: Limits, connection: Any) -> LetterRecord | UnreadableError:
    try:
        return read_letter(
            path, limits, on_reference=lambda: connection.send(SLOW), on_ocr=lambda: connection.send(OCR)
        )
    except UnreadableError as error:
        return error
    except OSError as error:
        return UnreadableError(Reason.DAMAGED, f"cannot be opened: {error}")
    except MemoryError:
        return UnreadableError(Reason.CRASHED, f"needs more than {limits.worker_bytes // 2**20} MiB of memory")
    except Exception as error:  # noqa: BLE001 - a defect of the reader costs the one letter that shows it
        return UnreadableError(Reason.CRASHED, f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    link = Connection(int(sys.argv[1]))
    serve(link, link.recv())
