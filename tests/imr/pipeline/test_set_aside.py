"""One odd letter never stops the others: it is quarantined with its reason, and the rest is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.reading import draw_letters
from expectations.gate import GateError
from extract.reasons import Reason
from imr.pipeline import reparse, steps
from tests.support.drawn_letters import LETTER, write_letter
from tests.support.home import Home
from warehouse.hashing import hash_file
from warehouse.intake.reviews import RELEASE, Review
from warehouse.intake.selection import Selection

DECISION = LETTER.decisions[0]
CASE = "CM17-0500002"


def request(text: str) -> dict[str, Any]:
    return {"decisions": (replace(DECISION, treatment=text),)}


ODD: dict[str, tuple[dict[str, Any], Reason]] = {
    "another decision word": ({"outcome": "Modified"}, Reason.OUTCOME_NOT_UNDERSTOOD),
    "a decision to come": ({"decision_date": date(2099, 1, 1)}, Reason.IMPLAUSIBLE_FACT),
    "a decision before the law": ({"decision_date": date(2012, 12, 31)}, Reason.IMPLAUSIBLE_FACT),
    "an injury to come": ({"date_of_injury": date(2117, 3, 3)}, Reason.IMPLAUSIBLE_FACT),
    "an injury of 1817": ({"date_of_injury": date(1817, 3, 3)}, Reason.IMPLAUSIBLE_FACT),
    "a denial of 1017": ({"ur_denial_date": date(1017, 1, 3)}, Reason.IMPLAUSIBLE_FACT),
    "an application to come": ({"application_received": date(9999, 12, 31)}, Reason.IMPLAUSIBLE_FACT),
    "a request of 2,100 characters": (request("Norco and more " * 140), Reason.IMPLAUSIBLE_FACT),
    "a request of two characters": (request("MR"), Reason.IMPLAUSIBLE_FACT),
    "61 requests": (
        {"decisions": tuple(replace(DECISION, treatment=f"Belt {n}") for n in range(61))},
        Reason.IMPLAUSIBLE_FACT,
    ),
    "no form of a case number": ({"case_number": "N/A"}, Reason.CASE_NUMBER_MALFORMED),
    "a telephone number in a request": (request("MRI, call (415) 555-0134"), Reason.IDENTITY_FOUND),
    "a telephone number in a specialty": (
        {"specialties": ("Internal Medicine (555-010-4477)",)},
        Reason.IDENTITY_FOUND,
    ),
}
WILD_REQUESTS = (
    "Norco #99999999999999999999999999999999",
    "Physical therapy 99999999999 times a week for 0 weeks",
    "MRI on 13/45/2016, 02/30/16 and 00/00/0000",
    "'; DROP TABLE raw.letters; --",
    "100% (.*)[a-z]+ \\d{3} $1 %s {{ x }} <b>belt</b>",
    "Lidocaine 5% 0.00000000000000000000001 mg 1e999",
    "??? ...",
    "x " * 900,
    "1/2/3/4/5/6/7/8/9 - 10 - 11 to 12 or 13",
)


def write_odd(folder: Path, name: str, changes: dict[str, Any]) -> Path:
    return write_letter(folder, name, **({"case_number": CASE} | changes))


def read_ledger(home: Home, run_id: str) -> dict[str, tuple[str, str | None]]:
    rows = home.query(f"SELECT source_path, status, reason FROM raw.files WHERE run_id = '{run_id}'")
    return {row["source_path"]: (row["status"], row["reason"]) for row in rows}


@pytest.mark.slow
@pytest.mark.parametrize("what", ODD)
def test_an_odd_letter_is_set_aside_and_the_batch_passes(published: Home, tmp_path: Path, what: str) -> None:
    changes, reason = ODD[what]
    write_odd(tmp_path / "new", "odd.pdf", changes)
    write_letter(tmp_path / "new", "good.pdf", "CM17-0500003")
    published.read("second", tmp_path / "new")
    assert steps.gate_batch(published.context, "second") > 0
    published.publish("second")
    assert read_ledger(published, "second") == {"good.pdf": ("loaded", None), "odd.pdf": ("quarantined", str(reason))}


@pytest.mark.slow
def test_thirty_letters_are_published_beside_odd_ones(loaded: Home, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    good = {path.name for path in draw_letters(folder, 30)}
    odd = {
        "outcome.pdf": "another decision word",
        "date.pdf": "a decision to come",
        "key.pdf": "no form of a case number",
    }
    for name, what in odd.items():
        write_odd(folder, name, ODD[what][0])
    wild = tuple(replace(DECISION, treatment=text) for text in WILD_REQUESTS)
    write_letter(folder, "wild.pdf", "cm17-0500009", decisions=wild)
    assert loaded.load("second", folder) == 2
    expected = dict.fromkeys(good | {"wild.pdf"}, ("loaded", None))
    expected |= {name: ("quarantined", str(ODD[what][1])) for name, what in odd.items()}
    assert read_ledger(loaded, "second") == expected
    (counted,) = loaded.query(
        "SELECT count(*) AS decisions FROM marts.fct_decisions WHERE case_number = 'CM17-0500009'"
    )
    assert counted["decisions"] == len(WILD_REQUESTS)
    report = steps.report(loaded.context, "second")
    assert report.version == 2
    assert {file["source_path"] for file in report.quarantined} == set(odd)


def test_a_file_whose_name_identifies_a_person_is_loaded_under_another_once_released(
    published: Home, tmp_path: Path
) -> None:
    name = "patient 123-45-6789 ann@example.org.pdf"
    letter = write_letter(tmp_path / "new", name, CASE)
    published.load_quickly("second", tmp_path / "new")
    assert read_ledger(published, "second") == {"name removed.pdf": ("quarantined", "identity_found")}
    assert steps.scan(published.context, "third", tmp_path / "new") == [], "it is known"
    run = published.context.open_run("second")
    written = [path for path in run.folder.rglob("*.*") if path.name != "arrivals.jsonl"]
    assert [path for path in written if b"6789" in path.read_bytes()] == []

    released = Review(hash_file(letter), RELEASE, None, "ann", datetime(2026, 1, 1))
    published.context.reviews.add(released)
    for first in reparse.select(published.context, "released", reparse.Plan(Selection(sha256=(released.sha256,)))):
        steps.extract(published.context, "released", first)
    assert reparse.compare(published.context, "released") is True
    published.publish("released")
    assert read_ledger(published, "released") == {"name removed.pdf": ("loaded", None)}


@pytest.mark.slow
def test_many_unknown_outcomes_stop_the_batch(published: Home, tmp_path: Path) -> None:
    for number in range(3):
        write_letter(tmp_path / "new", f"{number}.pdf", f"CM17-050000{number}", outcome="Remanded")
    published.read("second", tmp_path / "new")
    with pytest.raises(GateError, match="Few letters state what cannot be counted"):
        steps.gate_batch(published.context, "second")
