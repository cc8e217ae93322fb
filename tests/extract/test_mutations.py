"""Spoilt letters: each reads as before, or says by a flag or a reason that it does not; never as another clean letter.

What no reader can know is left out, and only that: a lost or doubled line of running text, if nothing else than the
words of that line goes or comes (`clean_difference`); and a letter that is cut off behind the last full stop of a
rationale, which then ends as a shorter letter would: the decisions before the cut have to be the letter's.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

import pytest

from extract.letters.parse import parse_letter
from extract.lines import Document, Line
from extract.pdf_text import fast
from extract.plain_text import read_text
from extract.pool import ReadResult, read_letters
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from tests.extract import mutate
from tests.support.letters import draw_letter, draw_text, named_letters

LAYOUTS = ("table_header", "credentials_in_prose")
"""Those seen on real letters: what such a letter always has is known."""
SAMPLES = {name: letter for name, letter in named_letters().items() if letter.layout in LAYOUTS}
LABELS = ("Claims Administrator guideline:", "MAXIMUS guideline:", "Decision rationale:")


def read(lines: list[Line], like: Document) -> ReadResult:
    try:
        return parse_letter(Document(tuple(lines), like.page_count, like.extractor), letter_id="", source_name="")
    except UnreadableError as refused:
        return refused


@cache
def documents() -> dict[str, tuple[Document, LetterRecord]]:
    """Every sample letter as lines, from PDF and, where it is kept so, from text; with its record."""
    found = {name: fast.read_lines(draw_letter(letter), max_pages=50) for name, letter in SAMPLES.items()}
    texts = {name: letter for name, letter in SAMPLES.items() if not letter.has_header_table}
    found |= {f"{name} as text": read_text(draw_text(letter).encode()) for name, letter in texts.items()}
    read_back = {name: read(list(document.lines), document) for name, document in found.items()}
    assert all(isinstance(record, LetterRecord) for record in read_back.values())
    return {name: (found[name], record) for name, record in read_back.items()}


def test_both_layouts_are_spoilt_with_and_without_fonts() -> None:
    assert {(record.format, record.extractor) for _, record in documents().values()} == {
        ("table_header", "pdfium"), ("credentials_in_prose", "pdfium"), ("credentials_in_prose", "text"),
    }  # fmt: skip


@pytest.mark.parametrize("spoil", [mutate.drop_a_line, mutate.double_a_line])
def test_a_lost_or_doubled_line_never_makes_another_clean_letter(spoil: mutate.Lines) -> None:
    found, spoilt = {}, 0
    for name, (document, was) in documents().items():
        for at, line in enumerate(document.lines):
            spoilt += 1
            outcome = read(spoil(list(document.lines), at), document)
            if told := mutate.clean_difference(was, outcome, line.text):
                found[name, line.text] = told
    assert spoilt > 1000
    assert found == {}


def test_a_lost_label_never_goes_unnoticed() -> None:
    found, spoilt = {}, 0
    for name, (document, _) in documents().items():
        lines = list(document.lines)
        for at, line in enumerate(lines):
            for label in (label for label in LABELS if line.text.startswith(label)):
                spoilt += 1
                rest = Line(line.text.removeprefix(label).strip(), line.page, line.begins_bold)
                outcome = read([*lines[:at], rest, *lines[at + 1 :]], document)
                if not (isinstance(outcome, UnreadableError) and outcome.reason is Reason.INCOMPLETE_LETTER):
                    found[name, line.text] = outcome
    assert spoilt > 90
    assert found == {}


def test_a_letter_cut_off_is_incomplete_or_flagged_or_ends_with_a_sentence() -> None:
    found, spoilt, shorter = {}, 0, 0
    for name, (document, was) in documents().items():
        for at in range(len(document.lines) - 1):
            spoilt += 1
            outcome = read(mutate.cut_off(list(document.lines), at), document)
            if isinstance(outcome, UnreadableError) or set(outcome.flags) - set(was.flags):
                continue
            shorter += 1
            if not ends_early(outcome, was):
                found[name, at] = outcome
    assert spoilt > 1000
    assert 0 < shorter < spoilt / 10
    assert found == {}


def ends_early(outcome: LetterRecord, was: LetterRecord) -> bool:
    """Whether a letter is another's beginning, up to the end of a sentence of a rationale."""
    *whole, last = outcome.decisions
    at = len(whole)
    begun = was.decisions[at]
    return (
        (tuple(whole), last.treatment_requested, last.outcome)
        == (was.decisions[:at], begun.treatment_requested, begun.outcome)
        and begun.rationale.startswith(last.rationale)
        and last.rationale.endswith((".", "?", "!", '"', "”", ")"))
        and all(getattr(outcome, name) == getattr(was, name) for name in ("case_number", "clinical_case_summary"))
    )


@pytest.mark.parametrize("encrypt", [True, False], ids=["encrypted", "in_the_clear"])
def test_spoilt_bytes_never_make_another_clean_letter(encrypt: bool, tmp_path: Path) -> None:
    chance, letters = Random(20), list(SAMPLES.values())  # noqa: S311 - repeatable, not secret
    files, whole, paths = [draw_letter(letter, encrypt=encrypt) for letter in letters], [], []
    for number, data in enumerate(files):
        whole.append(tmp_path / f"whole {number}.pdf")
        whole[-1].write_bytes(data)
    was = dict(read_letters(whole, processes=2))
    for number in range(160):
        paths.append(tmp_path / f"{number}.pdf")
        spoil = mutate.BYTE_MUTATIONS[number % len(mutate.BYTE_MUTATIONS)]
        paths[-1].write_bytes(spoil(files[number % len(files)], chance))
    outcomes = dict(read_letters(paths, processes=2))
    assert sorted(outcomes) == list(range(160))
    differences = {n: mutate.clean_difference(was[n % len(files)], outcome) for n, outcome in outcomes.items()}
    assert {n: told for n, told in differences.items() if told} == {}
    kinds = {type(outcome) for outcome in outcomes.values()}
    assert kinds == {LetterRecord, UnreadableError}
