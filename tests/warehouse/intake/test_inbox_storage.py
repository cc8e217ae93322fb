"""What somebody may drop: links, pipes, odd names, half-written files, too many; nothing of it stops a load."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import BinaryIO

import pytest

from warehouse.intake.archive import LetterFolders, local_copies, settle
from warehouse.intake.inbox import (
    BEING_WRITTEN,
    DUPLICATE,
    NEW,
    OVER_THE_LIMIT,
    UNREADABLE,
    Intake,
    Scan,
    archived,
    scan,
    shown,
    worth_a_load,
)
from warehouse.intake.ledger import Ledger
from warehouse.storage import Folder, NotAFileError, folder_at
from warehouse.storage.disk import DiskFolder

SUFFIXES = (".pdf", ".txt")
LONG_AGO = 1_500_000_000.0


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


def put(path: Path, content: str, written_at: float = LONG_AGO) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (written_at, written_at))
    return path


def look(folder: Folder | Path, *, most: int = 1000, quiet_seconds: float = 1.0, ledger: Ledger | None = None) -> Scan:
    place = folder_at(folder) if isinstance(folder, Path) else folder
    return scan(place, ledger or Ledger(), Intake(SUFFIXES, "7", most, quiet_seconds))


def letter_folders(drop: Path | Folder) -> LetterFolders:
    folder = folder_at(drop) if isinstance(drop, Path) else drop
    base = Path(folder.location).parent
    return LetterFolders(folder, folder_at(base / "archive"), folder_at(base / "quarantine"))


def waiting(found: Scan) -> dict[str, str]:
    return {w.source_path: w.why for w in found.waiting}


def test_pipes_devices_and_links_are_left_alone(drop: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "secret.txt", "not for us")
    os.mkfifo(drop / "pipe.pdf")
    (drop / "link.txt").symlink_to(secret)
    (drop / "dangling.txt").symlink_to(tmp_path / "nowhere")
    (drop / "up").symlink_to(tmp_path)
    put(drop / "a.txt", "a letter")
    found = look(drop)
    assert [a.source_path for a in found.arrivals] == ["a.txt"]
    assert (found.waiting, found.ignored) == ((), 4)


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "sub/../../secret.txt", "sub//secret.txt", "."])
def test_no_name_leads_out_of_the_folder(drop: Path, tmp_path: Path, name: str) -> None:
    put(tmp_path / "secret.txt", "not for us")
    (drop / "sub").mkdir()
    with pytest.raises(NotAFileError, match="no name inside"):
        folder_at(drop).open(name)


def test_a_link_that_takes_a_letters_place_after_the_scan_is_not_read(drop: Path, tmp_path: Path) -> None:
    letter, secret = put(drop / "a.txt", "a letter"), put(tmp_path / "secret.txt", "a letter")
    arrivals = look(drop).arrivals
    assert len(arrivals) == 1
    letter.unlink()
    letter.symlink_to(secret)
    with local_copies(letter_folders(drop), arrivals, tmp_path / "scratch") as copied:
        assert copied == []
    with pytest.raises(OSError, match=r"symbolic|Too many levels"):
        folder_at(drop).open("a.txt")


def test_a_link_that_takes_a_folders_place_after_the_scan_is_not_followed(drop: Path, tmp_path: Path) -> None:
    put(drop / "sub" / "a.txt", "a letter")
    put(tmp_path / "outside" / "a.txt", "a letter")
    arrivals = look(drop).arrivals
    assert len(arrivals) == 1
    (drop / "sub").rename(tmp_path / "was-sub")
    (drop / "sub").symlink_to(tmp_path / "outside")
    with pytest.raises(NotADirectoryError):
        folder_at(drop).open("sub/a.txt")
    with pytest.raises(NotADirectoryError):
        folder_at(drop).remove("sub/a.txt")
    assert (tmp_path / "outside" / "a.txt").exists()


def test_a_pipe_that_takes_a_letters_place_does_not_hang_the_load(drop: Path) -> None:
    os.mkfifo(drop / "a.txt")
    with pytest.raises(NotAFileError, match="no regular file"):
        folder_at(drop).open("a.txt")


@pytest.mark.parametrize(
    ("name", "told"),
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
def test_any_name_survives_as_text_and_its_file_is_archived_and_removed(drop: Path, name: bytes, told: str) -> None:
    path = Path(os.fsdecode(os.fsencode(drop) + b"/" + name))
    put(path, "a letter")
    (arrival,) = look(drop).arrivals
    assert arrival.source_path == told
    arrival.source_path.encode("utf-8")
    assert settle([arrival], {}, letter_folders(drop), empty_drop_folder=True)["removed"] == 1
    assert not path.exists()
    assert (drop.parent / "archive" / archived(arrival.sha256, ".txt")).read_text() == "a letter"


def test_different_names_are_told_differently() -> None:
    names = ["a\nb", r"a\nb", "a\udcffb", r"a\xffb", "a\\\nb"]
    assert len({shown(name) for name in names}) == len(names)


def test_a_file_that_is_still_being_written_waits_and_one_that_has_come_to_rest_is_taken(drop: Path) -> None:
    class Growing(DiskFolder):
        """Somebody goes on writing `half.txt` while we look."""

        def look(self, name: str):
            if name == "half.txt":
                with (self.root / name).open("a") as file:
                    file.write("more")
            return super().look(name)

    put(drop / "half.txt", "half a letter", time.time())
    put(drop / "done.txt", "a whole letter", time.time())
    put(drop / "old.txt", "an old letter")
    found = look(Growing(drop), quiet_seconds=0.2)
    assert {a.source_path for a in found.arrivals} == {"done.txt", "old.txt"}
    assert waiting(found) == {"half.txt": BEING_WRITTEN}


def test_a_file_that_vanishes_while_it_is_read_waits_and_stops_nothing(drop: Path) -> None:
    class Vanishing(DiskFolder):
        """`gone.txt` is taken away just before it is opened."""

        def open(self, name: str) -> BinaryIO:
            if name == "gone.txt":
                (self.root / name).unlink()
            return super().open(name)

    put(drop / "gone.txt", "1")
    put(drop / "here.txt", "2")
    found = look(Vanishing(drop))
    assert [a.source_path for a in found.arrivals] == ["here.txt"]
    assert waiting(found) == {"gone.txt": UNREADABLE}
    assert found.waiting[0].detail == "No such file or directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_waits_with_the_reason(drop: Path) -> None:
    put(drop / "shut.txt", "1").chmod(0)
    put(drop / "here.txt", "2")
    found = look(drop)
    assert [a.source_path for a in found.arrivals] == ["here.txt"]
    assert [(w.source_path, w.why, w.detail) for w in found.waiting] == [("shut.txt", UNREADABLE, "Permission denied")]


def test_a_folder_that_cannot_be_listed_is_accounted_for(drop: Path) -> None:
    here = os.open(drop, os.O_RDONLY)
    folder = here
    for _ in range(20):  # deeper than a path may be long
        os.mkdir("d" * 250, dir_fd=folder)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    put(drop / "a.txt", "1")
    found = look(drop)
    assert [a.source_path for a in found.arrivals] == ["a.txt"]
    assert [(w.why, w.detail) for w in found.waiting] == [(UNREADABLE, "File name too long")]


def test_the_oldest_are_taken_first_and_what_is_over_the_limit_waits(drop: Path) -> None:
    for age, name in enumerate(["newest", "middle", "oldest"]):
        put(drop / f"{name}.txt", name, LONG_AGO - age)
    put(drop / "copy.txt", "oldest", LONG_AGO - 2)
    found = look(drop, most=2)
    assert {a.source_path: a.status for a in found.arrivals} == {"copy.txt": NEW, "oldest.txt": DUPLICATE}
    assert waiting(found) == {"middle.txt": OVER_THE_LIMIT, "newest.txt": OVER_THE_LIMIT}
    assert len(found.arrivals) + len(found.waiting) == 4, "every file is told"


def test_a_file_that_had_to_wait_keeps_the_time_it_was_first_seen(drop: Path) -> None:
    put(drop / "a.txt", "1")
    ledger = Ledger(waiting={"a.txt": "2017-01-02T03:04:05+00:00"})
    assert look(drop, ledger=ledger).arrivals[0].first_seen == "2017-01-02T03:04:05+00:00"


def test_a_letter_written_between_copying_and_removing_is_not_lost(drop: Path) -> None:
    class Hasty(DiskFolder):
        """Somebody writes a new letter under the same name right after ours was copied."""

        def open(self, name: str) -> BinaryIO:
            file = super().open(name)
            (self.root / "other").write_text("a new letter")
            (self.root / "other").replace(self.root / name)
            return file

    put(drop / "a.txt", "a letter")
    arrivals = look(drop).arrivals
    counts = settle(arrivals, {}, letter_folders(Hasty(drop)), empty_drop_folder=True)
    assert (counts["archived"], counts["changed"], counts["removed"]) == (1, 1, 0)
    assert (drop / "a.txt").read_text() == "a new letter"


def worth(folder: Folder | Path, last: str | None = None) -> tuple[str | None, bool]:
    place = folder_at(folder) if isinstance(folder, Path) else folder
    return worth_a_load(place, last, suffixes=SUFFIXES, quiet_seconds=60)


def test_each_set_of_letters_is_worth_one_load(drop: Path) -> None:
    assert worth(drop) == (None, False), "an empty folder is worth none"
    put(drop / "a.txt", "1")
    first, is_worth = worth(drop)
    assert is_worth
    assert worth(drop, first) == (first, False), "the same letter again: it was stopped at a gate, say"
    put(drop / "b.txt", "2")
    second, is_worth = worth(drop, first)
    assert is_worth
    (drop / "b.txt").unlink()
    assert worth(drop, second) == (first, True), "what is left is another set: of what was over the limit, say"


def test_what_is_no_use_yet_is_worth_no_load(drop: Path, tmp_path: Path) -> None:
    put(drop / "fresh.txt", "1", time.time())
    put(drop / "notes.md", "2")
    put(drop / ".hidden.txt", "3")
    os.mkfifo(drop / "pipe.pdf")
    (drop / "link.txt").symlink_to(put(tmp_path / "secret.txt", "4"))
    assert worth(drop) == (None, False)
    assert worth(drop.parent / "nowhere") == (None, False)


def test_letters_that_cannot_be_opened_are_worth_no_load(drop: Path) -> None:
    class Shut(DiskFolder):
        """Nobody may read it."""

        def open(self, name: str) -> BinaryIO:
            raise PermissionError(name)

    put(drop / "a.txt", "1")
    found, is_worth = worth(Shut(drop))
    assert found is not None
    assert not is_worth
