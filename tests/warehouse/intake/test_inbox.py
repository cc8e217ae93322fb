from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.errors import WarehouseError
from warehouse.intake.archive import LetterFolders, settle
from warehouse.intake.inbox import DUPLICATE, KNOWN, NEW, Arrival, Intake, Scan, archived, hash_file, scan
from warehouse.intake.ledger import Ledger
from warehouse.storage import folder_at

VERSION = "7"


NOTHING_READ = Ledger()


def look(folder: Path, ledger: Ledger = NOTHING_READ, returned: tuple[Arrival, ...] = ()) -> Scan:
    return scan(folder_at(folder), ledger, Intake((".pdf", ".txt"), VERSION, 1000, 0), returned)


def put(folder: Path, name: str, content: str = "a letter") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def statuses(found: Scan) -> dict[str, str]:
    return {a.source_path: a.status for a in found.arrivals}


def test_new_letters_are_found_in_subfolders_by_any_case_of_their_ending(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf", "1")
    put(tmp_path, "2017/b.PDF", "2")
    put(tmp_path, "2013/c.txt", "3")
    assert statuses(look(tmp_path)) == {"a.pdf": NEW, "2017/b.PDF": NEW, "2013/c.txt": NEW}


def test_what_is_no_letter_by_its_name_is_counted_and_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "labels.jsonl")
    put(tmp_path, "README.md")
    put(tmp_path, "half.pdf.part")
    put(tmp_path, ".hidden.pdf")
    found = look(tmp_path)
    assert (found.arrivals, found.ignored) == ((), 2)


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = put(tmp_path, "elsewhere/secret.pdf")
    (tmp_path / "drop").mkdir()
    (tmp_path / "drop" / "link.pdf").symlink_to(outside)
    (tmp_path / "drop" / "folder").symlink_to(outside.parent)
    assert look(tmp_path / "drop").arrivals == ()


def test_the_same_bytes_under_another_name_are_a_duplicate(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf")
    put(tmp_path, "b.pdf")
    assert statuses(look(tmp_path)) == {"a.pdf": NEW, "b.pdf": DUPLICATE}


def test_the_ledger_tells_known_files_from_copies_of_them(tmp_path: Path) -> None:
    sha256 = hash_file(put(tmp_path, "a.pdf"))
    put(tmp_path, "copy.pdf")
    ledger = Ledger(read=frozenset({(sha256, VERSION)}), seen=frozenset({(sha256, "a.pdf")}))
    assert statuses(look(tmp_path, ledger)) == {"a.pdf": KNOWN, "copy.pdf": DUPLICATE}


def test_a_newer_parser_reads_a_known_file_again(tmp_path: Path) -> None:
    sha256 = hash_file(put(tmp_path, "a.pdf"))
    ledger = Ledger(read=frozenset({(sha256, "6")}), seen=frozenset({(sha256, "a.pdf")}))
    assert statuses(look(tmp_path, ledger)) == {"a.pdf": NEW}


def test_a_rolled_back_letter_comes_again_from_the_archive_and_one_that_is_dropped_too_comes_once(
    tmp_path: Path,
) -> None:
    put(tmp_path / "drop", "x.pdf", "1")
    put(tmp_path / "drop", "copy.pdf", "1")
    back = [put(tmp_path / "archive", "x.pdf", "1"), put(tmp_path / "archive", "y.pdf", "2")]
    returned = tuple(Arrival(str(p), p.name, 1, hash_file(p), NEW) for p in back)
    found = look(tmp_path / "drop", returned=returned).arrivals
    assert sorted((a.source_path, a.status) for a in found) == [
        ("copy.pdf", DUPLICATE),
        ("x.pdf", KNOWN),
        ("x.pdf", NEW),
        ("y.pdf", NEW),
    ]


def test_a_missing_drop_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=r"drop folder .*nowhere is not there"):
        look(tmp_path / "nowhere")


def letter_folders(tmp_path: Path) -> LetterFolders:
    return LetterFolders(*(folder_at(tmp_path / name) for name in ("drop", "archive", "quarantine")))


