"""Scans read by the real tesseract, which `.ci/run` installs; without it these tests are skipped."""

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

pytestmark = pytest.mark.slow

WITH_OCR = Limits(ocr=True)


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("scan") / "scan.pdf"
    file.write_bytes(faults.scan(draw_letter(named_letters()["CM16-0300001"])))
    return file


needs_tesseract = pytest.mark.skipif(
    ocr.find_program() is None, reason="tesseract is not installed (Debian: tesseract-ocr)"
)


@needs_tesseract
def test_a_scan_is_read_and_flagged_if_ocr_is_on(scan: Path) -> None:
    ((_, letter),) = read_letters([scan], WITH_OCR)
    assert isinstance(letter, LetterRecord), letter
    assert (letter.case_number, letter.extractor) == ("CM16-0300001", "tesseract")
    assert [d.outcome for d in letter.decisions] == ["upheld"]
    assert letter.decisions[0].treatment_requested == "MRI of the lumbar spine without contrast"
    assert "read_by_ocr" in {flag.code for flag in letter.flags}


@needs_tesseract
def test_ocr_that_takes_too_long_costs_that_letter(scan: Path) -> None:
    ((_, error),) = read_letters([scan], replace(WITH_OCR, ocr_seconds=0.2))
    assert isinstance(error, UnreadableError)
    assert error.reason is Reason.TIMED_OUT


def test_a_scan_is_quarantined_by_default(scan: Path) -> None:
    ((_, error),) = read_letters([scan], Limits())
    assert isinstance(error, UnreadableError)
    assert error.reason is Reason.NO_TEXT_LAYER
    assert "IMR_OCR" in error.reason.remedy


def test_ocr_without_tesseract_names_the_package_to_install(scan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(StartError, match="tesseract-ocr"):
        list(read_letters([scan], WITH_OCR))
