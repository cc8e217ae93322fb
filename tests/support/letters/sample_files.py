"""The sample files that `extract/samples/files` ships, built from `samples/*.toml`.

`python -m tests.support.letters.sample_files` writes them again after a sample or the builder changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from extract.samples import FILES
from tests.support.letters import faults
from tests.support.letters.cases import named_letters
from tests.support.letters.draw import draw_letter, draw_text
from tests.support.letters.letter import SampleLetter

STORED_AS_TEXT = ("CM13-0300019", "CM14-0300020")
COPIED = "CM16-0300001"
REISSUED = "CM16-0300002"
SPOILT = "CM16-0300005"


def build_sample_files() -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of every sample file; the same bytes each time."""
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
    """Return the same case decided again four weeks later, with the first decision reversed.

    Raises ValueError for a letter that prints no decision date, and for one whose first decision is not upheld.
    """
    first, *others = letter.decisions
    if letter.decision_date is None or first.outcome != "Upheld":
        raise ValueError("only a letter with a decision date and an upheld first decision can be reissued")
    conclusion = (
        "Records of the therapy have since been sent, and they show functional improvement. The disputed request "
        "is medically necessary."
    )
    turned = replace(first, outcome="Overturned", rationale=f"The case was reviewed again. {conclusion}")
    return replace(letter, decision_date=letter.decision_date + timedelta(weeks=4), decisions=(turned, *others))


def main() -> None:
    """Write every sample file to `extract/samples/files`."""
    for name, content in build_sample_files():
        (FILES / name).write_bytes(content)


if __name__ == "__main__":
    main()
