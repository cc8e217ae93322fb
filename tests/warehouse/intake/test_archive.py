from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.support.intake import MAX_BYTES, make_folders, scan_folder, write_letter
from warehouse.errors import WarehouseError
from warehouse.hashing import hash_file
from warehouse.intake.archive import TOO_LARGE, Archived, Archiver
from warehouse.intake.copies import CHANGED, copy_locally
from warehouse.intake.inbox import Arrival, name_in_archive
from warehouse.storage import Folder
from warehouse.storage.disk import DiskFolder

Notes = Mapping[str, Mapping[str, Any]]


def make_archiver(inbox: Folder | Path, notes: Notes | None = None, *, empty_inbox: bool = True) -> Archiver:
    return Archiver(make_folders(inbox), notes or {}, empty_inbox=empty_inbox, max_bytes=MAX_BYTES)


def make_result(*, left: dict[str, str] | None = None, **counts: int) -> Archived:
    return Archived(Counter(counts), left or {})


@pytest.mark.parametrize("is_own_inbox", [True, False])
def test_letters_are_archived_by_hash_and_only_the_own_inbox_is_emptied(inbox: Path, is_own_inbox: bool) -> None:
    letter = write_letter(inbox / "a.pdf")
    letter.chmod(0o444)
    stored = inbox.parent / "archive" / name_in_archive(hash_file(letter), "a.pdf")
    archiver, arrivals = make_archiver(inbox, empty_inbox=is_own_inbox), scan_folder(inbox).arrivals
    assert archiver.archive(arrivals) == make_result(archived=1, removed=int(is_own_inbox))
    assert letter.exists() != is_own_inbox
    assert stored.read_text() == "a letter"
    assert archiver.archive(arrivals) == make_result(), "the second time there is nothing to do"


def test_a_quarantined_file_is_stored_under_its_reason_with_a_note(inbox: Path) -> None:
    write_letter(inbox / "a.pdf")
    (arrival,) = scan_folder(inbox).arrivals
    notes = {arrival.sha256: {"reason": "damaged", "detail": "cut off"}}
    assert make_archiver(inbox, notes).archive([arrival]) == make_result(quarantined=1, removed=1)
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
    assert make_archiver(inbox).archive(arrivals) == make_result(left={"a.pdf": CHANGED})
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
    assert make_archiver(Replacing(inbox)).archive(arrivals) == make_result(archived=1, left={"a.txt": CHANGED})
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
    with copy_locally(make_folders(inbox), arrivals, tmp_path / "scratch", max_bytes=MAX_BYTES) as copies:
        assert [arrival.source_path for arrival, _ in copies.copied] == ["b.pdf"]
        assert copies.left == {"a.pdf": CHANGED}
    assert make_archiver(inbox).archive(arrivals) == make_result(archived=1, removed=1, left={"a.pdf": CHANGED})
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
    assert make_archiver(inbox).archive([arrival]).counts["removed"] == 1
    assert not path.exists()
    assert (inbox.parent / "archive" / arrival.stored_name).read_text() == "a letter"


def damage_stored(inbox: Path, content: bytes | None) -> tuple[Path, Arrival]:
    """Archive a letter, replace its stored bytes (or remove the file), and deliver it again; return both."""
    write_letter(inbox / "a.pdf")
    (arrival,) = scan_folder(inbox).arrivals
    make_archiver(inbox).archive([arrival])
    stored = inbox.parent / "archive" / arrival.stored_name
    stored.unlink()
    if content is not None:
        stored.write_bytes(content)
    write_letter(inbox / "a.pdf")
    return stored, arrival


@pytest.mark.parametrize("content", [b"", b"a lett", b"b letter", b"a letter, and more", None])
@pytest.mark.parametrize("is_own_inbox", [True, False])
def test_a_good_copy_mends_a_damaged_stored_file(inbox: Path, content: bytes | None, is_own_inbox: bool) -> None:
    stored, arrival = damage_stored(inbox, content)
    archiver = make_archiver(inbox, empty_inbox=is_own_inbox)
    assert archiver.archive([arrival]) == make_result(archived=1, removed=int(is_own_inbox))
    assert stored.read_text() == "a letter"
    assert (inbox / "a.pdf").exists() != is_own_inbox


@pytest.mark.parametrize("source", ["gone", "changed"])
def test_a_damaged_stored_file_without_a_good_copy_is_an_error(inbox: Path, source: str) -> None:
    stored, arrival = damage_stored(inbox, b"")
    (inbox / "a.pdf").unlink()
    if source == "changed":
        write_letter(inbox / "a.pdf", "another")
    with pytest.raises(WarehouseError, match=rf"stored files are damaged.*{stored} \(a.pdf\)\. To mend one"):
        make_archiver(inbox).archive([arrival])


