"""Prints what was read from a letter."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from extract.record import Decision, LetterRecord
from imr.inspect.coded import CodedLetter
from imr.text import printable

LABEL_WIDTH = 16
CITED_WIDTH = 120
"""Characters of a citation's text."""
_SIDES = {"claims_admin": "claims admin", "reviewer": "reviewer"}
_STYLES = {"upheld": "bold red", "overturned": "bold green", "partially_overturned": "bold yellow"}
_DATES = {
    "injury": "date_of_injury",
    "RFA": "rfa_date",
    "UR denial": "ur_denial_date",
    "application": "application_received",
    "assigned": "date_assigned",
    "decided": "decision_date",
}
_FINDINGS = {"necessary": "finds it necessary", "not_necessary": "finds it not necessary"}


def print_letter(path: Path, record: LetterRecord, coded: CodedLetter | None = None) -> None:
    """Print a letter and what is coded of it, wrapped to the terminal's width; into a pipe, one line per fact."""
    # The letter's text is not markup: [bold] in a treatment is printed as it is.
    console = Console(markup=False, highlight=False, emoji=False, width=None if sys.stdout.isatty() else 10_000)
    for label, value, style in _list_facts(path, record, coded or CodedLetter()):
        for number, line in enumerate(_wrap(printable(value), console.width - LABEL_WIDTH - 1)):
            shown = Text.assemble((f"{label if number == 0 else '':<{LABEL_WIDTH}}", "bold"), (line, style))
            shown.rstrip()
            console.print(shown, soft_wrap=True)


def _wrap(value: str, width: int) -> list[str]:
    return textwrap.wrap(value, max(width, 20), break_on_hyphens=False) or [""]


_Fact = tuple[str, str, str]
"""A label, a value, and the style that it is printed in."""


def _list_facts(path: Path, record: LetterRecord, coded: CodedLetter) -> Iterator[_Fact]:
    pages = "1 page" if record.page_count == 1 else f"{record.page_count} pages"
    yield "file", path.name, "bold"
    yield "read as", f"{record.format}, {pages}, by {record.extractor}", ""
    yield "case", record.case_number or "no number printed", "bold"
    yield "outcome", _words(record.case_outcome), _STYLES.get(record.case_outcome, "bold yellow")
    for label, name in _DATES.items():
        yield label, _or_none(getattr(record, name)), ""
    yield "priority", _or_none(record.priority), ""
    yield "reviewer", _or_none(", ".join(record.specialties)), ""
    yield "licensed in", _or_none(", ".join(record.licensure_states)), ""
    years = "age not stated" if record.patient_age is None else f"{record.patient_age} years"
    yield "patient", f"{years}, {record.patient_sex or 'sex not stated'}", ""
    yield "diagnoses", _or_none("; ".join(record.diagnoses)), ""
    for decision in record.decisions:
        yield "", "", ""
        yield from _list_decision_facts(decision)
        for reason in coded.reasons:
            if reason.decision_number == decision.decision_number:
                yield "  reason", f"{reason.reason_name} (rule {reason.rule_id})", ""
                yield "", reason.sentence or "", "italic"
    if record.flags or coded.contradictions:
        yield "", "", ""
    for flag in (*record.flags, *coded.contradictions):
        where = f"decision {flag.decision_number}, " if flag.decision_number else ""
        yield "flag", f"{where}{flag.code}: {flag.detail}", "yellow"


def _list_decision_facts(decision: Decision) -> Iterator[_Fact]:
    label = f"decision {decision.decision_number}"
    yield label, f"{_words(decision.outcome)}, page {decision.page}", _STYLES.get(decision.outcome, "bold yellow")
    if decision.is_modified:
        yield "  requested", _or_none(decision.original_request), ""
        yield "  authorized", _or_none(decision.authorized_request), ""
        yield "  disputed", _or_none(decision.disputed_request), "bold"
    else:
        yield "  treatment", decision.treatment_requested, "bold"
    for side, name in _SIDES.items():
        cited = [c for c in decision.citations if c.cited_by == side]
        for citation in cited:
            raw = f": {textwrap.shorten(citation.raw, CITED_WIDTH, placeholder=' ...')}" if citation.raw else ""
            yield f"  {name}", f"{citation.source}{raw}", ""
        if not cited:
            yield f"  {name}", "cites nothing", ""
    yield "  rationale", _FINDINGS.get(decision.rationale_finding, "states no finding"), ""


def _words(name: str) -> str:
    return name.replace("_", " ")


def _or_none(value: object) -> str:
    return str(value) if value else "not stated"
