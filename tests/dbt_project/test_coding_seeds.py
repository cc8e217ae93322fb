"""The coding rules are well formed and code synthetic requests as expected; one line of a list per request."""

from __future__ import annotations

import csv
import re
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.support.synthetic_rows import Row, decision, letter
from warehouse.build.dbt import PROJECT

from .conftest import Warehouse

pytestmark = pytest.mark.slow

PATTERNS = {
    "treatment_rules": ("pattern", "unless_pattern", "not_after_pattern"),
    "body_regions": ("unless_pattern",),
    "region_exclusions": ("pattern",),
    "quantity_rules": ("pattern", "unless_pattern", "counted_as_pattern"),
    "procedure_rules": ("treatment_pattern", "unless_pattern"),
    "dose_rules": ("pattern", "unless_pattern", "treatment_pattern"),
    "reason_rules": ("unless_pattern",),
    "diagnosis_group_rules": ("unless_pattern",),
    "diagnosis_region_rules": ("unless_pattern",),
    "reason_patterns": ("pattern",),
    "sentence_markers": ("pattern",),
}
PHRASES = (
    "treatment_phrases",
    "body_regions",
    "region_exclusions",
    "laterality_rules",
    "surgical_context_rules",
    "dosage_forms",
    "procedure_rules",
    "diagnosis_group_rules",
    "diagnosis_region_rules",
)
NOT_PORTABLE = re.compile(r"\(\?[^:]|\\[1-9]|\\[pPkQE]|[*+?}]\+")
"""Lookarounds, flags and named groups, backreferences, classes and possessive quantifiers."""

