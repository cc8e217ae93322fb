"""Letters of random content are read back as they were drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from extract.letters.registry import DATE_FIELDS, TEXT_FIELDS
from extract.read import read_letter
from tests.extract.conftest import assert_reads_back, sample_decision
from tests.support.letters import BreakBefore, SampleDecision, SampleLetter, draw_letter, named_letters

# None ends in a hyphen: at a line's end "pre- and" is the same as "pre-and" broken after its hyphen.
WORDS = (
    "acupuncture", "aquatic therapy", "MRI", "lumbar spine", "Norco 10/325mg", "#120", "Flurbiprofen 20%", "L4-5",
    "twelve visits", "2 x 6", "non-steroidal", "follow-up", "post-op", "(rental)", "(DOS 09/27/2016)", "“home”",
    '"as needed"', "patient’s", "with/without", "and", "of the", "&", "-", "\N{EN DASH}", "C5-6-7", "one;",
    "physical therapy,", "x-ray", "EMG/NCV", "b.i.d.", "No. 2", "Retrospective:", "Associated service:", "left",
    "right", "bilateral", "intra-articular", "per hour", "8-week", "1st", "Dr", "a", "unit", "purchase", "upheld",
    "the request", "lyophilisation-by-sublimation-and-reconstitution", "Electroencephalographicneurofeedback",
)  # fmt: skip
STATES = ("California", "New York", "Oregon", "Texas", "North Carolina", "District of Columbia")
SPECIALTIES = (
    "Chiropractor", "Pain Management", "Physical Medicine & Rehabilitation", "Family Practice", "Sports Medicine",
    "Emergency Medicine", "Physical Medicine and Rehabilitation",
)  # fmt: skip
GUIDELINES = (
    "Decision based on MTUS Low Back Complaints 2004.",
    "Decision based on MTUS Forearm, Wrist, and Hand Complaints 2004, Section(s): Surgical Considerations.",
    "The Claims Administrator did not cite any medical evidence for its decision.",
    "The Expert Reviewer based their decision on recommendation(s) outside of the MTUS Guidelines. "
    "Decision based on Non-MTUS Citation Official Disability Guidelines (ODG), Low Back Chapter, MRIs.",
)
SENTENCES = (
    "The guideline asks for a trial of home exercise first.",
    "No such trial is described in the notes, which are brief.",
    "In this case: pain is 4/10, range of motion is full, and work goes on.",
    "The injured worker's MRI of 01-04-2017 shows a bulge at L4-5!",
    "Is there any sign of a well-documented, long-standing radiculopathy?",
    "Decision rationale and guideline agree.",
    "MAXIMUS guideline words were compared.",
    "The request is not medically necessary.",
    "The request is medically necessary.",
)


def running_text(pieces: tuple[str, ...], at_least: int, at_most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), min_size=at_least, max_size=at_most).map(" ".join)


# A request begins with a word, as in every letter, and does not end in a colon, as the decision's own follows.
requests = st.builds(
    "{} {}".format, st.sampled_from(("Acupuncture", "12 visits", "Lumbar MRI")), running_text(WORDS, 0, 45)
).map(lambda text: text.rstrip(" :"))
days = st.dates(date(2013, 1, 1), date(2019, 12, 31))


@st.composite
def decisions(draw: st.DrawFn) -> SampleDecision:
    shape = draw(st.sampled_from((None, None, "A", "A_without_is", "B")))
    treatment = draw(requests)
    parts = {}
    if shape is not None:
        # The form's own words follow each part, so a part that ends in "is" would be ambiguous.
        original = treatment if shape == "B" else draw(requests)
        parts = {"shape": shape, "original": original, "authorized": draw(requests)}
    return sample_decision(
        treatment,
        draw(st.sampled_from(("Upheld", "Overturned"))),
        claims_admin_guideline=draw(st.sampled_from(GUIDELINES)),
        reviewer_guideline=draw(st.sampled_from(GUIDELINES)),
        rationale=draw(running_text(SENTENCES, 1, 25)),
        **parts,
    )


@st.composite
def letters(draw: st.DrawFn) -> SampleLetter:
    age, sex = draw(st.integers(18, 99)), draw(st.sampled_from(("male", "female")))
    return SampleLetter(
        layout="table_header",
        case_number=draw(st.from_regex(r"CM1[3-9]-[0-9]{7}", fullmatch=True)),
        date_assigned=draw(days),
        date_of_injury=draw(days),
        decision_date=draw(days),
        ur_denial_date=draw(days),
        application_received=draw(days),
        priority=draw(st.sampled_from(("Standard", "Expedited"))),
        licensure_states=tuple(draw(st.lists(st.sampled_from(STATES), min_size=1, max_size=4, unique=True))),
        specialties=tuple(draw(st.lists(st.sampled_from(SPECIALTIES), min_size=1, max_size=5, unique=True))),
        patient_age=age,
        patient_sex=sex,
        clinical_case_summary=f"The injured worker is a {age} year old {sex}. {draw(running_text(SENTENCES, 1, 30))}",
        # A request printed twice with all its texts is a page or a block that is in the file twice.
        decisions=tuple(draw(st.lists(decisions(), min_size=1, max_size=6, unique_by=lambda made: made.treatment))),
    )


def without_header(letter: SampleLetter) -> SampleLetter:
    """Return the letter in the format of 2013-14 without a header: no number, no dates, requests in capitals."""
    plain = [decision for decision in letter.decisions if not decision.is_modified]  # the later form's wording
    return replace(
        letter,
        layout="credentials_in_prose",
        specialties=letter.specialties[:2],  # in "X and Y and Z" either "and" may be part of a specialty
        decisions=tuple(replace(d, treatment=d.treatment.upper()) for d in plain) or (sample_decision("ACUPUNCTURE"),),
        **dict.fromkeys((*DATE_FIELDS, *TEXT_FIELDS)),
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawn") / "letter.pdf"


@settings(max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(made=letters(), place=st.sampled_from((None, *get_args(BreakBefore))), in_prose=st.booleans())
@example(made=named_letters()["CM16-0300005"], place=None, in_prose=False)
def test_a_drawn_letter_is_read_back(path: Path, made: SampleLetter, place: BreakBefore | None, in_prose: bool) -> None:
    if in_prose:
        made = without_header(made)
    try:
        path.write_bytes(draw_letter(made, break_before=place))
    except ValueError:  # no second line to break before
        path.write_bytes(draw_letter(made))
    record = read_letter(path)
    assert_reads_back(record, made)
    assert not {flag.code for flag in record.flags} & {"file_damaged", "fast_route_unsure", "routes_disagree"}
    for decision, drawn in zip(record.decisions, made.decisions, strict=True):
        if drawn.is_modified:
            wanted = (drawn.original, drawn.authorized, drawn.treatment)
            assert (decision.original_request, decision.authorized_request, decision.disputed_request) == wanted
