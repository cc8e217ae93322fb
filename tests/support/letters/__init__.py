"""Builds synthetic determination letters of every format, as PDF or text, and faulty copies of them."""

from tests.support.letters import faults
from tests.support.letters.cases import named_letters, sample_letters
from tests.support.letters.draw import BreakBefore, draw_letter, draw_text
from tests.support.letters.letter import SampleDecision, SampleLetter

__all__ = [
    "BreakBefore",
    "SampleDecision",
    "SampleLetter",
    "draw_letter",
    "draw_text",
    "faults",
    "named_letters",
    "sample_letters",
]
