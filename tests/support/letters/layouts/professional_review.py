"""The reviews of early 2013: a list of requests, then one guideline text and one rationale for them all.

No such letter was at hand: drawn after its headings, which are known, and descriptions.
"""

from __future__ import annotations

from tests.support.letters.blocks import Block, Run, labelled, paragraph, section
from tests.support.letters.layouts.parts import credentials
from tests.support.letters.letter import SampleLetter

_GUIDELINES = "MEDICAL TREATMENT GUIDELINE(S) RELIED UPON BY PROFESSIONAL REVIEWER AND WHY:"
_RATIONALE = "RATIONALE FOR WHY THE REQUESTED TREATMENT/SERVICE IS/WAS NOT MEDICALLY NECESSARY:"


def review_blocks(letter: SampleLetter) -> list[Block]:
    """Return all paragraphs of the letter; raises ValueError where its decisions do not share their texts."""
    if len({(d.reviewer_guideline, d.rationale, d.outcome) for d in letter.decisions}) != 1:
        raise ValueError("a professional review has one guideline text, one rationale and one outcome for all")
    last = len(letter.decisions) - 1
    shared = letter.decisions[last]
    return [
        section("MEDICAL PROFESSIONAL REVIEW"),
        labelled("ISSUE AT DISPUTE:"),
        *(
            Block((Run(f"{number}) {d.heading}"),), role="heading", space_before=0, decision=number - 1)
            for number, d in enumerate(letter.decisions, 1)
        ),
        labelled("CASE SUMMARY:"),
        paragraph(letter.clinical_case_summary, space_before=0),
        labelled("DOCUMENTS REVIEWED FOR DETERMINATION:"),
        paragraph("Records of the treating provider, and the utilization review decision.", space_before=0),
        labelled(_GUIDELINES),
        Block((Run(shared.reviewer_guideline),), role="reviewer", space_before=0, decision=last),
        labelled(_RATIONALE),
        Block((Run(shared.rationale),), role="rationale", space_before=0, decision=last),
        labelled("MEDICAL REVIEWER QUALIFICATIONS:"),
        paragraph(credentials(letter), space_before=0),
    ]
