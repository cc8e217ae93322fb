"""Diagnoses, complaints and the date of the request, in the words of synthetic summaries."""

from __future__ import annotations

from datetime import date

import pytest

from extract.letters.diagnoses import read_complaints, read_diagnoses
from extract.letters.request_date import find_request_date

STATED = {
    "He was diagnosed with a strain of the neck, thigh contusion and headache.": [
        "strain of the neck", "thigh contusion", "headache",
    ],
    "She is being treated for neck, wrist and hip pain.": ["neck, wrist and hip pain"],
    "The worker is undergoing treatment for contusion of the nose, chin and palm and acute rib fracture.": [
        "contusion of the nose, chin and palm", "acute rib fracture",
    ],
    "The listed diagnoses per are: 1) Wrist sprain; and 2) Insomnia.": ["Wrist sprain", "Insomnia"],
    "Diagnoses: 1. Hip strain. 2. Toe fracture with swelling. The plan was rest.": [
        "Hip strain", "Toe fracture with swelling",
    ],
    "Diagnoses include strain of muscle, fascia and tendon of the hip; other synovitis and tenosynovitis, left hand.": [
        "strain of muscle, fascia and tendon of the hip", "other synovitis and tenosynovitis, left hand",
    ],
    "The assessment was heel pain and stiffness, M79.671, and plantar fasciitis, initial encounter.": [
        "heel pain and stiffness", "plantar fasciitis",
    ],
    "The diagnoses are elbow sprain (S53.402A), rule out fracture, and possible gout.": ["elbow sprain"],
    "The diagnosis is wrist sprain after a fall on 11-02-2016. The current diagnosis is a wrist sprain.": [
        "wrist sprain",
    ],
    "Diagnoses have included burn of the left palm, and he is off work with pain.": ["burn of the left palm"],
    "He was diagnosed with knee pain, without swelling.": ["knee pain, without swelling"],
}  # fmt: skip
NOT_STATED = [
    "He has a prior diagnosis of asthma and a history of being treated for gout.",
    "No diagnosis of fracture was made.",
    "He was undergoing treatment for the lower back.",
    "He complained of knee pain. The MRI impression was a meniscus tear.",
    "The functional assessment was of a painful knee.",
]


@pytest.mark.parametrize("summary", STATED)
def test_stated_diagnoses(summary: str) -> None:
    assert list(read_diagnoses(summary, [])) == STATED[summary]


@pytest.mark.parametrize("summary", NOT_STATED)
def test_what_is_no_diagnosis_of_this_injury(summary: str) -> None:
    assert read_diagnoses(summary, []) == ()


def test_a_rationale_states_a_diagnosis_only_in_a_sentence_about_the_worker() -> None:
    rationale = "Tests help if patients are diagnosed with neuropathy. In this case, the diagnosis is elbow sprain."
    assert read_diagnoses("He fell.", ["It is not necessary.", rationale]) == ("elbow sprain",)
    assert read_diagnoses("He was diagnosed with gout.", [rationale]) == ("gout",)


def test_complaints_as_printed() -> None:
    summary = "He filed a claim for neck and arm pain. He has complaints of neck pain, which is 5/10. Pain persists."
    assert read_complaints(summary) == ("neck and arm pain", "neck pain")


@pytest.mark.parametrize(
    "summary",
    [
        "The Request for Authorization (RFA) form was signed on 12/05/2016.",
        "On December 5, 2016 a request was received for a brace.",
        "On a 12-5-16 RFA form, a brace was ordered.",
        "The request for authorization for a brace is dated 12-05-2016. A note of 12-06-2016 was sent.",
        "An RFA of 11-01-2016 was followed by a request for authorization dated 12-05-2016 and an RFA of 01-09-2017.",
        "On 12-05-2016, the treating physician requested a brace.",
    ],
)
def test_the_latest_request_up_to_the_denial(summary: str) -> None:
    assert find_request_date(summary, [], date(2016, 12, 20)) == date(2016, 12, 5)


@pytest.mark.parametrize(
    "summary",
    [
        "On 12-05-2016 utilization review denied the request for authorization.",
        "The request for a brace was denied on 12-05-2016.",
        "The request for authorization was not dated, and the report of 12-05-2016 was sent.",
        "The note of 12-05-2016 has a request for a brace.",
    ],
)
def test_other_dates_are_not_of_the_request(summary: str) -> None:
    assert find_request_date(summary, [], None) is None


def test_a_rationale_dates_the_request_only_if_the_summary_does_not() -> None:
    rationale = "Request for authorization is December 5, 2016. It is not necessary."
    assert find_request_date("He fell.", [rationale], None) == date(2016, 12, 5)
    assert find_request_date("The RFA is dated 01-09-2017.", [rationale], date(2016, 12, 20)) == date(2017, 1, 9)
