"""A sample letter as paragraphs, in printed order: one module a family of layouts."""

from __future__ import annotations

from tests.support.letters.blocks import Block
from tests.support.letters.layouts.determination import determination_blocks
from tests.support.letters.layouts.letterhead import letterhead_blocks
from tests.support.letters.layouts.notice import notice_blocks
from tests.support.letters.layouts.professional_review import review_blocks
from tests.support.letters.letter import SampleLetter

_BLOCKS = {
    "table_header": determination_blocks,
    "credentials_in_prose": determination_blocks,
    "letterhead": letterhead_blocks,
    "notice_2013": notice_blocks,
    "professional_review": review_blocks,
}


def letter_blocks(letter: SampleLetter) -> list[Block]:
    """Return all paragraphs of the letter, without a header table."""
    return _BLOCKS[letter.layout](letter)
