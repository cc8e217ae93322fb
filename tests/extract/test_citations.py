"""The citation grammar of domain.md 5.2, on lines of the form's own wording."""

from __future__ import annotations

import pytest

from extract.letters.citations import read_citations
from extract.letters.vocabularies import load_table

OUTSIDE = "The Expert Reviewer based their decision on recommendation(s) outside of the MTUS Guidelines. "
ODG = OUTSIDE + "Decision based on Non-MTUS Citation "

Expected = tuple[str, str | None, int | None, tuple[str, ...]]
LINES: dict[str, list[Expected]] = {
    "Decision based on MTUS Low Back Complaints 2004.": [("MTUS", "Low Back Complaints", 2004, ())],
    "Decision based on MTUS Forearm, Wrist, and Hand Complaints 2004, Section(s): Special Studies.": [
        ("MTUS", "Forearm, Wrist, and Hand Complaints", 2004, ("Special Studies",))
    ],
    "Decision based on MTUS Chronic Pain Medical Treatment 2016 Guidelines, Section(s): Compound drugs.": [
        ("MTUS", "Chronic Pain Medical Treatment", 2016, ("Compound drugs",))
    ],
    "Decision based on MTUS Chronic Pain Medical Treatment 2016, Section(s): NSAIDs, GI symptoms & cardiovascular "
    "risk, Proton Pump Inhibitors (PPIs).": [
        (
            "MTUS",
            "Chronic Pain Medical Treatment",
            2016,
            ("NSAIDs, GI symptoms & cardiovascular risk", "Proton Pump Inhibitors (PPIs)"),
        )
    ],
    "Decision based on MTUS Elbow Complaints 2007, Section(s): 326, and Knee Complaints 2004, Section(s): Initial "
    "Care, Summary.": [
        ("MTUS", "Elbow Complaints", 2007, ("326",)),
        ("MTUS", "Knee Complaints", 2004, ("Initial Care", "Summary")),
    ],
    "Decision based on MTUS Postsurgical Treatment 2009, Section(s): Forearm, Wrist, & Hand, and Chronic Pain Medical "
    "Treatment 2016.": [
        ("MTUS", "Postsurgical Treatment", 2009, ("Forearm, Wrist, & Hand",)),
        ("MTUS", "Chronic Pain Medical Treatment", 2016, ()),
    ],
    "Decision based on MTUS Opioid Treatment 2016, Section(s): 3.3.4 Opioids: Use of a Database, 4.1 Tapering Opioids: "
    "Indications.": [
        ("MTUS", "Opioid Treatment", 2016, ("3.3.4 Opioids: Use of a Database", "4.1 Tapering Opioids: Indications"))
    ],
    "Decision based on MTUS Workplace Mental Health: Anxiety Disorders 2021.": [
        ("MTUS", "Workplace Mental Health: Anxiety Disorders", 2021, ())
    ],
    "Decision based on MTUS A Chapter In No List 2031, Section(s): First, Second.": [
        ("MTUS", "A Chapter In No List", 2031, ("First", "Second"))
    ],
    "Decision based on MTUS Knee Complaints 2004. Decision based on Non-MTUS Citation ODG Knee and Leg Chapter, MRI.": [
        ("MTUS", "Knee Complaints", 2004, ()),
        ("ODG", "Knee & Leg", None, ("MRI",)),
    ],
    ODG + "Official Disability Guidelines (ODG), Pain Chapter, Topical analgesics.": [
        ("ODG", "Pain", None, ("Topical analgesics",))
    ],
    ODG + "Official Disability Guidelines: Low Back - Lumbar & Thoracic (Acute & Chronic) - Traction.": [
        ("ODG", "Low Back - Lumbar & Thoracic", None, ("Traction",))
    ],
    ODG + "Official Disability Guidelines, Shoulder (updated 12/12/16); ODG, Low Back (updated 12/20/16).": [
        ("ODG", "Shoulder", None, ()),
        ("ODG", "Low Back - Lumbar & Thoracic", None, ()),
    ],
    ODG + "Official Disability Guidelines (ODG) Low Back and Neck Chapter, Massage.": [
        ("ODG", "Low Back - Lumbar & Thoracic", None, ("Massage",)),
        ("ODG", "Neck & Upper Back", None, ("Massage",)),
    ],
    ODG + "ODG Knee/Transportation and Other Medical Treatment Guidelines www.example.org.": [
        ("ODG", "Knee & Leg", None, ("Transportation",)),
        ("OTHER", "example.org", None, ()),
    ],
    ODG + "ACOEM Guidelines, 3rd ed., 2011, Hip and Groin, page 12.": [
        ("ACOEM", "ACOEM Guidelines, Hip and Groin", 2011, ())
    ],
    ODG + "ACOEM guidelines and the Official Disability Guidelines, Knee.": [
        ("ACOEM", "ACOEM guidelines", None, ()),
        ("ODG", "Knee & Leg", None, ()),
    ],
    ODG + "ODG Shoulder, Slings (abduction), Braces (static, dynamic), X-rays.": [
        ("ODG", "Shoulder", None, ("Slings (abduction)", "Braces (static, dynamic)", "X-rays"))
    ],
    ODG + "ODG Pain, Opioids, criteria for use, Massage.": [
        ("ODG", "Pain", None, ("Opioids, criteria for use", "Massage"))
    ],
    ODG + "ODG Pain, Massage, and ODG Knee, Braces.": [
        ("ODG", "Pain", None, ("Massage",)),
        ("ODG", "Knee & Leg", None, ("Braces",)),
    ],
    ODG + "ODG, Physical therapy, elbow chapter.": [("ODG", "Elbow", None, ("Physical therapy",))],
    ODG + "ODG Massage, Low Back.": [("ODG", "Low Back - Lumbar & Thoracic", None, ("Massage",))],
    ODG + "ODG Low Back, Hip injection.": [("ODG", "Low Back - Lumbar & Thoracic", None, ("Hip injection",))],
    ODG + "ODG Neck & Upper Back, Low Back- Lumbar & Thoracic and Elbow chapters: Chiropractic Guidelines.": [
        ("ODG", "Neck & Upper Back", None, ("Chiropractic Guidelines",)),
        ("ODG", "Low Back - Lumbar & Thoracic", None, ("Chiropractic Guidelines",)),
        ("ODG", "Elbow", None, ("Chiropractic Guidelines",)),
    ],
    ODG + "ODG Low Back -Lumbar & Thoracic (Acute & Chronic).": [("ODG", "Low Back - Lumbar & Thoracic", None, ())],
    ODG + "ODG Low Back Chapter, Lumbar & Thoracic (Acute & Chronic), Massage; Traction.": [
        ("ODG", "Low Back - Lumbar & Thoracic", None, ("Massage", "Traction"))
    ],
    ODG + "ODG Knee Chapter, Topic: Braces.": [("ODG", "Knee & Leg", None, ("Braces",))],
    ODG + "ODG Knee and Leg Section/Braces Topic.": [("ODG", "Knee & Leg", None, ("Braces",))],
    ODG + "ODG, 2016, Web Version, Criteria for canes.": [("ODG", None, 2016, ("Criteria for canes",))],
    ODG + "http://www.example.org/drugs/zilch-tablets.html, https://example.com/12.": [
        ("OTHER", "example.org: zilch tablets", None, ()),
        ("OTHER", "example.com", None, ()),
    ],
    ODG + "A synthetic encyclopedia, https://example.com/12.": [("OTHER", "A synthetic encyclopedia", None, ())],
    ODG + "A textbook of hand surgery.": [("OTHER", "A textbook of hand surgery", None, ())],
    "The Claims Administrator did not cite any medical evidence for its decision.": [],
    OUTSIDE.strip(): [],
}


