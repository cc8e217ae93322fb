"""Raw rows of synthetic letters: one by one, or drawn with a fixed seed."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

Row = dict[str, Any]
FIRST_LOAD = {"run_id": "run-1", "load_number": 1, "loaded_at": datetime(2017, 3, 1, 12)}

TREATMENTS = (
    "MRI of the lumbar spine without contrast",
    "Physical therapy 2 times a week for 6 weeks, right shoulder",
    "Norco 10/325mg #120",
    "Lidocaine patch 5% #30 with 2 refills",
    "Flexeril 7.5mg #60",
    "Left knee arthroscopy",
    "Associated surgical service: post-operative cold therapy unit",
    "Acupuncture, 6 sessions, neck and left wrist",
    "Retrospective: urine drug screen",
    "Psychotherapy, 12 sessions",
    "A treatment without a coding rule",
)
CITED = (
    ("MTUS", "Chronic Pain Medical Treatment", 2016),
    ("MTUS", "Low Back Complaints", 2004),
    ("MTUS", "Hand, Wrist and Forearm Disorders", 2016),
    ("ODG", "Neck and Upper Back", None),
    ("ODG", None, None),
    ("OTHER", "A synthetic article", 2007),
)
SPECIALTIES = ("Pain  Management", "Pain Medicine", "Chiropractor", "Occupational Medicine", "Aerospace Medicine")
DIAGNOSES = (
    "right knee sprain with pain",
    "lumbar strain",
    "headache",
    "Insomnia",
    "fracture of the left distal radius",
)
FLAGS = ("redaction_hole", "no_guideline_cited")


def letter(letter_id: str, source_name: str, **fields: Any) -> Row:
    """Return a row of raw.letters."""
    return {
        "letter_id": letter_id,
        "source_name": source_name,
        "format": "table",
        "parser_version": "1",
        "extractor": "text",
        "page_count": 2,
        "priority": "Standard",
        "licensure_states": ["California"],
        "specialties": ["Pain Management"],
        "diagnoses": ["lumbar sprain"],
        "complaints": [],
        "clinical_case_summary": "A synthetic summary. The utilization review denied it due to a lack of zeal.",
        "case_outcome": "upheld",
        **FIRST_LOAD,
        **fields,
    }


def decision(letter_id: str, number: int = 1, **fields: Any) -> Row:
    """Return a row of raw.decisions."""
    return {
        "letter_id": letter_id,
        "decision_number": number,
        "treatment_requested": "Lumbar brace",
        "outcome": "upheld",
        "is_modified": False,
        "claims_admin_guideline": "None.",
        "reviewer_guideline": "None.",
        "rationale": "A synthetic rationale about the hip.",
        "rationale_finding": "not_necessary",
        "page": 2,
        **FIRST_LOAD,
        **fields,
    }


def citation(letter_id: str, decision_number: int, number: int, **fields: Any) -> Row:
    """Return a row of raw.citations."""
    keys = {"letter_id": letter_id, "decision_number": decision_number, "citation_number": number}
    return {**keys, "sections": [], "raw": "Synthetic.", **FIRST_LOAD, **fields}


def flag(letter_id: str, **fields: Any) -> Row:
    """Return a row of raw.flags."""
    return {"letter_id": letter_id, "code": "dates_out_of_order", "detail": "synthetic", **FIRST_LOAD, **fields}


def file(sha256: str, name: str, **fields: Any) -> Row:
    """Return a row of raw.files."""
    return {
        "sha256": sha256,
        "source_path": f"inbox/{name}",
        "parser_version": "1",
        "size_bytes": 1000,
        "status": "loaded",
        "seen_at": datetime(2017, 3, 1, 11),
        **FIRST_LOAD,
        **fields,
    }


@dataclass(frozen=True)
class Load:
    """One load: the rows of the letters that arrived or were read again, and of the ledger."""

    number: int
    loaded_at: datetime
    rows: dict[str, list[Row]] = field(
        default_factory=lambda: {table: [] for table in ("letters", "decisions", "citations", "flags", "files")}
    )

    @property
    def letter_ids(self) -> list[str]:
        return [str(row["letter_id"]) for row in self.rows["letters"]]

    @property
    def _stamp(self) -> Row:
        return {"run_id": f"run-{self.number}", "load_number": self.number, "loaded_at": self.loaded_at}

    def add_quarantined(self, name: str) -> None:
        """Add a quarantined file."""
        self._add_file(name, status="quarantined", reason="no_text_layer")

    def add_letter(  # noqa: PLR0913 - the ways in which two letters may differ
        self,
        name: str,
        case: str | None,
        decided: date | None,
        *,
        decisions: int | None = None,
        version: str = "1",
        reading: int = 0,
    ) -> None:
        """Add a letter; another `reading` of the same name has the same id and other contents."""
        rng = random.Random(f"{name} {reading}")  # noqa: S311 - synthetic letters, not secrets
        letter_id = _hash(name)
        outcomes = [self._add_decision(rng, letter_id, n) for n in range(1, (decisions or rng.randint(1, 4)) + 1)]
        codes = rng.choices(FLAGS, k=rng.randint(0, 2))
        self.rows["flags"] += [flag(letter_id, code=code, **self._stamp) for code in codes]
        dates = {
            "date_of_injury": decided and decided - timedelta(days=rng.randint(30, 4000)),
            "rfa_date": decided and decided - timedelta(days=rng.randint(55, 70)),
            "ur_denial_date": decided and decided - timedelta(days=rng.randint(40, 60)),
            "application_received": decided and decided - timedelta(days=rng.randint(20, 50)),
            "date_assigned": decided and decided - timedelta(days=rng.randint(-2, 45)),
            "decision_date": decided,
        }
        fields = {
            "parser_version": version,
            "case_number": case,
            "specialties": rng.sample(SPECIALTIES, rng.randint(0, 3)),
            "diagnoses": rng.sample(DIAGNOSES, rng.randint(0, 3)),
            "complaints": ["pain of the right knee"],
            "case_outcome": outcomes[0] if len(set(outcomes)) == 1 else "partially_overturned",
        }
        self.rows["letters"].append(letter(letter_id, f"{name}.pdf", **dates, **fields, **self._stamp))
        self._add_file(name, parser_version=version)

    def _add_decision(self, rng: random.Random, letter_id: str, number: int) -> str:
        """Add a decision with its citations; return its outcome."""
        outcome = rng.choice(("upheld", "upheld", "upheld", "overturned"))
        fields = {
            "treatment_requested": rng.choice(TREATMENTS),
            "is_modified": rng.random() < 0.2,
            "rationale": "The request for rental has no purpose for the hip.",
        }
        self.rows["decisions"].append(decision(letter_id, number, outcome=outcome, **fields, **self._stamp))
        for position, (source, title, year) in enumerate(rng.sample(CITED, rng.randint(0, 4)), start=1):
            cited = {"source": source, "title": title, "year": year, "sections": rng.choice(([], ["Opioids"]))}
            side = rng.choice(("claims_admin", "reviewer"))
            self.rows["citations"].append(citation(letter_id, number, position, cited_by=side, **cited, **self._stamp))
        return outcome

    def _add_file(self, name: str, **fields: Any) -> None:
        seen_at = self.loaded_at - timedelta(hours=1)
        size = 1000 + len(name)
        self.rows["files"].append(
            file(_hash(name), f"{name}.pdf", size_bytes=size, seen_at=seen_at, **fields, **self._stamp)
        )


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def make_daily_loads() -> list[Load]:
    """Return four loads that change cases in every possible way; before the third, the clock is set back by a year."""
    times = (datetime(2017, 3, 1, 12), datetime(2017, 3, 2, 12), datetime(2016, 3, 3, 12), datetime(2016, 3, 4, 12))
    days = [Load(number, time) for number, time in enumerate(times, 1)]

    first = days[0]
    for number in range(12):
        first.add_letter(f"plain{number}", f"CM17-{number:07}", date(2017, 1, 1 + number))
    first.add_letter("reissued v1", "CM17-0000100", date(2017, 1, 10), decisions=4)
    first.add_letter("late v2", "CM17-0000101", date(2017, 1, 20))
    first.add_letter("undated", "CM17-0000102", None)
    first.add_letter("unnumbered", None, date(2017, 1, 5), decisions=3)
    first.add_letter("misread", "CM17-0000999", date(2017, 1, 6), decisions=4)
    first.add_letter("restored v1", "CM17-0000103", date(2017, 1, 7))
    first.add_letter("upgraded", "CM17-0000104", date(2017, 1, 8), decisions=4)
    first.add_letter("tie a", "CM17-0000105", date(2017, 1, 9))
    first.add_quarantined("scanned")

    reissues = days[1]
    reissues.add_letter("reissued v2", "CM17-0000100", date(2017, 2, 10), decisions=1)
    reissues.add_letter("restored v2", "CM17-0000103", date(2017, 2, 7))
    reissues.add_letter("late v1", "CM17-0000101", date(2016, 12, 20))
    reissues.add_letter("dated late", "CM17-0000102", date(2016, 12, 1))
    reissues.add_letter("plain20", "CM17-0000020", date(2017, 2, 1))

    readings = days[2]
    readings.add_letter("plain0", "CM17-0000000", date(2017, 1, 1), decisions=1, reading=1)
    readings.add_letter("plain1", "CM17-0000001", date(2017, 2, 28), reading=1)
    readings.add_letter("reissued v1", "CM17-0000100", date(2017, 1, 10), reading=1)
    readings.add_letter("tie b", "CM17-0000105", date(2017, 1, 9))
    readings.add_letter("upgraded", "CM17-0000104", date(2017, 1, 8), decisions=2, version="2", reading=1)
    # The case number is read now, and the letter supersedes an older one of that case.
    readings.add_letter("unnumbered", "CM17-0000005", date(2017, 2, 20), decisions=1, version="2", reading=1)
    # The case number was misread; the letter is an older one of another case.
    readings.add_letter("misread", "CM17-0000006", date(2016, 11, 6), decisions=2, version="2", reading=1)
    # The current letter has no date any more, so the previous one is current again.
    readings.add_letter("restored v2", "CM17-0000103", None, version="2", reading=1)

    last = days[3]
    last.add_letter("reissued v3", "CM17-0000100", date(2017, 3, 1), decisions=2)
    last.add_letter("tie a", "CM17-0000105", date(2017, 1, 9), version="2", reading=1)
    # The current letter of a case moves to another one.
    last.add_letter("reissued v2", "CM17-0000007", date(2017, 2, 10), version="2", reading=1)
    last.add_quarantined("scanned too")
    return days
