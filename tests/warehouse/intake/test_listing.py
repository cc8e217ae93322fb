from __future__ import annotations

import os
import time
from pathlib import Path
from typing import BinaryIO

from tests.support.intake import SUFFIXES, as_folder, write_letter
from warehouse.intake import listing
from warehouse.storage import Folder
from warehouse.storage.disk import DiskFolder


def find_arrivals(folder: Folder | Path, last: str | None = None) -> tuple[str | None, bool]:
    return listing.find_arrivals(as_folder(folder), last, suffixes=SUFFIXES, quiet_seconds=60)


def test_each_set_of_letters_starts_one_load(inbox: Path) -> None:
    assert find_arrivals(inbox) == (None, False)
    write_letter(inbox / "a.txt", "1")
    first, starts_load = find_arrivals(inbox)
    assert starts_load
    assert find_arrivals(inbox, first) == (first, False), "the same letters again, say after a gate stopped the load"
    write_letter(inbox / "b.txt", "2")
    second, starts_load = find_arrivals(inbox, first)
    assert starts_load
    (inbox / "b.txt").unlink()
    assert find_arrivals(inbox, second) == (first, True), "the rest is another set, say of files over the limit"


def test_files_that_are_no_quiet_letters_start_no_load(inbox: Path, tmp_path: Path) -> None:
    write_letter(inbox / "fresh.txt", written_at=time.time())
    write_letter(inbox / "notes.md")
    write_letter(inbox / ".hidden.txt")
    os.mkfifo(inbox / "pipe.pdf")
    (inbox / "link.txt").symlink_to(write_letter(tmp_path / "secret.txt"))
    assert find_arrivals(inbox) == (None, False)
    assert find_arrivals(tmp_path / "nowhere") == (None, False)


def test_a_letter_from_the_future_starts_a_load(inbox: Path) -> None:
    write_letter(inbox / "a.txt", written_at=time.time() + 365 * 24 * 3600)
    fingerprint, starts_load = find_arrivals(inbox)
    assert starts_load, "the clock was set back: the letter would wait a year"
    assert find_arrivals(inbox, fingerprint) == (fingerprint, False)


def test_letters_that_cannot_be_opened_start_no_load(inbox: Path) -> None:
    class Unreadable(DiskFolder):
        """No file may be read."""

        def open(self, name: str) -> BinaryIO:
            raise PermissionError(name)

    write_letter(inbox / "a.txt")
    fingerprint, starts_load = find_arrivals(Unreadable(inbox))
    assert fingerprint is not None
    assert not starts_load
