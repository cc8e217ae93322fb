"""Synthetic sample letters, shipped as finished files, and files that a load quarantines."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

FILES = Path(__file__).parent / "files"
MODIFIED_AT = datetime(2017, 7, 1, tzinfo=UTC).timestamp()


def write_samples(folder: Path) -> list[Path]:
    """Copy every sample file to a folder, created if missing; return the copies.

    The letters, a copy of one (`one more copy.pdf`), a later determination of a case (`... reissued.pdf`) and four
    files to be quarantined. Raises OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for source in sorted(FILES.iterdir()):
        target = folder / source.name
        shutil.copyfile(source, target)
        os.utime(target, (MODIFIED_AT, MODIFIED_AT))  # an old file need not stay unchanged before it is loaded
        written.append(target)
    return written
