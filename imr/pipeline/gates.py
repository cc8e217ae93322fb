"""The two gates of a load: builds the checked frames, and the history that a batch is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial

import pandas as pd
from duckdb import DuckDBPyConnection as Connection

from expectations import batch_decisions, batch_drift, batch_files, batch_letters, marts
from expectations.control_limits import MIN_HISTORY_LETTERS, MIN_LOADS, Share, has_enough_history
from expectations.failure import LETTER_PATH
from expectations.gate import Check, GateError, GateResult, run_gate, set_drift_severity
from extract.letters.registry import load_formats
from imr.pipeline.affected_letters import find_archived_path, make_letter_finder
from imr.pipeline.candidate import open_candidate
from imr.settings import Settings
from warehouse.checks import compare, history
from warehouse.checks.databases import open_databases
from warehouse.intake import inbox
from warehouse.runs import run_files
from warehouse.runs.run import Run
from warehouse.runs.step_results import BatchGateResult, MartsGateResult
from warehouse.versions.base import Version

FILE = ["source_path", "reason"]
LETTER = ["case_number", "source_name"]
DECISION = [*LETTER, "decision_number", "page"]
Checks = tuple[list[Check], list[str]]
"""Checks, and remarks on what cannot be checked."""


def check_batch(settings: Settings, run: Run, published: Version | None, *, accept_drift: bool = False) -> int:
    """Check a batch before it is loaded; return how many rules were checked.

    The step's outcome holds failures with their letters, remarks, and the page of Data Docs. With `accept_drift`,
    rules that compare the batch with past loads warn instead of blocking. Raises `GateError` if a rule blocks.
    """
    with run.record_step(BatchGateResult(accept_drift=accept_drift)) as recorded:
        checks, remarks = build_batch_checks(run, published)
        set_drift_severity(checks, accepted=accept_drift)
        result = run_gate("batch", checks, home=settings.gx_home, run_id=run.run_id, remarks=remarks)
        recorded.fill(result.as_json())
        return _require_passed(result)


def check_marts(settings: Settings, run: Run, published: Version | None, *, accept_drift: bool = False) -> int:
    """Check a candidate's marts, also against the published version; return how many rules were checked.

    `accept_drift` and outcome as in `check_batch`. Raises `GateError` if a rule blocks.
    """
    with run.record_step(MartsGateResult(accept_drift=accept_drift)) as recorded:
        checks, remarks = build_marts_checks(settings, run, published)
        set_drift_severity(checks, accepted=accept_drift)
        result = run_gate("marts", checks, home=settings.gx_home, run_id=run.run_id, remarks=remarks)
        recorded.fill(result.as_json())
        return _require_passed(result)


def _require_passed(result: GateResult) -> int:
    if not result.passed:
        raise GateError(result)
    return result.checked


def build_batch_checks(run: Run, published: Version | None) -> Checks:
    """Return the checks of a run's files, letters and decisions."""
    files, letters, decisions = _read_batch(run)
    drift, remarks = _build_drift_checks(published, files, letters, decisions)
    checks = [
        Check(batch_files.build_suite(len(files)), files, FILE, batch_files.QUERY),
        Check(batch_letters.build_suite(len(letters)), letters, LETTER, batch_letters.QUERY),
        Check(batch_decisions.build_suite(), decisions, DECISION, batch_decisions.QUERY),
    ]
    return [*checks, *drift], remarks


def build_marts_checks(settings: Settings, run: Run, published: Version | None) -> Checks:
    """Return the checks of a candidate's months and, if there is a published version, its cases and categories."""
    is_first, finder = published is None, make_letter_finder(settings, run, published)
    with open_candidate(run, published) as connection:
        months = compare.compare_months(connection, run.run_id, run.withdrawn(), is_first=is_first)
        months["overturn_rate"] = months["overturn_rate"].where(months["decision_count"] >= marts.MIN_MONTH_DECISIONS)
        checks = [Check(marts.build_months_suite(), months, ["month_key", "decision_count"], find_letters=finder)]
        if is_first:
            return checks, []
        cases = compare.list_absent_cases(connection, run.withdrawn())
        letters = zip(cases["letter_id"], cases["source_name"], strict=True)
        cases[LETTER_PATH] = [find_archived_path(settings, letter_id, name) for letter_id, name in letters]
        checks.append(Check(marts.build_cases_suite(compare.count_cases(connection)), cases, LETTER))
        mix, remarks = _build_mix_check(run, connection)
    return [*checks, *mix], remarks


def _today() -> date:
    return datetime.now(UTC).date()


