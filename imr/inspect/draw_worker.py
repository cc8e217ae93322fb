"""Process that draws one letter within the limits of the reference route.

Started as `python -m imr.inspect.draw_worker`: reads a pickled job from standard input, writes the pickled result.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys

from extract.process import give_up_privileges
from extract.reasons import Reason, UnreadableError
from imr.inspect.explain import draw
from imr.inspect.limited import TooManyPagesError


def main() -> None:
    """Draw one letter."""
    give_up_privileges()
    job, limits = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by the process that has started this one
    with os.fdopen(os.dup(1), "wb") as results:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # libraries print warnings about a file
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_AS, (limits.worker_bytes, limits.worker_bytes))
        signal.setitimer(signal.ITIMER_REAL, limits.reference_seconds)
        try:
            result: bytes | Exception = draw(job)
        except MemoryError:
            result = UnreadableError(Reason.CRASHED, "drawing it needs too much memory")
        except (UnreadableError, TooManyPagesError, OSError) as error:
            result = error
        pickle.dump(result, results)


if __name__ == "__main__":
    main()
