"""Folders on disk and in an object store behave the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from warehouse.storage import Entry, Folder, NotAFileError, as_place, folder_at, is_remote


@pytest.fixture(params=["disk", "objects"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    place = tmp_path / "letters" if request.param == "disk" else request.getfixturevalue("bucket") + "/some/letters"
    return folder_at(as_place(place))


def list_names(folder: Folder) -> set[str]:
    return {found.name for found in folder.walk()}


def read(folder: Folder, name: str) -> bytes:
    with folder.open(name) as file:
        return file.read()


def test_written_files_are_listed_with_their_size_and_read_back(folder: Folder, tmp_path: Path) -> None:
    folder.make()
    assert folder.exists()
    (tmp_path / "local").write_bytes(b"a letter" * 1000)
    folder.put("2017/a.pdf", tmp_path / "local")
    folder.write("b.json", b"old")
    folder.write("b.json", b"{}")
    found = {entry.name: entry for entry in folder.walk()}
    assert {name: entry.size_bytes for name, entry in found.items()} == {"2017/a.pdf": 8000, "b.json": 2}
    assert found["b.json"] == folder.stat("b.json")
    assert (read(folder, "2017/a.pdf"), read(folder, "b.json")) == (b"a letter" * 1000, b"{}")


@pytest.mark.parametrize(
    ("name", "exists"), [("a.pdf", True), ("empty.pdf", True), ("gone.pdf", False), ("2017", False), ("2017/a", False)]
)
def test_only_names_of_files_exist(folder: Folder, name: str, exists: bool) -> None:
    for written, data in (("a.pdf", b"a letter"), ("empty.pdf", b""), ("2017/a.pdf", b"1")):
        folder.write(written, data)
    assert folder.exists(name) == exists


def test_a_removed_file_is_gone(folder: Folder) -> None:
    folder.write("a.pdf", b"1")
    folder.remove("a.pdf")
    folder.remove("a.pdf")
    assert list_names(folder) == set()
    for access in (folder.open, folder.stat):
        with pytest.raises(FileNotFoundError):
            access("a.pdf")


def test_a_cleared_folder_is_empty_and_its_neighbour_is_not(folder: Folder) -> None:
    neighbour = folder_at(as_place(f"{folder.location}-2"))
    neighbour.write("a.pdf", b"1")
    names = ("a.pdf", "2017/b.pdf", "2017/.c.pdf.part")
    for name in names:
        folder.write(name, b"1")
    folder.clear()
    folder.clear()
    assert not any(folder.exists(name) for name in names)
    assert neighbour.exists("a.pdf")


def test_dot_files_and_unfinished_copies_are_not_listed(folder: Folder) -> None:
    for name in ("a.pdf", ".b.pdf", "c.pdf.part", ".git/d.pdf", "e/.f/g.pdf"):
        folder.write(name, b"1")
    assert list_names(folder) == {"a.pdf"}


@pytest.mark.parametrize("name", ["emoji \N{PAGE FACING UP}.pdf", "a?b&c=d #1.pdf", "100%.pdf", "[x]*.pdf"])
def test_odd_names_are_names_like_any_other(folder: Folder, name: str) -> None:
    folder.write(name, b"odd")
    (found,) = folder.walk()
    assert isinstance(found, Entry)
    assert found.name == name
    assert read(folder, name) == b"odd"
    assert folder.name_of(f"{folder.location}/{name}") == name
    folder.remove(found.name)
    assert list_names(folder) == set()


def test_a_file_elsewhere_has_no_name_here(folder: Folder) -> None:
    assert folder.name_of(f"{folder.location}-2/a.pdf") is None


def test_a_missing_bucket_does_not_exist(bucket: str) -> None:
    assert not folder_at(as_place(f"{bucket}-not/inbox")).exists()


def test_a_url_may_not_carry_credentials() -> None:
    with pytest.raises(ValueError, match="no credentials in a URL"):
        as_place("s3://key:secret@bucket/inbox")


def test_a_file_url_is_a_path() -> None:
    place = as_place("file:///data/inbox")
    assert not is_remote(place)
    assert place == Path("/data/inbox")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder on disk, beside a file that is not in it."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_text("secret")
    (tmp_path / "inbox" / "sub").mkdir(parents=True)
    return tmp_path / "inbox"


@pytest.mark.parametrize("name", ["../outside/a.txt", "/etc/passwd", "sub/../../outside/a.txt", "sub//a.txt", "."])
def test_no_name_leads_out_of_a_folder_on_disk(inbox: Path, name: str) -> None:
    with pytest.raises(NotAFileError, match="not a name inside"):
        folder_at(inbox).open(name)


def test_links_in_a_folder_on_disk_are_not_followed(inbox: Path) -> None:
    (inbox / "a.txt").symlink_to(inbox.parent / "outside" / "a.txt")
    (inbox / "folder").symlink_to(inbox.parent / "outside")
    folder = folder_at(inbox)
    with pytest.raises(OSError, match=r"symbolic|Too many levels"):
        folder.open("a.txt")
    for access in (folder.open, folder.stat, folder.remove):
        with pytest.raises(NotADirectoryError):
            access("folder/a.txt")
    assert (inbox.parent / "outside" / "a.txt").exists()


def test_opening_a_pipe_is_an_error_and_does_not_hang(inbox: Path) -> None:
    os.mkfifo(inbox / "a.txt")
    with pytest.raises(NotAFileError, match="not a regular file"):
        folder_at(inbox).open("a.txt")