def _read_batch(run: Run) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return files, letters and decisions of a run, with the additional columns of the suites."""
    files, letters, decisions, flags = (
        run_files.read_frame(run, table) for table in ("files", "letters", "decisions", "flags")
    )
    paths = inbox.find_paths(run)
    files[LETTER_PATH] = files["sha256"].map(paths).astype(object)
    files["result"] = files["reason"].fillna(files["status"])

    letters[LETTER_PATH] = letters["letter_id"].map(paths).astype(object)
    for name in batch_letters.KEY_FIELDS:
        is_required = letters["format"].isin([f.id for f in load_formats() if name in f.required_fields])
        letters[f"missing_{name}"] = letters["format"].where(is_required & letters[name].isna())

    names = letters[["letter_id", *LETTER, LETTER_PATH]].drop_duplicates("letter_id")
    decisions = decisions.merge(names, on="letter_id")
    decisions["wording"] = _find_wording(decisions, flags)
    return files, letters, decisions


def _find_wording(decisions: pd.DataFrame, flags: pd.DataFrame) -> list[str]:
    """Return `understood` for each decision, or its first flag about unknown wording."""
    unknown = flags[flags["code"].isin(batch_drift.UNKNOWN_WORDING) & flags["decision_number"].notna()]
    first = unknown.drop_duplicates(["letter_id", "decision_number"])
    keys = zip(first["letter_id"], first["decision_number"].astype(int), strict=True)
    codes = dict(zip(keys, first["code"], strict=True))
    numbered = zip(decisions["letter_id"], decisions["decision_number"], strict=True)
    return [codes.get((letter, int(number)), "understood") for letter, number in numbered]


_drift = partial(Check, is_drift=True)


def _build_drift_checks(
    published: Version | None, files: pd.DataFrame, letters: pd.DataFrame, decisions: pd.DataFrame
) -> Checks:
    """Return the checks of a batch against the last loads."""
    loads = []
    if published:
        with open_databases(published=published.contents) as connection:
            loads = history.past_loads(connection, batch_drift.HISTORY_LOADS, batch_drift.UNKNOWN_WORDING)
    quarantined = [Share(load.files, load.quarantined / load.files) for load in loads if load.files]
    with_decisions = [load for load in loads if load.decisions]
    upheld = [Share(load.letters, load.upheld / load.decisions) for load in with_decisions]
    if not has_enough_history(upheld):
        return [], [_remark_history("uphold, quarantine and unknown-wording rate, freshness", upheld)]
    understood = [Share(load.letters, 1 - load.flagged / load.decisions) for load in with_decisions]
    checks = []
    unique = files[files["status"] != inbox.DUPLICATE]
    if len(unique):
        suite = batch_drift.build_files_suite(quarantined, len(unique))
        checks.append(_drift(suite, unique, FILE, batch_files.QUERY))
    decisions = decisions[decisions["decision_number"] <= history.MAX_DECISIONS]
    if len(decisions):
        suite = batch_drift.build_decisions_suite(upheld, understood, decisions["letter_id"].nunique())
        checks.append(_drift(suite, decisions, DECISION, batch_decisions.QUERY))
    ages = [load.loaded_on - load.newest_decision for load in loads if load.newest_decision]
    if ages and letters["decision_date"].notna().any():
        suite = batch_drift.build_letters_suite(max(ages), _today())
        checks.append(_drift(suite, letters, LETTER, batch_letters.QUERY))
    return checks, []


def _build_mix_check(run: Run, connection: Connection) -> Checks:
    """Return the check of a batch's mix of categories against the last loads; only dbt codes them."""
    past = history.past_loads(connection, batch_drift.HISTORY_LOADS, ())
    sizes = {load.load_number: load.letters for load in past}
    by_load = history.past_categories(connection, batch_drift.HISTORY_LOADS)
    decisions = compare.list_coded_decisions(connection, run.run_id)
    decisions[LETTER_PATH] = decisions["letter_id"].map(inbox.find_paths(run)).astype(object)
    categories = {*decisions["treatment_category"], *(c for counts in by_load.values() for c in counts)}
    shares = {
        category: [Share(sizes[n], counts.get(category, 0) / sum(counts.values())) for n, counts in by_load.items()]
        for category in categories
    }
    loads = next(iter(shares.values()), [])
    if not has_enough_history(loads):
        return [], [_remark_history("mix of categories", loads)]
    if decisions.empty:
        return [], []
    suite = batch_drift.build_categories_suite(shares, decisions["letter_id"].nunique())
    return [_drift(suite, decisions, DECISION)], []


def _remark_history(subject: str, loads: Sequence[Share]) -> str:
    letters = sum(load.letters for load in loads)
    return (
        f"not enough history to check {subject}: {len(loads)} loads with {letters} letters are published, "
        f"{MIN_LOADS} loads with {MIN_HISTORY_LETTERS} letters are needed"
    )
