"""Sample letters drawn with a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.letters import SampleLetter, draw, draw_letter, named_letters
from tests.support.letters.blocks import Block

LETTER = named_letters()["CM16-0300001"]
"""A letter of the header-table layout with one decision."""


def draw_without(monkeypatch: pytest.MonkeyPatch, letter: SampleLetter, printed: str) -> bytes:
    """Return a letter drawn without the paragraphs that begin with `printed`."""
    draw_all = draw.letter_blocks

    def draw_some(letter: SampleLetter) -> list[Block]:
        return [b for b in draw_all(letter) if not b.runs[0].text.startswith(printed)]

    monkeypatch.setattr(draw, "letter_blocks", draw_some)
    return draw_letter(letter)


def change_letter(case_number: str, outcome: str | None = None, **changes: Any) -> SampleLetter:
    """Return a letter with its own case number and other changes; `outcome` is that of every decision."""
    decisions = changes.pop("decisions", LETTER.decisions)
    if outcome:
        decisions = tuple(replace(d, outcome=outcome) for d in decisions)
    return replace(LETTER, case_number=case_number, decisions=decisions, **changes)


def write_letter(folder: Path, name: str, case_number: str, outcome: str | None = None, **changes: Any) -> Path:
    """Draw a letter as `change_letter` makes it into a folder, created if missing; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(draw_letter(change_letter(case_number, outcome, **changes)))
    return folder / name


def write_poisoned(folder: Path) -> list[Path]:
    """Draw letters with an unknown decision into a folder, as many as stop a small batch; return their paths."""
    cases = [f"CM17-050001{number}" for number in range(6)]
    return [write_letter(folder, f"poisoned {case}.pdf", case, outcome="Remanded") for case in cases]


def write_letters(folder: Path, letters: Sequence[SampleLetter]) -> Path:
    """Draw letters into a folder, created if missing, each named after its case; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for letter in letters:
        (folder / f"{letter.case_number}.pdf").write_bytes(draw_letter(letter))
    return folder


def draw_letter_with_identity() -> bytes:
    """Draw a letter with a telephone number in its summary, which is quarantined until a person releases it."""
    letter = named_letters()["CM16-0300001"]
    summary = letter.clinical_case_summary + " Call (415) 555-0134 for the records."
    return draw_letter(replace(letter, case_number="CM17-0500021", clinical_case_summary=summary))
