"""The two text routes read the same; if one is unsure or reads something else, the letter is flagged."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extract.letters.parse import parse_letter
from extract.pdf_text import fast, integrity, reference
from extract.pdf_text.fast import DamagedError, UnsureError
from extract.read import find_differences
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from tests.extract import hostile
from tests.extract.conftest import assert_reads_back, draw_until, is_audited, read_bytes
from tests.support.letters import SampleLetter, draw, draw_letter, faults, named_letters

ROUTES = {"pdfium": fast, "pdfplumber": reference}
LETTERS = named_letters()
A_LETTER = draw_letter(LETTERS["CM16-0300005"])


def compare_routes(data: bytes) -> list[str]:
    documents = (route.read_lines(data, max_pages=50) for route in (fast, reference))
    records = (parse_letter(document, letter_id="0", source_name="letter.pdf") for document in documents)
    return list(find_differences(*records))


@pytest.mark.parametrize("name", LETTERS)
def test_both_routes_read_a_sample_letter_alike(name: str) -> None:
    assert compare_routes(draw_letter(LETTERS[name])) == []


@pytest.mark.slow
def test_both_routes_read_every_real_letter_alike_and_none_is_damaged(real_letters: Path) -> None:
    letters = {path.name: path.read_bytes() for path in real_letters.glob("*.pdf")}
    assert letters
    with ProcessPoolExecutor(2) as two:
        found = dict(zip(letters, two.map(compare_routes, letters.values(), chunksize=8), strict=True))
    assert {name: differences for name, differences in found.items() if differences} == {}
    assert [name for name, data in letters.items() if list(integrity.find_faults(data))] == []


@pytest.fixture
def routes_run(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The routes that have read a file, in order."""
    ran: list[str] = []
    for name, module in ROUTES.items():

        def record_call(*args: Any, name: str = name, read_lines: Any = module.read_lines, **kwargs: Any) -> Any:
            ran.append(name)
            return read_lines(*args, **kwargs)

        monkeypatch.setattr(module, "read_lines", record_call)
    return ran


@pytest.mark.parametrize(("audited", "routes"), [(False, ["pdfium"]), (True, ["pdfium", "pdfplumber"])])
def test_only_a_letter_in_the_audit_is_read_twice(
    audited: bool, routes: list[str], letter: SampleLetter, routes_run: list[str], tmp_path: Path
) -> None:
    record = read_bytes(tmp_path, draw_until(letter, audited=audited))
    assert routes_run == routes
    assert (record.extractor, record.flags) == ("pdfium", ())


def test_about_one_letter_in_a_hundred_is_audited() -> None:
    audited = sum(is_audited(b"letter %d" % number) for number in range(20_000))
    assert 0.005 < audited / 20_000 < 0.02


def read_drawn_double(folder: Path, monkeypatch: pytest.MonkeyPatch, letter: SampleLetter, words: str) -> LetterRecord:
    """Read an audited letter whose lines with these words are drawn twice in one place, as some printers' bold.

    Only pdfium reads such a line once.
    """
    draw_line = draw._draw_line

    def draw_twice(canvas: Any, placed: Any, baseline: float) -> None:
        for _ in range(1 + any(words in run.text for run in placed.line)):
            draw_line(canvas, placed, baseline)

    monkeypatch.setattr(draw, "_draw_line", draw_twice)
    return read_bytes(folder, draw_until(letter, audited=True))


def test_a_field_that_the_audit_reads_differently_is_flagged(
    letter: SampleLetter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    record = read_drawn_double(tmp_path, monkeypatch, letter, "pump")
    assert record.extractor == "pdfium"
    assert "she lifted a pump." in record.clinical_case_summary
    assert {flag.code for flag in record.flags} == {"routes_disagree"}
    (detail,) = [flag.detail for flag in record.flags if flag.detail.startswith("clinical_case_summary: ")]
    assert "by pdfium, " in detail
    assert detail.endswith(" by pdfplumber")


def test_an_audit_that_finds_no_letter_is_flagged_and_the_letter_kept(
    letter: SampleLetter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    record = read_drawn_double(tmp_path, monkeypatch, letter, "CLINICAL CASE SUMMARY")
    assert_reads_back(record, replace(letter, clinical_case_summary=record.clinical_case_summary))
    (flag,) = record.flags
    assert flag.code == "routes_disagree"
    assert "by pdfplumber no letter is read: incomplete_letter" in flag.detail


def test_a_reconstructed_cross_reference_table_is_read_by_the_reference_and_flagged(
    letter: SampleLetter, routes_run: list[str], tmp_path: Path
) -> None:
    record = read_bytes(tmp_path, draw_letter(letter).replace(b"startxref\n", b"startxref\n9"))
    assert routes_run == ["pdfium", "pdfplumber"]
    assert record.extractor == "pdfplumber"
    assert [flag.code for flag in record.flags] == ["file_damaged"]
    assert_reads_back(record, letter)


@pytest.mark.parametrize("encrypt", [True, False], ids=["encrypted", "plain"])
def test_one_wrong_bit_in_a_page_is_found(encrypt: bool, letter: SampleLetter) -> None:
    data = draw_letter(letter, encrypt=encrypt)
    assert list(integrity.find_faults(data)) == []
    at = data.index(b"stream", data.index(b"/Contents")) + 200
    with pytest.raises(DamagedError):
        fast.read_lines(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], max_pages=5)


def test_a_letter_with_another_encryption_is_not_damaged(letter: SampleLetter) -> None:
    assert list(integrity.find_faults(draw_letter(letter).replace(b"/AESV2", b"/OTHER"))) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (faults.scan(A_LETTER), Reason.NO_TEXT_LAYER),
        (faults.locked(A_LETTER), Reason.PASSWORD),
        (hostile.xref_garbage(), Reason.DAMAGED),
    ],
    ids=["scan", "locked", "garbage"],
)
def test_the_reference_finds_the_reason_where_the_fast_route_is_unsure(data: bytes, reason: Reason) -> None:
    with pytest.raises(UnsureError):
        fast.read_lines(data, max_pages=50)
    with pytest.raises(UnreadableError) as error:
        reference.read_lines(data, max_pages=50)
    assert error.value.reason is reason


def test_text_that_does_not_line_up_with_its_characters_is_unsure() -> None:
    """A character of two UTF-16 units would shift the font of every character after it."""
    with pytest.raises(UnsureError, match="page 1: text and characters do not line up"):
        fast.read_lines(hostile.characters_beyond_the_basic_plane(), max_pages=5)
