"""The two gates of a load: the frames that each suite looks at, and the history that it is held against."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import partial

import pandas as pd

from expectations import batch_decisions, batch_drift, batch_files, batch_letters, marts
from expectations.failure import BYTES_AT
from expectations.gate import Check, GateError, GateResult, run_gate, weigh_drift
from expectations.limits import ENOUGH_LETTERS, ENOUGH_LOADS, Share, enough
from extract.letters.parse import RELEASED
from extract.letters.vocabularies import patterns
from imr.pipeline.affected_letters import letters_behind
from imr.settings import Settings
from warehouse.checks import compare, history
from warehouse.intake import inbox
from warehouse.runs import run_files
from warehouse.runs.run import Run
from warehouse.runs.step_results import BatchGateResult, MartsGateResult
from warehouse.versions.base import Version

FILE = ["source_path", "reason"]
LETTER = ["case_number", "source_name"]
DECISION = [*LETTER, "decision_number", "page"]
SHOWN_OF_A_DECISION = ("treatment_requested", "original_request", "authorized_request", "disputed_request")
"""The texts of a letter that marts hold, and BI tools show."""
# A file's name may hold dates and numbers of any kind, so it is held to what can be nothing else.
_NUMBER_IN_A_NAME = re.compile(r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)")
_IN_A_NAME = ("email_address", "salutation")


def check_batch(settings: Settings, run: Run, published: Version | None, *, accept_drift: bool = False) -> int:
    """Check a batch before it is loaded; return how many rules were checked. Raises `GateError`.

    What was found is in the step's outcome either way: failures with their letters, remarks, Data Docs. With
    `accept_drift` what the batch is unlike in the past loads warns where it would stop the load.
    """
    with run.record_step(BatchGateResult(accept_drift=accept_drift)) as recorded:
        files, letters, decisions = _batch_frames(run)
        checks = [
            Check(batch_files.suite(len(files)), files, FILE, batch_files.QUERY),
            Check(batch_letters.suite(_today(), len(letters)), letters, LETTER, batch_letters.QUERY),
            Check(batch_decisions.suite(), decisions, DECISION, batch_decisions.QUERY),
        ]
        drift, remarks = _drift_checks(published, files, letters, decisions)
        weighed = weigh_drift([*checks, *drift], accepted=accept_drift)
        result = run_gate("batch", weighed, home=settings.gx_home, run_id=run.run_id, remarks=remarks)
        recorded.fill(result.as_json())
        return _let_through(result)


def check_marts(settings: Settings, run: Run, published: Version | None, *, accept_drift: bool = False) -> int:
    """Check a candidate's marts against sense and the published version; `accept_drift` as in `check_batch`.

    Returns how many rules were checked. Raises `GateError`.
    """
    with run.record_step(MartsGateResult(accept_drift=accept_drift)) as recorded:
        checks = [_months_check(settings, run, published)]
        remarks: list[str] = []
        if published:
            mix, remarks = _mix_check(run, published)
            checks += [_cases_check(settings, run, published), *mix]
        weighed = weigh_drift(checks, accepted=accept_drift)
        result = run_gate("marts", weighed, home=settings.gx_home, run_id=run.run_id, remarks=remarks)
        recorded.fill(result.as_json())
        return _let_through(result)


def _let_through(result: GateResult) -> int:
    if not result.passed:
        raise GateError(result)
    return result.checked


def _months_check(settings: Settings, run: Run, published: Version | None) -> Check:
    months = compare.compare_months(run.candidate, published.full if published else None, run.run_id, run.withdrawn())
    months["overturn_rate"] = months["overturn_rate"].where(months["decision_count"] >= marts.ENOUGH_TO_JUDGE)
    named_by, look = ["month_key", "decision_count"], letters_behind(settings, run, published)
    return Check(marts.months_suite(), months, named_by, look=look)


def _cases_check(settings: Settings, run: Run, published: Version) -> Check:
    cases = compare.compare_cases(run.candidate, published.full, run.withdrawn())
    cases[BYTES_AT] = [
        str(settings.archive / inbox.name_in_archive(letter, name))
        for letter, name in zip(cases["letter_id"], cases["source_name"], strict=True)
    ]
    return Check(marts.cases_suite(), cases, LETTER)


def _today() -> date:
    return datetime.now(UTC).date()


def _batch_frames(run: Run) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return files, letters and decisions of a run, with what the suites ask for besides the run files' columns."""
    paths = inbox.find_paths(run)
    files = run_files.read_frame(run, "files")
    files = files.assign(
        ended=files["reason"].fillna(files["status"]), **{BYTES_AT: files["sha256"].map(paths).astype(object)}
    )
    letters = run_files.read_frame(run, "letters")
    decisions = run_files.read_frame(run, "decisions")
    letters[BYTES_AT] = letters["letter_id"].map(paths).astype(object)
    letters["decision_count"] = letters["letter_id"].map(decisions["letter_id"].value_counts()).fillna(0)
    letters["shown_text_names"] = [
        _named_in(" ".join(specialties)) or _named_in_file_name(name)
        for specialties, name in zip(letters["specialties"], letters["source_name"], strict=True)
    ]
    is_full = letters["format"].isin(batch_letters.FULL_FORMATS)
    for name in batch_letters.KEY_FIELDS:
        letters[f"missing_{name}"] = letters["format"].where(is_full & letters[name].isna())
    decisions = decisions.merge(letters[["letter_id", *LETTER, BYTES_AT]].drop_duplicates("letter_id"), on="letter_id")
    shown = decisions[list(SHOWN_OF_A_DECISION)].fillna("").itertuples(index=False)
    of_person = [_named_in(" | ".join(texts)) for texts in shown]
    flags = run_files.read_frame(run, "flags")
    released = decisions["letter_id"].isin(flags.loc[flags["code"] == RELEASED, "letter_id"])
    decisions["shown_text_names"] = [
        None if is_released else n for n, is_released in zip(of_person, released, strict=True)
    ]
    decisions["request_characters"] = decisions["treatment_requested"].str.len()
    decisions["wording"] = _wording(decisions, flags)
    return files, letters, decisions


