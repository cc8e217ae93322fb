"""A damaged letter reads as before, or has a flag or a reason; it never reads as another clean letter.

Two cases cannot be noticed: a lost or doubled line of running text, if only the words of that line change
(`find_clean_difference`), and a letter cut off after a full stop of a rationale, which ends as a shorter letter would.
Then the decisions before the cut must be the letter's.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

import pytest

from extract.letters.parse import parse_letter
from extract.letters.registry import load_formats
from extract.lines import Document, Line
from extract.pdf_text import fast
from extract.plain_text import read_text
from extract.pool import ReadResult, read_letters
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from tests.extract import mutate
from tests.support.letters import draw_letter, draw_text, named_letters

pytestmark = pytest.mark.slow

KNOWN_FORMATS = {f.id for f in load_formats() if f.labels_in_bold}
"""Formats whose required parts are known from real letters."""
SAMPLES = {name: letter for name, letter in named_letters().items() if letter.layout in KNOWN_FORMATS}
LABELS = ("Claims Administrator guideline:", "MAXIMUS guideline:", "Decision rationale:")


def parse(lines: list[Line], like: Document) -> ReadResult:
    try:
        return parse_letter(Document(tuple(lines), like.page_count, like.extractor), letter_id="", source_name="")
    except UnreadableError as error:
        return error


@cache
def read_samples() -> dict[str, tuple[Document, LetterRecord]]:
    """Return every sample letter as lines, from PDF and, without a table, from text; with its record."""
    found = {name: fast.read_lines(draw_letter(letter), max_pages=50) for name, letter in SAMPLES.items()}
    texts = {name: letter for name, letter in SAMPLES.items() if not letter.has_header_table}
    found |= {f"{name} as text": read_text(draw_text(letter).encode()) for name, letter in texts.items()}
    records = {name: parse(list(document.lines), document) for name, document in found.items()}
    assert all(isinstance(record, LetterRecord) for record in records.values())
    return {name: (found[name], record) for name, record in records.items()}


def test_every_known_format_is_damaged_with_and_some_without_fonts() -> None:
    records = [record for _, record in read_samples().values()]
    assert {record.format for record in records if record.extractor == "pdfium"} == KNOWN_FORMATS
    assert "text" in {record.extractor for record in records}


@pytest.mark.parametrize("damage", [mutate.drop_a_line, mutate.double_a_line])
def test_a_lost_or_doubled_line_never_makes_another_clean_letter(damage: mutate.Lines) -> None:
    found = {}
    for name, (document, before) in read_samples().items():
        for at, line in enumerate(document.lines):
            after = parse(damage(list(document.lines), at), document)
            if difference := mutate.find_clean_difference(before, after, line.text):
                found[name, line.text] = difference
    assert found == {}


def test_a_lost_label_is_always_noticed() -> None:
    found, count = {}, 0
    for name, (document, _) in read_samples().items():
        lines = list(document.lines)
        for at, line in enumerate(lines):
            for label in (label for label in LABELS if line.text.startswith(label)):
                count += 1
                rest = Line(line.text.removeprefix(label).strip(), line.page, line.begins_bold)
                result = parse([*lines[:at], rest, *lines[at + 1 :]], document)
                if not (isinstance(result, UnreadableError) and result.reason is Reason.INCOMPLETE_LETTER):
                    found[name, line.text] = result
    assert count == len(LABELS) * sum(len(record.decisions) for _, record in read_samples().values())
    assert found == {}


def test_a_letter_cut_off_is_incomplete_or_flagged_or_ends_with_a_sentence() -> None:
    found, count, shorter = {}, 0, 0
    for name, (document, before) in read_samples().items():
        for at in range(1, len(document.lines)):
            count += 1
            result = parse(list(document.lines)[:at], document)
            if isinstance(result, UnreadableError) or set(result.flags) - set(before.flags):
                continue
            shorter += 1
            if not is_beginning(result, before):
                found[name, at] = result
    assert 0 < shorter < count / 10
    assert found == {}


def is_beginning(record: LetterRecord, whole: LetterRecord) -> bool:
    """Whether a letter is another's beginning, up to the end of a sentence of a rationale."""
    *complete, last = record.decisions
    at = len(complete)
    begun = whole.decisions[at]
    return (
        (tuple(complete), last.treatment_requested, last.outcome)
        == (whole.decisions[:at], begun.treatment_requested, begun.outcome)
        and begun.rationale.startswith(last.rationale)
        and last.rationale.endswith((".", "?", "!", '"', "”", ")"))
        and all(getattr(record, name) == getattr(whole, name) for name in ("case_number", "clinical_case_summary"))
    )


@pytest.mark.parametrize("encrypt", [True, False], ids=["encrypted", "plain"])
def test_damaged_bytes_never_make_another_clean_letter(encrypt: bool, tmp_path: Path) -> None:
    random = Random(20)  # noqa: S311 - repeatable, not secret
    files = [draw_letter(letter, encrypt=encrypt) for letter in SAMPLES.values()]
    whole, damaged = [], []
    for number, data in enumerate(files):
        whole.append(tmp_path / f"whole {number}.pdf")
        whole[-1].write_bytes(data)
    for number in range(160):
        damaged.append(tmp_path / f"{number}.pdf")
        damage = mutate.BYTE_MUTATIONS[number % len(mutate.BYTE_MUTATIONS)]
        damaged[-1].write_bytes(damage(files[number % len(files)], random))
    before, after = (dict(read_letters(paths, processes=2)) for paths in (whole, damaged))
    assert len(after) == len(damaged)
    differences = {n: mutate.find_clean_difference(before[n % len(files)], result) for n, result in after.items()}
    assert {n: difference for n, difference in differences.items() if difference} == {}
    assert {type(result) for result in after.values()} == {LetterRecord, UnreadableError}