def test_a_damaged_stored_file_that_is_to_be_read_is_an_error(inbox: Path, tmp_path: Path) -> None:
    stored, arrival = damage_stored(inbox, b"b letter")
    again = Arrival(str(stored), arrival.source_path, arrival.size_bytes, arrival.sha256, arrival.status)
    with (
        pytest.raises(WarehouseError, match="stored files are damaged"),
        copy_locally(make_folders(inbox), [again], tmp_path / "scratch", max_bytes=MAX_BYTES),
    ):
        pytest.fail("it is not read")


class Failing(DiskFolder):
    """A folder whose files or names fail by an error number."""

    number = errno.EIO

    def open(self, name: str) -> BinaryIO:
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.ESTALE])
def test_a_storage_that_fails_is_an_error_and_no_changed_file(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    letter = write_letter(inbox / "a.pdf")
    arrivals = scan_folder(inbox).arrivals
    monkeypatch.setattr(Failing, "number", number)
    with pytest.raises(OSError, match=r"a\.pdf") as failed:
        make_archiver(Failing(inbox)).archive(arrivals)
    assert failed.value.errno == number
    with (
        pytest.raises(OSError, match=r"a\.pdf"),
        copy_locally(make_folders(Failing(inbox)), arrivals, tmp_path / "scratch", max_bytes=MAX_BYTES),
    ):
        pytest.fail("it is not read")
    assert letter.exists()


def test_files_that_cannot_be_removed_are_named_and_the_others_archived(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_letter(inbox / "theirs" / "a.pdf")
    write_letter(inbox / "b.pdf", "another letter")
    arrivals = scan_folder(inbox).arrivals

    def remove(folder: DiskFolder, name: str) -> None:
        if name.startswith("theirs/"):
            raise PermissionError(errno.EACCES, "Permission denied")
        (folder.root / name).unlink()

    monkeypatch.setattr(DiskFolder, "remove", remove)
    left = {"theirs/a.pdf": "is stored, but cannot be removed: Permission denied"}
    assert make_archiver(inbox).archive(arrivals) == make_result(archived=2, removed=1, left=left)
    assert make_archiver(inbox).archive(scan_folder(inbox).arrivals) == make_result(left=left), "and on the next day"


def test_a_file_over_the_limit_is_neither_hashed_nor_copied(inbox: Path, tmp_path: Path) -> None:
    write_letter(inbox / "a.pdf")
    with (inbox / "huge.pdf").open("wb") as file:
        file.truncate(1 << 42)  # needs no disk, and a day to be read
    found = scan_folder(inbox, quiet_seconds=0)
    assert {a.source_path for a in found.arrivals} == {"a.pdf", "huge.pdf"}
    with copy_locally(make_folders(inbox), found.arrivals, tmp_path / "scratch", max_bytes=MAX_BYTES) as copies:
        assert {a.source_path: copy is None for a, copy in copies.copied} == {"a.pdf": False, "huge.pdf": True}
    assert make_archiver(inbox).archive(found.arrivals) == make_result(
        archived=1, removed=1, left={"huge.pdf": TOO_LARGE}
    )


def test_a_file_that_has_grown_since_the_scan_is_not_copied(inbox: Path, tmp_path: Path) -> None:
    letter = write_letter(inbox / "a.pdf")
    arrivals = scan_folder(inbox).arrivals
    os.truncate(letter, 1 << 42)
    with copy_locally(make_folders(inbox), arrivals, tmp_path / "scratch", max_bytes=MAX_BYTES) as copies:
        assert copies.left == {"a.pdf": CHANGED}
    assert make_archiver(inbox).archive(arrivals) == make_result(left={"a.pdf": CHANGED})


def test_stored_letters_are_for_their_owner_alone(inbox: Path) -> None:
    write_letter(inbox / "a.pdf")
    write_letter(inbox / "b.pdf", "another letter")
    arrivals = scan_folder(inbox).arrivals
    archive = inbox.parent / "archive"
    archive.mkdir(mode=0o755)  # of an earlier release
    mask = os.umask(0)
    try:
        make_archiver(inbox, {arrivals[0].sha256: {"reason": "damaged"}}).archive(arrivals)
    finally:
        os.umask(mask)
    stored = [path for top in ("archive", "quarantine") for path in (inbox.parent / top).rglob("*")]
    assert len([path for path in stored if path.is_file()]) == 3
    for path in [archive, inbox.parent / "quarantine", *stored]:
        assert path.stat().st_mode & 0o077 == 0, path