@pytest.mark.parametrize("line", sorted(LINES))
def test_a_guideline_line_is_split(line: str) -> None:
    citations = read_citations(line, "reviewer")
    assert [(c.source, c.title, c.year, c.sections) for c in citations] == LINES[line]
    assert {c.cited_by for c in citations} <= {"reviewer"}
    assert all(c.raw and c.raw.rstrip(".") in line for c in citations)


def test_the_form_before_2016_has_sections_in_capitals_and_pages() -> None:
    line = "Decision based on MTUS Chronic Pain Medical Treatment Guidelines AQUATIC THERAPY Page(s): 22-23."
    (citation,) = read_citations(line, "claims_admin")
    expected = ("Chronic Pain Medical Treatment", ("AQUATIC THERAPY",), "22-23")
    assert (citation.title, citation.sections, citation.pages) == expected


@pytest.mark.parametrize(
    ("line", "title", "edition", "pages"),
    [
        (
            "ACOEM Guidelines, 3rd ed., Low Back Disorders, pg. 607.",
            "ACOEM Guidelines, Low Back Disorders",
            "3rd ed.",
            "607",
        ),
        ("ODG Shoulder (updated 11/23/16), pages 3 - 4.", "Shoulder", "updated 11/23/16", "3-4"),
        ("ODG 14th Edition, Knee Chapter.", "Knee & Leg", "14th Edition", None),
        ("UpToDate, Wrist pain, accessed January 5, 2017.", "UpToDate, Wrist pain", "accessed January 5, 2017", None),
        ("A textbook of hands, 6th ed.", "A textbook of hands", "6th ed.", None),
    ],
)
def test_edition_and_pages_are_kept_apart_from_the_title(
    line: str, title: str, edition: str | None, pages: str | None
) -> None:
    (citation,) = read_citations(ODG + line, "reviewer")
    assert (citation.title, citation.edition, citation.pages, citation.year) == (title, edition, pages, None)


@pytest.mark.parametrize(
    ("name", "column"), [("mtus_chapters", "title"), ("mtus_sections", "section"), ("odg_chapters", "printed")]
)
def test_a_vocabulary_lists_each_name_once(name: str, column: str) -> None:
    names = [row[column] for row in load_table(name)]
    assert len(set(names)) == len(names)
    assert all(n == n.strip() and n for n in names)