SURGERY = ("Surgery", "Adjunct Surgical Services")
SPECIALTIES = ("Evaluation & Management", "Medical Specialties")
TREATMENTS = {
    "Prilosec 40 mg #14": ("Pharmaceuticals", None, "Proton Pump Inhibitors"),
    "Post-operative Dilaudid 2 mg": ("Pharmaceuticals", None, "Opioids"),
    "Diclofenac/misoprostol 75 mg": ("Pharmaceuticals", None, "NSAID"),
    "Diclofenac 3% gel": ("Pharmaceuticals", None, "Topical Analgesics"),
    "Lidocaine 5% in a cream base": ("Pharmaceuticals", None, "Topical Compounds"),
    "Baclofen 2%/gabapentin 6% ointment": ("Pharmaceuticals", None, "Topical Compounds"),
    "Dicopanol oral suspension": ("Pharmaceuticals", None, "Antihistamine"),
    "Bisacodyl": ("Pharmaceuticals", None, "GI Agents"),
    "Associated surgical service: shower chair": (*SURGERY, None),
    "Pre-op urinalysis": (*SURGERY, None),
    "Occupational therapy, post-op, 9 sessions": (*SURGERY, None),
    "Cardiac clearance": (*SURGERY, None),
    "Surgical assistant": (*SURGERY, None),
    "Right ankle arthroscopy with post-op therapy": ("Surgery", "Arthroscopic", None),
    "Open rotator cuff repair": ("Surgery", "Non-arthroscopic", None),
    "L3-4 laminectomy": ("Surgery", "Spine", None),
    "Therapy after wrist arthroscopy": (*SURGERY, None),
    "Consultation with a hand surgeon for arthroscopy": (*SPECIALTIES, None),
    "Functional capacity evaluation": (*SPECIALTIES, None),
    "Evaluation and treatment with acupuncture": ("Rehabilitation", "Acupuncture", None),
    "Thoracic epidural steroid injection with consult": ("Injection", "Injection", None),
    "C4-5 facet block": ("Injection", "Facet Injection", None),
    "Psychiatric consult": ("Psych Services", "Evaluation & Management", None),
    "Biofeedback x 5": ("Rehabilitation", "Other Therapies", None),
    "Psychotherapy with biofeedback": ("Psych Services", "Therapies", None),
    "Chiropractic physiotherapy": ("Rehabilitation", "Chiropractic", None),
    "Infrared acupuncture": ("Rehabilitation", "Acupuncture", None),
    "Ultrasound of the left wrist": ("Diagnostic Testing", "Imaging/Radiology", None),
    "Therapeutic ultrasound": ("Rehabilitation", "Other Therapies", None),
    "H-wave unit, one month trial": ("DMEPOS", "Electrical Stimulation", None),
    "Electrical stimulation 3 times a week for 2 weeks": ("Rehabilitation", "Other Therapies", None),
    "Ankle brace": ("DMEPOS", "Prosthetics/Orthotics", None),
    "Cervical pillow": ("DMEPOS", "DME", None),
    "Electrodes": ("DMEPOS", "Supplies", None),
    "Urine drug screen for tramadol": ("Diagnostic Testing", "Lab & Pathology", None),
    "Referral to a chiropractor, twice a week for 5 weeks": ("Rehabilitation", "Chiropractic", None),
    "Heat/cold pads therapy times 9": ("Rehabilitation", "Other Therapies", None),
    "Gym membership": ("Programs", "Programs", None),
    "Skilled nurse at home": ("Home Health", "Home Health", None),
    "Taxi": ("Transportation", "Transportation", None),
    "Zzyx": ("uncategorised", None, None),
}
QUANTITIES = {
    "MRI of the left hip (1.5 Tesla open)": (None, None),
    "Eye exam 3 times 4": (12, "visits"),
    "Referral to a chiropractor, twice a week for 5 weeks": (10, "sessions"),
    "Heat/cold pads therapy times 9": (9, "sessions"),
    "Aquatic therapy 2 times a week for 7 weeks": (14, "sessions"),
    "Aquatic therapy 1-3 times weekly x 5 weeks": (15, "sessions"),
    "Aquatic therapy thrice a week for four weeks": (12, "sessions"),
    "Aquatic therapy 3 x 5": (15, "sessions"),
    "Aquatic therapy x 9": (9, "sessions"),
    "Aquatic therapy, twenty-two visits": (22, "visits"),
    "Aquatic therapy eleven (11) sessions": (11, "sessions"),
    "Two visits of aquatic therapy and five visits of massage": (7, "visits"),
    "Norco 5/325 mg #50 with 3 refills": (200, "units"),
    "Four refills of Norco #50": (200, "units"),
    "Norco 5/325 mg, quantity 75": (75, "units"),
    "Norco, three month supply": (3, "months"),
    "Norco #50 RF 1": (100, "units"),
    "Two boxes of 15 Lidoderm patches": (30, "units"),
    "Voltaren gel 90 grams #1": (1, "units"),
    "Voltaren gel 90 grams": (None, None),
    "Fanatrex 300 ml": (None, None),
    "Tylenol #3 #45": (45, "units"),
    "Home health aide 3 hours a day 2 days a week for 5 weeks": (30, "hours"),
    "Nurse daily for 3 weeks": (21, "visits"),
    "Cold therapy unit, 21 day rental": (21, "days"),
    "NCV of both legs x 2": (2, "units"),
    "Follow-up visit with rheumatology in 9 weeks": (None, None),
    "L4-5 and L5-S1 epidural steroid injections": (None, None),
    "X-ray of the foot, 3 views": (None, None),
}
REGIONS = {
    "MRI of the spine": ("general", None),
    "MRI of the thoracic spine": ("upper back", None),
    "Referral to a spine surgeon": (None, None),
    "Referral to a hand surgeon for the left elbow": ("elbow", "left"),
    "X-ray of both forearms": ("general", "bilateral"),
    "CT of the abdomen and pelvis": ("abdomen", None),
    "Therapy for the pelvis": ("hip", None),
    "Therapy for right hip and knee": ("hip;knee", "right"),
    "Therapy for right hip, left knee": ("hip;knee", None),
    "Bilateral L2-3 block": ("low back", "bilateral"),
    "Therapy for the neck and back": ("low back;neck", None),
}
PROCEDURES = {
    "Pre-op EKG": "ekg_or_cardiac_test",
    "Post-operative sling": "sling_or_brace",
    "Nerve conduction study of the left arm": "emg_ncs",
    "MR arthrogram of the left hip": "mr_arthrogram",
    "MRI or CT of the pelvis": "mri",
    "Ultrasound of the left wrist": "ultrasound_imaging",
    "Therapeutic ultrasound": "therapeutic_ultrasound",
    "Consult and treat with a urologist": "specialist_consultation",
    "Acupuncture evaluation": "other_evaluation",
    "Hand therapy, 4 visits": "occupational_or_hand_therapy",
    "Aquatic therapy 3 x 5": "aquatic_therapy",
    "Right knee arthroscopy": "knee_arthroscopy",
    "Right ankle arthroscopy with post-op therapy": "other_surgery",
    "L3-4 laminectomy": "spinal_decompression_or_discectomy",
    "Total hip arthroplasty": "joint_replacement",
    "C4-5 facet block": "facet_or_medial_branch_block",
    "Trigger point injections": "trigger_point_injection",
    "H-wave unit, one month trial": "interferential_or_other_stimulator",
    "Electrodes": "supplies",
    "Prilosec 40 mg #14": "medication",
    "Zzyx": "other",
}
DOSES = {
    "Zzyx 5-325 mg #90 with 2 refills": ("5-325mg", 90, 2, None, None, None, None, None),
    "Baclofen 2%/gabapentin 6% ointment": ("2%/6%", None, None, None, None, None, None, None),
    "Prilosec 40 mg, 120 grams": ("40mg", None, None, None, None, None, None, None),
    "Aquatic therapy 2-3 times a week for 3 months": (None, None, None, 3, 13, None, None, None),
    "Prilosec 40 mg, 60 day supply": ("40mg", None, None, None, None, 2, None, None),
    "Cold unit, 14 day rental": (None, None, None, None, None, None, None, "rental"),
    "Cane, DOS 3/4/17": (None, None, None, None, None, None, date(2017, 3, 4), None),
}
REASONS = {
    (
        "upheld",
        "The guideline allows 9 visits. In this case there is no record of a deficit. It exceeds the guideline.",
    ): ("criteria_not_documented;exceeds_guideline"),
    (
        "upheld",
        "The worker has not tried a conservative course. Not medically necessary.",
    ): "conservative_care_not_exhausted",
    ("upheld", "There is no documentation of functional improvement with the prior sessions."): "no_benefit_shown",
    ("upheld", "The provider did not state the goals of the unit."): "purpose_not_stated",
    ("upheld", "The request does not specify the body part."): "request_incomplete",
    ("upheld", "As the surgery is not medically necessary, the requested service is not medically necessary."): (
        "depends_on_denied_item"
    ),
    ("upheld", "This would be a duplicate of the study of May."): "already_provided",
    ("upheld", "In this case the guidelines do not recommend zzyx."): "not_recommended",
    ("upheld", "In this case a home exercise program is enough."): "alternative_suffices",
    ("upheld", "The rental of 90 days is more than the seven that the guideline allows."): "exceeds_guideline",
    ("upheld", "The zzyx was already obtained in May."): "already_provided",
    ("upheld", "No progress notes were submitted for review."): "records_missing",
    ("upheld", "Despite 18 visits of therapy the worker continues to report the same pain."): "no_benefit_shown",
    ("upheld", "In this case, although there is no word of zyxin, the dose is above the limit. It is a danger."): (
        "exceeds_guideline;safety"
    ),
    ("upheld", "The worker is pregnant, which is a contraindication."): "safety",
    ("upheld", "The guideline states that gains must be shown. The worker is still undergoing a course of therapy."): (
        "conservative_care_not_exhausted"
    ),
    ("overturned", "The request for six visits is within the guideline."): "within_guideline",
    ("overturned", "The study is needed to rule out a fracture."): "clarifies_diagnosis_or_plan",
    ("overturned", "In this case conservative care has failed."): "conservative_care_failed",
    ("overturned", "In this case zzyx has helped the worker."): "benefit_shown",
    ("overturned", "The concurrent request for surgery is supported."): "accompanies_necessary_item",
}