def _named_in(text: str) -> str | None:
    """Return the kind of identity that a text holds, or `None`; never whose.

    The parser searches the letter as it lies on the page; this is the same list on the texts that were made
    of it, with their line breaks closed, also of the sections in which the form's own address may stand.
    """
    return next((kind.replace("_", " ") for kind, found in patterns("identity").items() if found.search(text)), None)


def _named_in_file_name(name: str) -> str | None:
    if _NUMBER_IN_A_NAME.search(name):
        return "social security number"
    return next((k.replace("_", " ") for k in _IN_A_NAME if patterns("identity")[k].search(name)), None)


def _wording(decisions: pd.DataFrame, flags: pd.DataFrame) -> list[str]:
    """Return of each decision `understood`, or the first flag that says it was not."""
    said = flags[flags["code"].isin(batch_drift.UNKNOWN_WORDING) & flags["decision_number"].notna()]
    keys = zip(said["letter_id"], said["decision_number"].astype(int), strict=True)
    codes = dict(zip(reversed(list(keys)), reversed(list(said["code"])), strict=True))
    numbered = zip(decisions["letter_id"], decisions["decision_number"], strict=True)
    return [codes.get((letter, int(number)), "understood") for letter, number in numbered]


_drift = partial(Check, is_drift=True)


def _drift_checks(
    published: Version | None, files: pd.DataFrame, letters: pd.DataFrame, decisions: pd.DataFrame
) -> tuple[list[Check], list[str]]:
    """Return the checks of a batch against the last loads, and what cannot be checked."""
    loads = history.read_past_loads(published.full, batch_drift.LOADS, batch_drift.UNKNOWN_WORDING) if published else []
    refused = [Share(load.files, load.quarantined / load.files) for load in loads if load.files]
    told = [load for load in loads if load.decisions]
    upheld = [Share(load.letters, load.upheld / load.decisions) for load in told]
    if not enough(upheld):
        return [], [_not_enough("uphold, quarantine and unknown-wording rate, freshness", upheld)]
    flagged = [Share(load.letters, load.flagged / load.decisions) for load in told]
    checks = []
    unread = files[files["status"] != inbox.DUPLICATE]
    if len(unread):
        checks.append(_drift(batch_drift.files_suite(refused, len(unread)), unread, FILE, batch_files.QUERY))
    if len(decisions):
        suite = batch_drift.decisions_suite(upheld, flagged, decisions["letter_id"].nunique())
        checks.append(_drift(suite, decisions, DECISION, batch_decisions.QUERY))
    ages = [load.loaded_on - load.newest_decision for load in loads if load.newest_decision]
    if ages and letters["decision_date"].notna().any():
        checks.append(_drift(batch_drift.letters_suite(max(ages), _today()), letters, LETTER, batch_letters.QUERY))
    return checks, []


def _mix_check(run: Run, published: Version) -> tuple[list[Check], list[str]]:
    """Return the check of a batch's mix of categories against the last loads; dbt has coded it by now."""
    sizes = {load.run_id: load.letters for load in history.read_past_loads(published.full, batch_drift.LOADS, ())}
    by_run = history.count_past_categories(published.full, batch_drift.LOADS)
    totals = {run_id: sum(counts.values()) for run_id, counts in by_run.items()}
    coded = compare.read_coded_decisions(run.candidate, run.run_id)
    coded[BYTES_AT] = coded["letter_id"].map(inbox.find_paths(run)).astype(object)

    def shares(category: str) -> list[Share]:
        return [Share(sizes[r], counts.get(category, 0) / totals[r]) for r, counts in by_run.items()]

    categories: Iterable[str] = {*coded["treatment_category"], *(c for counts in by_run.values() for c in counts)}
    by_category = {category: shares(category) for category in categories}
    any_category = next(iter(by_category.values()), [])
    if not enough(any_category):
        return [], [_not_enough("mix of categories", any_category)]
    if coded.empty:
        return [], []
    suite = batch_drift.categories_suite(by_category, coded["letter_id"].nunique())
    return [_drift(suite, coded, DECISION)], []


def _not_enough(what: str, loads: Sequence[Share]) -> str:
    letters = sum(load.letters for load in loads)
    return (
        f"not enough history to judge {what}: {len(loads)} loads with {letters} letters are published, "
        f"{ENOUGH_LOADS} loads with {ENOUGH_LETTERS} letters are needed"
    )
