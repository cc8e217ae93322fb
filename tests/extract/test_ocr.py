"""A scan given to the real tesseract, which `.ci/run` installs; without it these tests are skipped."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from extract.limits import Limits
from extract.pdf_text import ocr
from extract.pool import StartError, read_letters
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from tests.support.letters import draw_letter, faults, named_letters

WITH_OCR = Limits(ocr=True)


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("scan") / "scan.pdf"
    file.write_bytes(faults.scan(draw_letter(named_letters()["CM16-0300001"])))
    return file


def needs_tesseract() -> None:
    if ocr.find_program() is None:
        pytest.skip("tesseract is not installed (Debian: tesseract-ocr)")


def test_a_scan_is_read_when_asked_for_and_says_how_it_was_read(scan: Path) -> None:
    needs_tesseract()
    ((_, letter),) = read_letters([scan], WITH_OCR)
    assert isinstance(letter, LetterRecord), letter
    assert (letter.case_number, letter.extractor) == ("CM16-0300001", "tesseract")
    assert [d.outcome for d in letter.decisions] == ["upheld"]
    assert letter.decisions[0].treatment_requested == "MRI of the lumbar spine without contrast"
    assert "read_by_ocr" in {flag.code for flag in letter.flags}


def test_text_recognition_that_takes_too_long_costs_that_letter(scan: Path) -> None:
    needs_tesseract()
    ((_, refused),) = read_letters([scan], replace(WITH_OCR, ocr_seconds=0.2))
    assert isinstance(refused, UnreadableError)
    assert refused.reason is Reason.TIMED_OUT


def test_a_scan_is_quarantined_by_default(scan: Path) -> None:
    ((_, refused),) = read_letters([scan], Limits())
    assert isinstance(refused, UnreadableError)
    assert refused.reason is Reason.NO_TEXT_LAYER
    assert "IMR_OCR" in refused.reason.remedy


def test_asking_for_it_without_the_program_says_what_to_install(scan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(StartError, match="tesseract-ocr"):
        list(read_letters([scan], WITH_OCR))