def read_seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows
    return rows


def expand(pattern: str) -> str:
    """Return a pattern with its placeholders replaced, as in int_quantity_rules and the macro any_of."""
    macro = (PROJECT / "macros" / "coding" / "number_pattern.sql").read_text("utf-8")
    [number] = re.findall(r"^ +(\(\?:.+)$", macro, re.M)
    return pattern.replace("{n}", number).replace("{s}", "(?:^|[ (])").replace("{g}", "(?:[a-z0-9]+ ){0,6}")


@pytest.mark.parametrize("seed", PATTERNS)
def test_patterns_compile_in_every_engine(seed: str) -> None:
    with duckdb.connect() as connection:
        for row in read_seed(seed):
            for column in PATTERNS[seed]:
                pattern = expand(row[column])
                assert not NOT_PORTABLE.search(pattern), row
                re.compile(pattern)
                connection.execute("SELECT regexp_matches('x', ?)", [pattern])


def test_patterns_capture_one_to_three_numbers() -> None:
    for row in read_seed("quantity_rules"):
        groups = re.compile(expand(row["pattern"])).groups
        assert row["pattern"].count("{n}") == groups, row["rule_id"]
        assert 1 <= groups <= 3, row["rule_id"]


@pytest.mark.parametrize("seed", ["reason_patterns", "sentence_markers"])
def test_patterns_of_words_can_stand_in_sql(seed: str) -> None:
    """Spark reads a backslash in a text as an escape; a group would be taken for the reason of a review."""
    patterns = [row["pattern"] for row in read_seed(seed)]
    assert [p for p in patterns if re.search(r"""[\\'"A-Z]|[(](?!\?:)|^ | $""", p)] == []


