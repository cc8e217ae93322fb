"""Reads the synthetic letters in `samples/*.toml`, one file for each letter."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.letters.letter import SampleDecision, SampleLetter

FOLDER = Path(__file__).parent / "samples"
NOT_PRINTED = dict.fromkeys(
    ("case_number", "date_assigned", "decision_date", "ur_denial_date", "application_received", "priority")
)


@cache
def _read_all() -> tuple[tuple[str, SampleLetter], ...]:
    return tuple((path.stem, _letter(path)) for path in sorted(FOLDER.glob("*.toml")))


def named_letters() -> dict[str, SampleLetter]:
    """Return every sample letter by its file name without the suffix, sorted."""
    return dict(_read_all())


def sample_letters() -> list[SampleLetter]:
    """Return every sample letter, sorted by file name."""
    return list(named_letters().values())


def _letter(path: Path) -> SampleLetter:
    """Return the letter of one file.

    Keys are the fields of SampleLetter and SampleDecision; a missing one is not printed. A table
    `every_decision` holds what all decisions share.
    Raises TypeError for a key that there is not, with the file in a note.
    """
    facts: dict[str, Any] = {**NOT_PRINTED, **tomllib.loads(path.read_text(encoding="utf-8"))}
    try:
        shared = facts.pop("every_decision", {})
        facts["decisions"] = tuple(_decision(shared | decision) for decision in facts["decisions"])
        for key in ("licensure_states", "specialties"):
            facts[key] = tuple(facts[key])
        facts["clinical_case_summary"] = _one_line(facts["clinical_case_summary"])
        return SampleLetter(**facts)
    except (TypeError, ValueError, KeyError) as error:
        error.add_note(f"in {path}")
        raise


def _decision(facts: dict[str, Any]) -> SampleDecision:
    shape = facts.pop("shape", None)
    return SampleDecision(**{key: _one_line(value) for key, value in facts.items()}, shape=shape)


def _one_line(paragraph: str) -> str:
    """Return a paragraph on one line. Double blanks stay, as redaction leaves them in old letters."""
    return re.sub(r" *\n *", " ", paragraph.strip())
