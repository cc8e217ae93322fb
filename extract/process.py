"""What a process may have that reads PDF files, which may be made to take it over."""

from __future__ import annotations

import ctypes
import os
import resource
import sys

INHERITED = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "TESSDATA_PREFIX")
"""Environment variables that reading needs; keys and passwords of the caller stay out."""
_PR_SET_NO_NEW_PRIVS = 38


def make_environment() -> dict[str, str]:
    """Return the environment of a process that reads letters."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def give_up_privileges() -> None:
    """Write no core dump, which would hold the letter, and gain no rights by starting another program."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
