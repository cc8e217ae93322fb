"""Sample letters drawn with a part left out."""

from __future__ import annotations

import pytest

from tests.support.letters import SampleLetter, draw, draw_letter
from tests.support.letters.blocks import Block


def without(monkeypatch: pytest.MonkeyPatch, letter: SampleLetter, printed: str) -> bytes:
    """The letter drawn without the paragraphs that begin so."""
    whole = draw.letter_blocks

    def blocks(letter: SampleLetter) -> list[Block]:
        return [b for b in whole(letter) if not b.runs[0].text.startswith(printed)]

    monkeypatch.setattr(draw, "letter_blocks", blocks)
    return draw_letter(letter)
