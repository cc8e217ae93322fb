from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.support.intake import make_folders, scan_folder, write_letter
from warehouse.hashing import hash_file
from warehouse.intake.archive import Archiver, copy_locally
from warehouse.intake.inbox import name_in_archive
from warehouse.storage import Folder
from warehouse.storage.disk import DiskFolder

NOTHING = {"archived": 0, "quarantined": 0, "removed": 0, "changed": 0}


def make_archiver(inbox: Folder | Path, *, empty_inbox: bool = True) -> Archiver:
    return Archiver(make_folders(inbox), {}, empty_inbox=empty_inbox)


@pytest.mark.parametrize("is_own_inbox", [True, False])
def test_letters_are_archived_by_hash_and_only_the_own_inbox_is_emptied(inbox: Path, is_own_inbox: bool) -> None:
    letter = write_letter(inbox / "a.pdf")
    letter.chmod(0o444)
    stored = inbox.parent / "archive" / name_in_archive(hash_file(letter), "a.pdf")
    archiver, arrivals = make_archiver(inbox, empty_inbox=is_own_inbox), scan_folder(inbox).arrivals
    assert archiver.archive(arrivals) == NOTHING | {"archived": 1, "removed": int(is_own_inbox)}
    assert letter.exists() != is_own_inbox
    assert stored.read_text() == "a letter"
    assert archiver.archive(arrivals) == NOTHING, "the second time there is nothing to do"


def test_a_quarantined_file_is_stored_under_its_reason_with_a_note(inbox: Path) -> None:
    write_letter(inbox / "a.pdf")
    (arrival,) = scan_folder(inbox).arrivals
    notes = {arrival.sha256: {"reason": "damaged", "detail": "cut off"}}
    assert Archiver(make_folders(inbox), notes, empty_inbox=True).archive([arrival])["quarantined"] == 1
    stored = inbox.parent / "quarantine" / "damaged" / arrival.stored_name
    assert stored.exists()
    assert '"cut off"' in stored.with_suffix(".json").read_text()


@pytest.mark.parametrize("change", ["written", "removed"])
def test_a_file_that_changed_since_the_scan_is_counted_and_not_archived(inbox: Path, change: str) -> None:
    letter = write_letter(inbox / "a.pdf")
    arrivals = scan_folder(inbox).arrivals
    if change == "written":
        letter.write_text("another letter under the same name")
    else:
        letter.unlink()
    assert make_archiver(inbox).archive(arrivals) == NOTHING | {"changed": 1}
    assert letter.exists() == (change == "written")
    assert not (inbox.parent / "archive").exists()


def test_a_letter_written_between_copying_and_removing_is_kept(inbox: Path) -> None:
    class Replacing(DiskFolder):
        """Another letter takes the name of each file that is opened."""

        def open(self, name: str) -> BinaryIO:
            file = super().open(name)
            (self.root / "other").write_text("a new letter")
            (self.root / "other").replace(self.root / name)
            return file

    write_letter(inbox / "a.txt")
    arrivals = scan_folder(inbox).arrivals
    assert make_archiver(Replacing(inbox)).archive(arrivals) == NOTHING | {"archived": 1, "changed": 1}
    assert (inbox / "a.txt").read_text() == "a new letter"


@pytest.mark.parametrize("target", ["a file", "nothing", "a folder"])
def test_a_link_that_replaces_a_letter_is_neither_read_nor_removed(inbox: Path, tmp_path: Path, target: str) -> None:
    letter, other = write_letter(inbox / "a.pdf"), write_letter(inbox / "b.pdf", "another letter")
    arrivals = scan_folder(inbox).arrivals
    letter.unlink()
    elsewhere = tmp_path / "elsewhere"
    if target == "a file":
        elsewhere.write_text("a letter")  # the same bytes: it is not read even so
    elif target == "a folder":
        elsewhere.mkdir()
    letter.symlink_to(elsewhere)
    with copy_locally(make_folders(inbox), arrivals, tmp_path / "scratch") as copied:
        assert [arrival.source_path for arrival, _ in copied] == ["b.pdf"]
    assert make_archiver(inbox).archive(arrivals) == NOTHING | {"archived": 1, "removed": 1, "changed": 1}
    assert letter.is_symlink()
    assert not other.exists()


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        (b"two\nlines.txt", r"two\nlines.txt"),
        (b"latin-1 caf\xe9.txt", r"latin-1 caf\xe9.txt"),
        (b"back\\slash.txt", "back\\\\slash.txt"),
        ("caf\N{LATIN SMALL LETTER E WITH ACUTE}.txt".encode(), "caf\N{LATIN SMALL LETTER E WITH ACUTE}.txt"),
        (b"\x1b[31mred.txt", r"\x1b[31mred.txt"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}fdp.txt".encode(), r"\u202efdp.txt"),
        (b"; DROP TABLE letters; --'.txt", "; DROP TABLE letters; --'.txt"),
        (b"x" * 250 + b".txt", "x" * 250 + ".txt"),
    ],
)
def test_a_file_of_any_name_is_archived_and_removed(inbox: Path, name: bytes, printed: str) -> None:
    path = write_letter(Path(os.fsdecode(os.fsencode(inbox) + b"/" + name)))
    (arrival,) = scan_folder(inbox).arrivals
    assert arrival.source_path == printed
    arrival.source_path.encode("utf-8")
    assert make_archiver(inbox).archive([arrival])["removed"] == 1
    assert not path.exists()
    assert (inbox.parent / "archive" / arrival.stored_name).read_text() == "a letter"
