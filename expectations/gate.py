"""Runs suites on frames, adds the results to Data Docs, and raises an error that names the failing rows."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

logging.getLogger("great_expectations._docs_decorators").setLevel(logging.WARNING)  # it logs every import

import great_expectations as gx  # noqa: E402 - after its logger's level is set
from great_expectations.core import RunIdentifier  # noqa: E402

from expectations.data_docs import SITE, build_pages, open_context, prune  # noqa: E402
from expectations.failure import LETTER_PATH, Failure, FindLetters, describe_failure  # noqa: E402
from expectations.severity import BLOCK, WARN  # noqa: E402

RUNS_KEPT = 60
"""Data Docs hold the validations of this many runs; older results are in the runs' own reports."""
HOW_TO_ACCEPT = "If the batch is sound all the same, trigger again with accept_drift."


@dataclass(frozen=True)
class Check:
    """A suite and the frame it is run on.

    `named_by` are the columns that identify a row. If the frame has a column `letter_path`, messages hold commands
    that show the letter. `query` is SQL on the run's files or candidate that lists the checked rows; `find_letters`
    finds the letters behind aggregate rows. `is_drift`: the suite compares the batch with past loads, and a person
    may accept what it finds.
    """

    suite: gx.ExpectationSuite
    frame: pd.DataFrame
    named_by: Sequence[str]
    query: str | None = None
    find_letters: FindLetters | None = None
    is_drift: bool = False

    @property
    def index_columns(self) -> list[str]:
        """The columns that GX returns of a failing row."""
        return [*self.named_by, *([LETTER_PATH] if LETTER_PATH in self.frame.columns else [])]


@dataclass(frozen=True)
class GateResult:
    """The number of expectations checked, those that failed, and the page of Data Docs that shows them.

    `remarks` say what could not be checked, and why.
    """

    gate: str
    checked: int
    data_docs: Path
    failures: tuple[Failure, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no failure blocks the load."""
        return not any(f.blocks for f in self.failures)

    def as_json(self) -> dict[str, Any]:
        """Return the result for the run's step file."""
        return {
            "checked": self.checked,
            "passed": self.passed,
            "failures": [asdict(f) for f in self.failures],
            "warnings": [str(f) for f in self.failures if not f.blocks],
            "remarks": list(self.remarks),
            "data_docs": str(self.data_docs),
        }


class GateError(Exception):
    """A load was stopped; the message names each broken rule, what was observed, and the letters."""

    def __init__(self, result: GateResult):
        """`result` holds at least one failure that blocks."""
        self.result = result
        failures = "\n".join(str(f) for f in result.failures)
        super().__init__(
            f"the {result.gate} gate stopped this load; nothing was published\n{failures}\n"
            f"Data Docs: {result.data_docs}"
        )


def set_drift_severity(checks: Sequence[Check], *, accepted: bool) -> None:
    """Turn blocking drift rules into warnings if drift is accepted for this run; else add how to accept it."""
    blocking = [rule for c in checks if c.is_drift for rule in c.suite.expectations if rule.severity == BLOCK]
    for rule in blocking:
        if accepted:
            rule.severity, rule.meta = WARN, {**(rule.meta or {}), "accepted": True}
        else:
            rule.notes = f"{rule.notes or ''} {HOW_TO_ACCEPT}".strip()


def run_gate(gate: str, checks: Sequence[Check], *, home: Path, run_id: str, remarks: Sequence[str] = ()) -> GateResult:
    """Run a gate's checks and add their pages to Data Docs; return the result, blocking failures first.

    `home` holds GX's project (stores and Data Docs); `run_id` names the validations in it.
    """
    context = open_context(home)
    prune(home, keep=RUNS_KEPT)
    failures: list[Failure] = []
    validations: list[Any] = []
    blocking: list[bool] = []
    checked = 0
    for check in checks:
        validation, result = _validate(context, check, run_id)
        command = f"imr sql --run {shlex.quote(run_id)} {shlex.quote(check.query)}" if check.query else None
        failed = [r for r in result.results if not r.success]
        found = [
            describe_failure(check.suite.name, check.index_columns, r, command, check.find_letters) for r in failed
        ]
        validations.append(validation)
        blocking.append(any(f.blocks for f in found))
        checked += len(result.results)
        failures += _drop_implied_warnings(found, failed)
    pages = build_pages(context, validations, home)
    failures.sort(key=lambda f: (not f.blocks, not f.accepted))
    index = home.resolve() / SITE / "index.html"
    first_blocking = next((page for page, blocks in zip(pages, blocking, strict=True) if blocks), index)
    return GateResult(gate, checked, first_blocking, tuple(failures), tuple(remarks))


def _validate(context: Any, check: Check, run_id: str) -> tuple[Any, Any]:
    """Return the id and the result of a validation; a failed one is run again to list every failing row.

    Listing rows costs a hundred times as much as counting them.
    """
    identifier, result = _run_checkpoint(context, check, run_id, {"result_format": "SUMMARY"})
    if result.success:
        return identifier, result
    rows = {"unexpected_index_column_names": check.index_columns, "return_unexpected_index_query": False}
    return _run_checkpoint(context, check, run_id, {"result_format": "COMPLETE", **rows})


def _run_checkpoint(context: Any, check: Check, run_id: str, result_format: dict[str, Any]) -> tuple[Any, Any]:
    name = check.suite.name
    source = context.data_sources.add_or_update_pandas(name)
    batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
    suite = context.suites.add_or_update(_describe_in_full(check.suite))
    validation = context.validation_definitions.add_or_update(
        gx.ValidationDefinition(name=name, data=batch, suite=suite)
    )
    checkpoint = context.checkpoints.add_or_update(
        gx.Checkpoint(name=name, validation_definitions=[validation], result_format=result_format)
    )
    outcome = checkpoint.run(batch_parameters={"dataframe": check.frame}, run_id=RunIdentifier(run_name=run_id))
    ((identifier, result),) = outcome.run_results.items()
    return identifier, result


def _describe_in_full(suite: gx.ExpectationSuite) -> gx.ExpectationSuite:
    """Add severity and notes to each description, the only one of the three that Data Docs print."""
    for rule in suite.expectations:
        meta = rule.meta or {}
        if "title" in meta:  # from the first validation
            continue
        severity = (
            "BLOCK" if rule.severity == BLOCK else "warn, as accept_drift says" if meta.get("accepted") else "warn"
        )
        rule.meta = {**meta, "title": rule.description}
        rule.description = f"{severity}: {rule.description}. {rule.notes or ''}".strip()
    return suite


def _drop_implied_warnings(failures: list[Failure], results: list[Any]) -> list[Failure]:
    """Drop warnings implied by a failed blocking rule: the same rule with wider limits."""
    rules = [(r.expectation_config.meta or {}).get("rule") for r in results]
    wider = {rule for rule, f in zip(rules, failures, strict=True) if rule and (f.blocks or f.accepted)}
    return [f for rule, f in zip(rules, failures, strict=True) if f.blocks or f.accepted or rule not in wider]
