"""The rules of diagnoses code synthetic ones as expected; one line of the list per diagnosis."""

from __future__ import annotations

import pytest

from tests.support.synthetic_rows import letter

from .conftest import Warehouse

pytestmark = pytest.mark.slow

DIAGNOSES = {
    "strain of the neck and left shoulder": ("sprain_or_strain", "neck;shoulder", "left"),
    "hip pain": ("pain_unspecified", "hip", None),
    "hip sprain with pain": ("sprain_or_strain", "hip", None),
    "palm contusion/laceration": ("contusion;laceration_or_wound", "wrist/hand", None),
    "fracture of the left distal radius": ("fracture", "wrist/hand", "left"),
    "fracture of the radial head": ("fracture", "elbow", None),
    "fractured forearm": ("fracture", "general", None),
    "annular tear of a lumbar disc": ("disc_disorder", "low back", None),
    "tear of the acetabular labrum": ("tear_of_meniscus_ligament_or_tendon", "hip", None),
    "bilateral sciatica": ("radiculopathy_or_sciatica", "low back", "bilateral"),
    "lumbar spondylosis without radiculopathy": ("arthritis_or_degeneration", "low back", None),
    "carpal tunnel syndrome, right upper limb": ("nerve_entrapment", "wrist/hand", "right"),
    "right inguinal hernia": ("hernia", "abdomen", "right"),
    "herniated disc at C3-4": ("disc_disorder", "neck", None),
    "stress fracture of the heel": ("fracture", "ankle/foot", None),
    "stress reaction with panic": ("psychiatric", "psyche", None),
    "subdural hematoma": ("head_injury_or_headache", "head", None),
    "tinnitus": ("eye_or_ear", "head", None),
    "status post rotator cuff repair": ("postoperative", "shoulder", None),
    "status post fall": ("other", None, None),
    "acid reflux": ("gastrointestinal", "abdomen", None),
    "zzyx": ("other", None, None),
}


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse with one letter that states every synthetic diagnosis."""
    warehouse = Warehouse(tmp_path_factory.mktemp("coded"))
    warehouse.insert({"letters": [letter("a" * 64, "a.txt", case_number="CM17-0000001", diagnoses=list(DIAGNOSES))]})
    nodes = ("--select", "+bdg_determination_diagnoses", "--exclude-resource-type", "test", "unit_test")
    assert warehouse.dbt("build", *nodes) is None
    return warehouse


def test_groups_regions_and_sides_of_synthetic_diagnoses(coded: Warehouse) -> None:
    rows = coded.query(
        "SELECT diagnosis, diagnosis_groups, body_regions, laterality FROM marts.bdg_determination_diagnoses "
        "ORDER BY diagnosis_number"
    )
    assert {diagnosis: tuple(coding) for diagnosis, *coding in rows} == DIAGNOSES
    assert [diagnosis for diagnosis, *_ in rows] == list(DIAGNOSES)


def test_every_group_and_region_has_the_rule_that_won(coded: Warehouse) -> None:
    [rules] = coded.query(
        "SELECT diagnosis_group, diagnosis_group_rule_ids, body_region_rule_ids FROM marts.bdg_determination_diagnoses "
        "WHERE diagnosis = 'palm contusion/laceration'"
    )
    assert tuple(rules) == (
        "contusion",
        "contusion_contus;laceration_or_wound_lacerat",
        "wrist_hand_palm",
    )