@pytest.mark.parametrize("seed", PHRASES)
def test_phrases_are_normalised_words(seed: str) -> None:
    malformed = [
        r["phrase"] for r in read_seed(seed) if not re.fullmatch(r"%|%?[a-z0-9]+%?( ?[a-z0-9]+%?)*", r["phrase"])
    ]
    assert malformed == []


@pytest.mark.parametrize(
    ("seed", "required"),
    [
        ("procedure_rules", {"rule_id", "priority", "procedure", "phrase"}),
        ("procedures", {"procedure", "procedure_group", "procedure_name"}),
        ("dose_rules", {"rule_id", "priority", "fact", "pattern", "takes"}),
        ("reason_rules", {"rule_id", "priority", "reason", "finding", "sentence_kind"}),
        ("reason_patterns", {"rule_id", "pattern"}),
        ("sentence_markers", {"sentence_kind", "pattern"}),
        ("reasons", {"reason", "finding", "reason_name"}),
        ("diagnosis_group_rules", {"rule_id", "priority", "diagnosis_group", "phrase"}),
        ("diagnosis_groups", {"diagnosis_group", "diagnosis_group_name"}),
    ],
)
def test_rules_are_complete(seed: str, required: set[str]) -> None:
    assert [row for row in read_seed(seed) for column in required if not row[column]] == []


def test_drugs_are_named_once_in_lower_case() -> None:
    names = [row["name"] for row in read_seed("drugs")]
    assert [name for name in names if name != name.lower().strip()] == []
    assert len({re.sub(r"[^a-z0-9]+", " ", name).strip() for name in names}) == len(names)


def test_a_substance_is_its_own_generic_name() -> None:
    generic_names = {row["name"]: row["generic_name"] for row in read_seed("drugs")}
    substances = {s for generic in generic_names.values() for s in generic.split("/")}
    assert {s: generic_names[s] for s in substances if generic_names.get(s, s) != s} == {}


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse in which every synthetic request is the only decision of a letter."""
    warehouse = Warehouse(tmp_path_factory.mktemp("coded"))
    requests = dict.fromkeys([*TREATMENTS, *QUANTITIES, *REGIONS, *PROCEDURES, *DOSES])
    decisions = [{"treatment_requested": request} for request in requests]
    decisions += [{"outcome": outcome, "rationale": rationale} for outcome, rationale in REASONS]
    records: dict[str, list[Row]] = {"letters": [], "decisions": []}
    for number, values in enumerate(decisions, start=1):
        records["letters"].append(letter(f"{number:064x}", f"{number}.txt", case_number=f"CM17-{number:07}"))
        records["decisions"].append(decision(f"{number:064x}", **values))
    warehouse.insert(records)
    nodes = ("--select", "+rpt_coding", "+rpt_reasoning", "--exclude-resource-type", "test", "unit_test")
    assert warehouse.dbt("build", *nodes) is None
    return warehouse


@pytest.mark.parametrize(
    ("expected", "columns"),
    [
        (TREATMENTS, "coding.treatment_category, coding.treatment_subcategory, coding.drug_class"),
        (QUANTITIES, "coding.quantity_value, coding.quantity_unit"),
        (REGIONS, "coding.body_regions, coding.laterality"),
        (DOSES, "strength, drug_count, refills, times_per_week, weeks, months_of_supply, date_of_service, acquisition"),
    ],
    ids=["treatments", "quantities", "regions", "doses"],
)
def test_coding_of_synthetic_requests(coded: Warehouse, expected: dict[str, tuple[Any, ...]], columns: str) -> None:
    coding = coded.query(
        f"SELECT treatment_requested, {columns} FROM marts.coding JOIN marts.fct_decisions USING (decision_key)"
    )
    assert {request: tuple(values) for request, *values in coding if request in expected} == expected


def test_procedures_of_synthetic_requests(coded: Warehouse) -> None:
    decisions = coded.query("SELECT treatment_requested, procedure FROM marts.fct_decisions")
    assert {request: procedure for request, procedure in decisions if request in PROCEDURES} == PROCEDURES


def test_reasons_of_synthetic_rationales(coded: Warehouse) -> None:
    reasons = coded.query(
        "SELECT d.outcome, d.rationale, reasons FROM marts.reasoning "
        "JOIN staging.stg_imr__decisions AS d USING (decision_key)"
    )
    given = {(outcome, rationale): codes for outcome, rationale, codes in reasons}
    assert {key: given[key] for key in REASONS} == REASONS
