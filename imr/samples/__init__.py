"""Made-up determination letters to try the house with, and what a drop folder gets besides.

The real letters are not ours to hand out; these look like them and say nothing about anyone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from imr.samples import faults
from imr.samples.cases import named_letters, sample_letters
from imr.samples.draw import BreakBefore, draw_letter, draw_text
from imr.samples.letter import SampleDecision, SampleLetter

__all__ = [
    "BreakBefore",
    "SampleDecision",
    "SampleLetter",
    "draw_letter",
    "draw_text",
    "faults",
    "named_letters",
    "reissued",
    "sample_letters",
    "write_samples",
]

STORED_AS_TEXT = ("CM13-0300019", "CM14-0300020")
COPIED = "CM16-0300001"
WRITTEN_AT = datetime(2017, 7, 1, tzinfo=UTC).timestamp()
REISSUED = "CM16-0300002"
SPOILT = "CM16-0300005"


def write_samples(folder: Path) -> list[Path]:
    """Write every sample file into the folder, which is made if it is missing; the same bytes each time.

    The letters, a byte copy of one (`one more copy.pdf`), a later determination of a case (`... reissued.pdf`)
    and four files to be set aside: `damaged.pdf`, `scan.pdf`, `locked.pdf`, `not a letter.pdf`.
    Returns the paths in order of writing. Raises OSError if the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in _files():
        path = folder / name
        path.write_bytes(content)
        os.utime(path, (WRITTEN_AT, WRITTEN_AT))  # long ago: a load need not wait for them to settle
        written.append(path)
    return written


def _files() -> Iterator[tuple[str, bytes]]:
    letters = named_letters()
    for name, letter in letters.items():
        if name in STORED_AS_TEXT:
            yield f"{name}.txt", draw_text(letter).encode()
        else:
            yield f"{name}.pdf", draw_letter(letter)
    yield "one more copy.pdf", draw_letter(letters[COPIED])
    yield f"{REISSUED} reissued.pdf", draw_letter(reissued(letters[REISSUED]))
    spoilt = draw_letter(letters[SPOILT])
    yield "damaged.pdf", faults.damaged(spoilt)
    yield "scan.pdf", faults.scan(spoilt)
    yield "locked.pdf", faults.locked(spoilt)
    yield "not a letter.pdf", faults.not_a_letter()


def reissued(letter: SampleLetter) -> SampleLetter:
    """The same case decided again four weeks later, with the first decision turned round.

    Raises ValueError for a letter that prints no decision date, and for one whose first decision is not upheld.
    """
    first, *others = letter.decisions
    if letter.decision_date is None or first.outcome != "Upheld":
        raise ValueError("only a letter with a decision date and an upheld first decision can be reissued")
    conclusion = (
        "The records that were missing have since been sent, and they show the progress that the guideline "
        "asks for. The disputed request is medically necessary."
    )
    turned = replace(first, outcome="Overturned", rationale=f"The case was reviewed again. {conclusion}")
    return replace(letter, decision_date=letter.decision_date + timedelta(weeks=4), decisions=(turned, *others))
