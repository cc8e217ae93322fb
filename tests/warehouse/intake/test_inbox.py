from __future__ import annotations

import os
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.support.intake import LONG_AGO, MAX_BYTES, PARSER_VERSION, scan_folder, write_letter
from warehouse.errors import WarehouseError
from warehouse.hashing import hash_file
from warehouse.intake.inbox import (
    BEING_WRITTEN,
    DUPLICATE,
    KNOWN,
    NEW,
    OVER_THE_LIMIT,
    UNREADABLE,
    Arrival,
    Scan,
    ScanRules,
    printable_name,
    scan_listed,
)
from warehouse.intake.ledger import Ledger
from warehouse.storage import Entry
from warehouse.storage.disk import DiskFolder


def list_statuses(found: Scan) -> dict[str, str]:
    return {a.source_path: a.status for a in found.arrivals}


def list_waiting(found: Scan) -> dict[str, tuple[str, str | None]]:
    return {w.source_path: (w.why, w.detail) for w in found.waiting}


def test_letters_in_subfolders_are_found_and_other_files_are_counted(inbox: Path) -> None:
    for name in ("a.pdf", "2017/b.PDF", "2013/c.txt", "labels.jsonl", "README.md", "half.pdf.part", ".hidden.pdf"):
        write_letter(inbox / name, name)
    found = scan_folder(inbox)
    assert list_statuses(found) == {"a.pdf": NEW, "2017/b.PDF": NEW, "2013/c.txt": NEW}
    assert found.ignored == 2


def test_pipes_and_links_are_ignored(inbox: Path, tmp_path: Path) -> None:
    secret = write_letter(tmp_path / "secret.txt")
    os.mkfifo(inbox / "pipe.pdf")
    (inbox / "link.txt").symlink_to(secret)
    (inbox / "dangling.txt").symlink_to(tmp_path / "nowhere")
    (inbox / "up").symlink_to(tmp_path)
    write_letter(inbox / "a.txt")
    found = scan_folder(inbox)
    assert list_statuses(found) == {"a.txt": NEW}
    assert (found.waiting, found.ignored) == ((), 4)


@pytest.mark.parametrize(
    ("read_by", "statuses"),
    [
        (None, {"a.pdf": NEW, "copy.pdf": DUPLICATE}),
        (PARSER_VERSION, {"a.pdf": KNOWN, "copy.pdf": DUPLICATE}),
        ("an older parser", {"a.pdf": NEW, "copy.pdf": DUPLICATE}),
    ],
)
def test_status_depends_on_bytes_name_and_parser_in_the_ledger(
    inbox: Path, read_by: str | None, statuses: dict[str, str]
) -> None:
    sha256 = hash_file(write_letter(inbox / "a.pdf"))
    write_letter(inbox / "copy.pdf")
    seen = frozenset({(sha256, "a.pdf")} if read_by else {})
    ledger = Ledger(read=frozenset({(sha256, read_by)} if read_by else {}), seen=seen)
    assert list_statuses(scan_folder(inbox, ledger=ledger)) == statuses


def test_a_returned_letter_that_is_also_in_the_inbox_is_read_once(inbox: Path, tmp_path: Path) -> None:
    write_letter(inbox / "x.pdf", "1")
    write_letter(inbox / "copy.pdf", "1")
    stored = [write_letter(tmp_path / "archive" / f"{name}.pdf", text) for name, text in (("x", "1"), ("y", "2"))]
    returned = [Arrival(str(p), p.name, 1, hash_file(p), NEW) for p in stored]
    found = scan_folder(inbox, returned=returned).arrivals
    assert sorted((a.source_path, a.status) for a in found) == [
        ("copy.pdf", DUPLICATE),
        ("x.pdf", KNOWN),
        ("x.pdf", NEW),
        ("y.pdf", NEW),
    ]


def test_a_missing_inbox_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=r"nowhere: no such folder. Is the storage mounted"):
        scan_folder(tmp_path / "nowhere")


