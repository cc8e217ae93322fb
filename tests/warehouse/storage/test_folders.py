"""The same questions to a folder on a disk and to one on an object store."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.storage import Entry, Folder, as_place, folder_at, is_remote


@pytest.fixture(params=["disk", "objects"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    place = tmp_path / "letters" if request.param == "disk" else request.getfixturevalue("bucket") + "/some/letters"
    return folder_at(as_place(place))


def names(folder: Folder) -> set[str]:
    return {found.name for found in folder.walk()}


def test_what_is_written_is_found_with_its_size_and_read_back(folder: Folder, tmp_path: Path) -> None:
    folder.make()
    assert folder.exists()
    (tmp_path / "local").write_bytes(b"a letter" * 1000)
    folder.put("2017/a.pdf", tmp_path / "local")
    folder.write("b.json", b"{}")
    found = {entry.name: entry for entry in folder.walk()}
    assert {name: entry.size_bytes for name, entry in found.items()} == {"2017/a.pdf": 8000, "b.json": 2}
    assert found["b.json"] == folder.look("b.json")
    with folder.open("2017/a.pdf") as file:
        assert file.read() == b"a letter" * 1000


@pytest.mark.parametrize(
    ("name", "held"), [("a.pdf", True), ("empty.pdf", True), ("gone.pdf", False), ("2017", False), ("2017/a", False)]
)
def test_a_folder_holds_the_files_that_were_written_and_nothing_that_is_called_like_a_part_of_them(
    folder: Folder, name: str, held: bool
) -> None:
    for written, data in (("a.pdf", b"a letter"), ("empty.pdf", b""), ("2017/a.pdf", b"1")):
        folder.write(written, data)
    assert folder.holds(name) == held


def test_what_is_removed_is_gone_and_removing_it_again_is_no_error(folder: Folder) -> None:
    folder.write("a.pdf", b"1")
    folder.remove("a.pdf")
    folder.remove("a.pdf")
    assert names(folder) == set()
    with pytest.raises(FileNotFoundError):
        folder.open("a.pdf")
    with pytest.raises(FileNotFoundError):
        folder.look("a.pdf")


def test_dot_files_and_unfinished_copies_are_not_told(folder: Folder) -> None:
    for name in ("a.pdf", ".b.pdf", "c.pdf.part", ".git/d.pdf", "e/.f/g.pdf"):
        folder.write(name, b"1")
    assert names(folder) == {"a.pdf"}


@pytest.mark.parametrize("name", ["emoji \N{PAGE FACING UP}.pdf", "a?b&c=d #1.pdf", "100%.pdf", "[x]*.pdf"])
def test_odd_names_are_names_like_any_other(folder: Folder, name: str) -> None:
    folder.write(name, b"odd")
    (found,) = folder.walk()
    assert isinstance(found, Entry)
    assert found.name == name
    with folder.open(found.name) as file:
        assert file.read() == b"odd"
    assert folder.name_of(f"{folder.location}/{name}") == name
    folder.remove(found.name)
    assert names(folder) == set()


def test_writing_again_replaces(folder: Folder) -> None:
    folder.write("a.json", b"old")
    folder.write("a.json", b"new")
    with folder.open("a.json") as file:
        assert file.read() == b"new"


def test_a_file_elsewhere_has_no_name_here(folder: Folder) -> None:
    assert folder.name_of(f"{folder.location}-2/a.pdf") is None


def test_a_bucket_that_is_not_there_does_not_exist(bucket: str) -> None:
    assert not folder_at(as_place(f"{bucket}-not/inbox")).exists()


def test_a_url_may_not_carry_credentials() -> None:
    with pytest.raises(ValueError, match="no credentials in a URL"):
        as_place("s3://key:secret@bucket/inbox")


def test_a_file_url_is_a_path() -> None:
    place = as_place("file:///data/inbox")
    assert not is_remote(place)
    assert place == Path("/data/inbox")
