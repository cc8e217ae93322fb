"""Sample letters drawn with a part left out or added."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.letters import SampleLetter, draw, draw_letter, named_letters
from tests.support.letters.blocks import Block


def without(monkeypatch: pytest.MonkeyPatch, letter: SampleLetter, printed: str) -> bytes:
    """The letter drawn without the paragraphs that begin so."""
    whole = draw.letter_blocks

    def blocks(letter: SampleLetter) -> list[Block]:
        return [b for b in whole(letter) if not b.runs[0].text.startswith(printed)]

    monkeypatch.setattr(draw, "letter_blocks", blocks)
    return draw_letter(letter)


def draw_letter_with_identity() -> bytes:
    """Draw a letter with a telephone number in its summary, which is quarantined until a person releases it."""
    letter = named_letters()["CM16-0300001"]
    summary = letter.clinical_case_summary + " Call (415) 555-0134 for the records."
    return draw_letter(replace(letter, case_number="CM17-0500021", clinical_case_summary=summary))
