"""A load that is stopped in the middle: `python -m tests.support.stopped_load HOME HOW AT`.

It is stopped when it has written its file number AT to the disk; without a stop (0) it prints how many it has written.
Without dbt and gates, which write to the run's own folder only.
"""

from __future__ import annotations

import itertools
import os
import resource
import signal
import sys
from pathlib import Path

from tests.support.home import Home

STOPS = {
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "power cut": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "interrupted": lambda: os.kill(os.getpid(), signal.SIGINT),
    "disk full": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
}


def main(path: str, how: str, at: str) -> None:
    """Load the inbox of a home as run `stopped`."""
    written, fsync = itertools.count(1), os.fsync

    def fsync_and_stop(handle: int) -> None:
        fsync(handle)
        if next(written) == int(at):
            STOPS[how]()

    os.fsync = fsync_and_stop
    home = Home(Path(path))
    home.load_quickly("stopped", home.settings.inbox)
    print(next(written) - 1)  # noqa: T201 - for the test


if __name__ == "__main__":
    main(*sys.argv[1:])
