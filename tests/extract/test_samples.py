"""The shipped sample files, and the faults of those that a load quarantines."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pdfplumber
import pypdf
import pypdfium2
import pytest
from pdfplumber.utils.exceptions import PdfminerException

from extract.samples import write_samples
from tests.support.letters import draw_letter, faults, named_letters
from tests.support.letters.sample_files import build_sample_files

LETTER = draw_letter(named_letters()["CM16-0300005"])


def read_text(pdf: bytes, password: str | None = None) -> str:
    with pypdfium2.PdfDocument(pdf, password=password) as document:
        return " ".join(page.get_textpage().get_text_range() for page in document)


def test_the_shipped_files_are_what_the_builder_draws(tmp_path: Path) -> None:
    shipped = {path.name: path.read_bytes() for path in write_samples(tmp_path)}
    for name, content in build_sample_files():
        assert shipped[name] == content, f"{name}: run python -m tests.support.letters.sample_files"


def test_letters_are_encrypted_and_open_without_a_password() -> None:
    reader = pypdf.PdfReader(BytesIO(LETTER))
    assert reader.is_encrypted
    assert "Case Number:" in reader.pages[0].extract_text()


def test_a_damaged_file_opens_in_no_reader() -> None:
    with pytest.raises(PdfminerException), pdfplumber.open(BytesIO(faults.damaged(LETTER))) as document:
        list(document.pages)
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(faults.damaged(LETTER))


def test_a_locked_file_opens_with_its_password_only() -> None:
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(faults.locked(LETTER))
    assert "CM16-0300005" in read_text(faults.locked(LETTER), faults.PASSWORD)


def test_a_scan_has_pictures_and_no_text() -> None:
    with pdfplumber.open(BytesIO(faults.scan(LETTER))) as scan:
        assert scan.pages
        assert all(page.images and not page.chars for page in scan.pages)


def test_another_document_has_text_and_is_no_letter() -> None:
    assert "swivel chairs" in read_text(faults.not_a_letter())
    assert "Case Number" not in read_text(faults.not_a_letter())