def settled(tmp_path: Path, *, empty: bool, quarantined: bool = False) -> dict[str, int]:
    drop = tmp_path / "drop"
    arrivals = look(drop).arrivals
    notes = {a.sha256: {"reason": "damaged", "detail": "cut off"} for a in arrivals} if quarantined else {}
    return settle(arrivals, notes, letter_folders(tmp_path), empty_drop_folder=empty)


def test_settling_the_inbox_moves_letters_to_the_archive_by_hash(tmp_path: Path) -> None:
    letter = put(tmp_path / "drop", "a.pdf")
    sha256 = hash_file(letter)
    assert settled(tmp_path, empty=True) == {"archived": 1, "quarantined": 0, "removed": 1, "changed": 0}
    assert not letter.exists()
    assert (tmp_path / "archive" / archived(sha256, ".pdf")).read_text() == "a letter"


def test_settling_any_other_folder_only_copies_from_it(tmp_path: Path) -> None:
    letter = put(tmp_path / "drop", "a.pdf")
    letter.chmod(0o444)
    assert settled(tmp_path, empty=False)["archived"] == 1
    assert letter.exists()
    assert settled(tmp_path, empty=False)["archived"] == 0, "a second time there is nothing to do"


def test_a_quarantined_file_lies_under_its_reason_with_a_note(tmp_path: Path) -> None:
    sha256 = hash_file(put(tmp_path / "drop", "a.pdf"))
    assert settled(tmp_path, empty=True, quarantined=True)["quarantined"] == 1
    stored = tmp_path / "quarantine" / "damaged" / archived(sha256, ".pdf")
    assert stored.exists()
    assert '"cut off"' in stored.with_suffix(".json").read_text()


def test_a_file_that_changed_since_the_scan_stays_for_the_next_run(tmp_path: Path) -> None:
    letter = put(tmp_path / "drop", "a.pdf")
    arrivals = look(tmp_path / "drop").arrivals
    letter.write_text("another letter under the same name")
    moved = settle(arrivals, {}, letter_folders(tmp_path), empty_drop_folder=True)
    assert moved["changed"] == 1
    assert letter.exists()
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize("target", ["a file", "nothing", "a folder"])
def test_a_link_that_took_a_letters_place_is_left_alone_and_stops_nothing(tmp_path: Path, target: str) -> None:
    letter, other = put(tmp_path / "drop", "a.pdf"), put(tmp_path / "drop", "b.pdf", "another letter")
    arrivals = look(tmp_path / "drop").arrivals
    letter.unlink()
    elsewhere = tmp_path / "elsewhere"
    if target == "a file":
        elsewhere.write_text("a letter")  # its very bytes: it is not read even so
    elif target == "a folder":
        elsewhere.mkdir()
    letter.symlink_to(elsewhere)
    moved = settle(arrivals, {}, letter_folders(tmp_path), empty_drop_folder=True)
    assert moved == {"archived": 1, "quarantined": 0, "removed": 1, "changed": 1}
    assert letter.is_symlink()
    assert not other.exists()


def test_a_letter_that_is_gone_is_told_unless_it_was_settled_before(tmp_path: Path) -> None:
    letter = put(tmp_path / "drop", "a.pdf")
    arrivals = look(tmp_path / "drop").arrivals
    assert settle(arrivals, {}, letter_folders(tmp_path), empty_drop_folder=True)["archived"] == 1
    nothing = {"archived": 0, "quarantined": 0, "removed": 0, "changed": 0}
    assert settle(arrivals, {}, letter_folders(tmp_path), empty_drop_folder=True) == nothing
    put(tmp_path / "drop", "b.pdf", "another letter")
    arrivals = look(tmp_path / "drop").arrivals
    (tmp_path / "drop" / "b.pdf").unlink()
    assert not letter.exists()
    assert settle(arrivals, {}, letter_folders(tmp_path), empty_drop_folder=True) == nothing | {"changed": 1}