def test_printable_names_of_different_files_differ() -> None:
    names = ["a\nb", r"a\nb", "a\udcffb", r"a\xffb", "a\\\nb"]
    assert len({printable_name(name) for name in names}) == len(names)


def test_a_file_that_is_still_being_written_waits(inbox: Path) -> None:
    class Growing(DiskFolder):
        """`half.txt` grows during the scan."""

        def stat(self, name: str) -> Entry:
            if name == "half.txt":
                with (self.root / name).open("a") as file:
                    file.write("more")
            return super().stat(name)

    write_letter(inbox / "half.txt", "half a letter", time.time())
    write_letter(inbox / "done.txt", "a whole letter", time.time())
    write_letter(inbox / "old.txt", "an old letter")
    found = scan_folder(Growing(inbox), quiet_seconds=0.2)
    assert set(list_statuses(found)) == {"done.txt", "old.txt"}
    assert list_waiting(found) == {"half.txt": (BEING_WRITTEN, None)}


@pytest.mark.parametrize("problem", ["No such file or directory", "Permission denied"])
def test_a_file_that_cannot_be_read_waits_with_the_reason(inbox: Path, problem: str) -> None:
    class Failing(DiskFolder):
        """`bad.txt` is removed before it is opened, or may not be read."""

        def open(self, name: str) -> BinaryIO:
            if name == "bad.txt":
                if problem == "Permission denied":  # root may read any file, so file modes show nothing
                    raise PermissionError(13, problem)
                (self.root / name).unlink()
            return super().open(name)

    write_letter(inbox / "bad.txt", "1")
    write_letter(inbox / "good.txt", "2")
    found = scan_folder(Failing(inbox))
    assert list_statuses(found) == {"good.txt": NEW}
    assert list_waiting(found) == {"bad.txt": (UNREADABLE, problem)}


def test_a_folder_that_cannot_be_listed_waits_with_the_reason(inbox: Path) -> None:
    folder = os.open(inbox, os.O_RDONLY)
    for _ in range(20):  # deeper than a path may be long
        os.mkdir("d" * 250, dir_fd=folder)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    write_letter(inbox / "a.txt")
    found = scan_folder(inbox)
    assert list_statuses(found) == {"a.txt": NEW}
    assert [(w.why, w.detail) for w in found.waiting] == [(UNREADABLE, "File name too long")]


def test_the_oldest_files_are_taken_first_and_those_over_the_limit_wait(inbox: Path) -> None:
    for age, name in enumerate(["newest", "middle", "oldest"]):
        write_letter(inbox / f"{name}.txt", name, LONG_AGO - age)
    write_letter(inbox / "copy.txt", "oldest", LONG_AGO - 2)
    found = scan_folder(inbox, max_files=2)
    assert list_statuses(found) == {"copy.txt": NEW, "oldest.txt": DUPLICATE}
    assert list_waiting(found) == {f"{name}.txt": (OVER_THE_LIMIT, None) for name in ("middle", "newest")}


def test_a_file_that_had_to_wait_keeps_the_time_it_was_first_seen(inbox: Path) -> None:
    write_letter(inbox / "a.txt")
    ledger = Ledger(waiting={"a.txt": "2017-01-02T03:04:05+00:00"})
    assert scan_folder(inbox, ledger=ledger).arrivals[0].first_seen == "2017-01-02T03:04:05+00:00"


def test_a_file_that_has_grown_since_it_was_listed_is_not_read_whole(inbox: Path) -> None:
    letter = write_letter(inbox / "a.pdf")
    rules = ScanRules((".pdf",), PARSER_VERSION, 10, 0, MAX_BYTES)
    listed = [DiskFolder(inbox).stat("a.pdf")]
    os.truncate(letter, 1 << 42)
    found = scan_listed(DiskFolder(inbox), listed, Ledger(), rules)
    assert list_waiting(found) == {"a.pdf": (UNREADABLE, "has grown to more than 1,000 bytes")}
