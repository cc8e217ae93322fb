"""Each rule of the gates fails on a frame with one fault, alone, and names the faulty row."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import great_expectations.expectations as gxe
import pandas as pd
import pytest

from expectations import batch_drift, batch_letters
from expectations.control_limits import Share
from expectations.gate import Check, GateResult, run_gate
from expectations.severity import BLOCK
from imr.pipeline import gates
from tests.support.home import Home
from warehouse.files import write_json
from warehouse.runs.run import Run

pytestmark = pytest.mark.slow

Fault = Callable[[pd.DataFrame], pd.DataFrame]


def all_rows(**values: object) -> Fault:
    return lambda frame: frame.assign(**values)


def first_rows(count: int, **values: object) -> Fault:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.astype({name: object for name, v in values.items() if not isinstance(v, pd.Timestamp)})
        frame.loc[frame.index[:count], list(values)] = list(values.values())
        return frame

    return change


def one_row(**values: object) -> Fault:
    return first_rows(1, **values)


def repeat(*columns: str) -> Fault:
    """Give the first row the values of the second."""
    return lambda frame: one_row(**frame.iloc[1][list(columns)].to_dict())(frame)


# A rule's description (for a comparison with past loads, its name), and a fault that breaks this rule alone.
BLOCKING: dict[str, Fault] = {
    "The batch has files": lambda frame: frame.iloc[:0],
    "Few files crashed their reader or timed out": all_rows(result="crashed"),
    "Few letters state what cannot be counted": all_rows(result="outcome_not_understood"),
    "Each letter is in the batch once": repeat("letter_id"),
    **{
        f"Nearly every letter whose format requires it states its {field}": all_rows(
            **{f"missing_{field}": "table_header"}
        )
        for field in batch_letters.KEY_FIELDS
    },
    "Each decision is in the batch once": repeat("letter_id", "decision_number"),
    "uphold rate, low": all_rows(outcome="overturned"),
    "uphold rate, high": all_rows(outcome="upheld"),
    "known wording, low": all_rows(wording="finding_unclear"),
    "No month has fewer decisions than published, reissued letters excepted": one_row(decisions_missing=3),
    "No month of 200 decisions or more is mostly overturned": one_row(overturn_rate=0.71),
    "Each published case is in the candidate": one_row(status="lost"),
}
WARNING: dict[str, Fault] = {
    "Few files were quarantined": all_rows(status="quarantined"),
    "Each case has one letter per decision date": repeat("case_number", "decision_date"),
    "Each letter has a case number": one_row(case_number=None),
    "At least 90% of the rationales state a finding": all_rows(rationale_finding="unclear"),
    "uphold rate, low": first_rows(46, outcome="overturned"),
    "uphold rate, high": first_rows(146, outcome="upheld"),
    "known wording, low": first_rows(40, wording="finding_unclear"),
    "quarantine rate, high": all_rows(status="quarantined"),
    "freshness": all_rows(decision_date=pd.Timestamp("2013-05-01")),
    "Injection, low": all_rows(treatment_category="Imaging"),
    "Injection, high": all_rows(treatment_category="Injection"),
    "Each published case keeps its number": one_row(status="renamed"),
}
FAULTS = [*((True, rule) for rule in BLOCKING), *((False, rule) for rule in WARNING)]
HISTORY = [Share(25, rate) for rate in (0.5, 0.54, 0.46, 0.5, 0.54, 0.46)]
WORDING = [Share(25, rate) for rate in (1.0, 0.96, 1.0, 0.96, 1.0, 1.0)]


def rule_name(rule: gxe.Expectation) -> str:
    meta = rule.meta or {}
    return str(meta.get("rule") or meta.get("title") or rule.description)  # a gate extends the description


@pytest.fixture(scope="module")
def checks(_loaded_once: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Check]:
    """Every suite with a sound frame, made from the sample letters as the gates make it."""
    home = Home(tmp_path_factory.mktemp("rules") / "home")
    shutil.copytree(_loaded_once.path, home.path, symlinks=True)
    published = home.context.versions.require_current()
    batch, _ = gates.build_batch_checks(home.context.open_run("first"), None)
    marts, _ = gates.build_marts_checks(home.settings, copy_without_a_case(home), published)
    files, letters, decisions = (check.frame for check in batch)
    files, letters = files[files["status"] == "loaded"], letters[letters["case_number"].notna()]
    letters = letters.drop_duplicates(["case_number", "decision_date"])
    decisions = decisions[decisions["rationale_finding"].isin(["necessary", "not_necessary"])]
    sound = [Check(c.suite, f, c.named_by) for c, f in zip(batch, (files, letters, decisions), strict=True)]
    return {c.suite.name: c for c in [*sound, *marts, *drift_checks(files, letters, decisions)]}


def copy_without_a_case(home: Home) -> Run:
    """A run without letters, whose candidate is the published version without one case, which it withdraws."""
    run = home.copy_candidate("empty")
    with duckdb.connect(str(run.marts)) as connection:
        first = "(SELECT min(letter_id) FROM fct_determinations)"
        deleted = connection.execute(f"DELETE FROM fct_determinations WHERE letter_id = {first} RETURNING letter_id")
        letters = [{"sha256": letter_id} for (letter_id,) in deleted.fetchall()]
        connection.execute("DELETE FROM dim_letters WHERE letter_id = ?", [letters[0]["sha256"]])
    write_json(run.comparison, {"withdrawn": letters, "kept": []})
    return run


def drift_checks(files: pd.DataFrame, letters: pd.DataFrame, decisions: pd.DataFrame) -> list[Check]:
    """Drift suites, on frames of 200 decisions that are as the past loads were."""
    many = pd.concat([decisions] * 10, ignore_index=True).head(200)
    many = many.assign(wording="understood", outcome=["upheld"] * 100 + ["overturned"] * 100)
    coded = many.assign(treatment_category=["Injection"] * 100 + ["Imaging"] * 100)
    newest = letters["decision_date"].max().date()
    return [
        Check(batch_drift.build_decisions_suite(HISTORY, WORDING, 200), many, gates.DECISION),
        Check(batch_drift.build_categories_suite({"Injection": HISTORY}, 200), coded, gates.DECISION),
        Check(batch_drift.build_files_suite([Share(25, 0.0)] * 6, len(files)), files, gates.FILE),
        Check(batch_drift.build_letters_suite(timedelta(days=40), newest), letters, gates.LETTER),
    ]


def run_check(home: Path, check: Check, frame: pd.DataFrame) -> GateResult:
    return run_gate("test", [Check(check.suite, frame, check.named_by)], home=home, run_id="run")


def test_each_rule_has_a_fault_and_each_fault_a_rule(checks: dict[str, Check]) -> None:
    rules = [rule for check in checks.values() for rule in check.suite.expectations]
    names = [(rule.severity == BLOCK, rule_name(rule)) for rule in rules]
    missing = [
        f"{'BLOCKING' if blocks else 'WARNING'}: {name!r}: one_row({getattr(rule, 'column', '<column>')}=<bad value>),"
        for rule, (blocks, name) in zip(rules, names, strict=True)
        if (blocks, name) not in FAULTS
    ]
    assert not missing, "\n".join([f"add to the table in {__file__}:", *missing])
    assert sorted(names) == sorted(FAULTS), "a line without a rule, or two rules with one description"


def test_a_sound_batch_passes(checks: dict[str, Check], tmp_path: Path) -> None:
    result = run_gate("test", list(checks.values()), home=tmp_path, run_id="run")
    failures = "\n".join(map(str, result.failures))
    assert not failures, f"{failures}\n(columns that are not in the run files are made in {gates.__file__})"


@pytest.mark.parametrize(("blocks", "name"), FAULTS, ids=str)
def test_a_fault_breaks_one_rule_which_names_the_row(
    checks: dict[str, Check], blocks: bool, name: str, tmp_path: Path
) -> None:
    check, rule = next(
        (check, rule)
        for check in checks.values()
        for rule in check.suite.expectations
        if rule_name(rule) == name and (rule.severity == BLOCK) is blocks
    )
    faulty = (BLOCKING if blocks else WARNING)[name](check.frame)
    result = run_check(tmp_path, check, faulty)
    (failure,) = result.failures
    assert failure.rule == (rule.meta or {})["title"]
    assert (failure.blocks, result.passed) == (blocks, not blocks)
    if "column_values" in rule.expectation_type or "compound" in rule.expectation_type:
        first = {name: value for name, value in faulty.iloc[0][list(check.named_by)].items() if pd.notna(value)}
        is_named = any(all(f"{name} {value}" in row for name, value in first.items()) for row in failure.rows)
        assert is_named is not (rule.meta or {}).get("omit_rows", False)


def test_a_batch_without_letters_breaks_no_rule_about_them(checks: dict[str, Check], tmp_path: Path) -> None:
    for name in ("batch_letters", "batch_decisions"):
        assert run_check(tmp_path, checks[name], checks[name].frame.iloc[:0]).failures == ()


def test_a_batch_of_three_letters_is_never_unusual(checks: dict[str, Check], tmp_path: Path) -> None:
    check = checks[batch_drift.DECISIONS]
    suite = batch_drift.build_decisions_suite(HISTORY, WORDING, 3)
    three = check.frame.head(3).assign(outcome="overturned", wording="finding_unclear")
    result = run_check(tmp_path, Check(suite, three, check.named_by), three)
    assert (result.checked > 3, result.failures) == (True, ())
