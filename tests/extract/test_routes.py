"""The two text routes: they read the same, and where one is not sure or reads otherwise, the letter says so."""

from __future__ import annotations

import hashlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from extract.letters.parse import parse_letter
from extract.pdf_text import UnsureError, fast, integrity, reference
from extract.pdf_text.fast import DamagedError
from extract.read import AUDITED_OF_256, find_differences, read_letter
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from imr.samples import SampleLetter, draw, draw_letter, faults, named_letters
from tests.extract import hostile
from tests.extract.test_sample_letters import assert_reads_back

EXTRACTORS = {"pdfium": fast, "pdfplumber": reference}


def by_route(extractor: str, data: bytes) -> LetterRecord:
    document = EXTRACTORS[extractor].read_lines(data, max_pages=50)
    return parse_letter(document, letter_id="of the same file", source_name="letter.pdf")


def disagreements(path: Path) -> list[str]:
    data = path.read_bytes()
    return list(find_differences(by_route("pdfium", data), by_route("pdfplumber", data)))


def read(folder: Path, data: bytes) -> LetterRecord:
    path = folder / "letter.pdf"
    path.write_bytes(data)
    return read_letter(path)


def is_audited(data: bytes) -> bool:
    return hashlib.sha256(data).digest()[0] < AUDITED_OF_256


def drawn_until(letter: SampleLetter, audited: bool) -> bytes:
    """Draw the letter, with one more sentence each time, until its hash falls where it is wanted."""
    for number in count():
        told = f"{letter.clinical_case_summary} She was seen {number} times."
        data = draw_letter(replace(letter, clinical_case_summary=told))
        if is_audited(data) == audited:
            return data
    raise AssertionError


@pytest.mark.parametrize("name", sorted(named_letters()))
def test_both_routes_read_a_sample_letter_alike(name: str, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    path.write_bytes(draw_letter(named_letters()[name]))
    assert disagreements(path) == []


def test_both_routes_read_every_real_letter_alike(real_letters: Path) -> None:
    paths = sorted(real_letters.glob("*.pdf"))
    assert len(paths) == 125
    with ProcessPoolExecutor(2) as two:
        found = dict(zip(paths, two.map(disagreements, paths, chunksize=8), strict=True))
    assert {path.name: told for path, told in found.items() if told} == {}


def test_no_real_letter_is_taken_for_damaged(real_letters: Path) -> None:
    paths = sorted(real_letters.glob("*.pdf"))
    assert len(paths) == 125
    assert [path.name for path in paths if list(integrity.find_faults(path.read_bytes()))] == []


@pytest.fixture
def routes_run(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The routes that text was really read by, in order."""
    ran: list[str] = []
    for name, module in EXTRACTORS.items():
        reading = module.read_lines

        def noted(*args: Any, name: str = name, reading: Any = reading, **kwargs: Any) -> Any:
            ran.append(name)
            return reading(*args, **kwargs)

        monkeypatch.setattr(module, "read_lines", noted)
    return ran


def test_most_letters_are_read_once(letter: SampleLetter, routes_run: list[str], tmp_path: Path) -> None:
    record = read(tmp_path, drawn_until(letter, audited=False))
    assert routes_run == ["pdfium"]
    assert (record.extractor, record.flags) == ("pdfium", ())


def test_a_letter_in_the_audit_is_read_twice(letter: SampleLetter, routes_run: list[str], tmp_path: Path) -> None:
    record = read(tmp_path, drawn_until(letter, audited=True))
    assert routes_run == ["pdfium", "pdfplumber"]
    assert (record.extractor, record.flags) == ("pdfium", ())


def test_about_one_letter_in_a_hundred_is_audited() -> None:
    audited = sum(is_audited(b"letter %d" % number) for number in range(20_000))
    assert 0.005 < audited / 20_000 < 0.02


def drawn_double(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Draw each line that holds a word twice in one place, as some printers' bold: pdfium takes one for the other."""
    once = draw._draw_line

    def twice(canvas: Any, placed: Any, baseline: float) -> None:
        for _ in range(1 + any(word in run.text for run in placed.line)):
            once(canvas, placed, baseline)

    monkeypatch.setattr(draw, "_draw_line", twice)


def test_a_field_that_the_audit_reads_otherwise_is_a_flag(
    letter: SampleLetter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    drawn_double(monkeypatch, "pump")
    record = read(tmp_path, drawn_until(letter, audited=True))
    assert record.extractor == "pdfium"
    assert "she lifted a pump." in record.clinical_case_summary
    assert {flag.code for flag in record.flags} == {"routes_disagree"}
    (told,) = [flag.detail for flag in record.flags if flag.detail.startswith("clinical_case_summary: ")]
    assert "by pdfium, " in told
    assert told.endswith(" by pdfplumber")


def test_an_audit_that_finds_no_letter_is_a_flag_and_costs_nothing(
    letter: SampleLetter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    drawn_double(monkeypatch, "CLINICAL CASE SUMMARY")
    record = read(tmp_path, drawn_until(letter, audited=True))
    assert_reads_back(record, replace(letter, clinical_case_summary=record.clinical_case_summary))
    (flag,) = record.flags
    assert flag.code == "routes_disagree"
    assert "by pdfplumber no letter is read: incomplete_letter" in flag.detail


def test_a_table_of_objects_that_had_to_be_guessed_is_read_by_the_reference_and_flagged(
    letter: SampleLetter, routes_run: list[str], tmp_path: Path
) -> None:
    record = read(tmp_path, draw_letter(letter).replace(b"startxref\n", b"startxref\n9"))
    assert routes_run == ["pdfium", "pdfplumber"]
    assert record.extractor == "pdfplumber"
    assert [flag.code for flag in record.flags] == ["file_damaged"]
    assert_reads_back(record, letter)


@pytest.mark.parametrize("encrypt", [True, False], ids=["encrypted", "in_the_clear"])
def test_one_wrong_bit_in_a_page_is_noticed(encrypt: bool, letter: SampleLetter) -> None:
    data = draw_letter(letter, encrypt=encrypt)
    assert list(integrity.find_faults(data)) == []
    at = data.index(b"stream", data.index(b"/Contents")) + 200
    with pytest.raises(DamagedError):
        fast.read_lines(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], max_pages=5)


def test_a_letter_behind_another_cipher_is_not_taken_for_damaged(letter: SampleLetter) -> None:
    data = draw_letter(letter).replace(b"/AESV2", b"/OTHER")
    assert list(integrity.find_faults(data)) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [(faults.scan(draw_letter(named_letters()["CM16-0300005"])), Reason.NO_TEXT_LAYER),
     (faults.locked(draw_letter(named_letters()["CM16-0300005"])), Reason.PASSWORD),
     (hostile.xref_garbage(), Reason.DAMAGED)],
    ids=["scan", "locked", "garbage"],
)  # fmt: skip
def test_what_the_fast_route_is_not_sure_of_the_reference_names(data: bytes, reason: Reason) -> None:
    with pytest.raises(UnsureError):
        fast.read_lines(data, max_pages=50)
    with pytest.raises(UnreadableError) as refused:
        reference.read_lines(data, max_pages=50)
    assert refused.value.reason is reason


def test_text_that_does_not_line_up_with_its_characters_is_not_trusted() -> None:
    """A character that needs two units of UTF-16 shifts every one behind it, and so the look-up of fonts."""
    with pytest.raises(UnsureError, match="page 1: text and characters do not line up"):
        fast.read_lines(hostile.characters_beyond_the_basic_plane(), max_pages=5)
