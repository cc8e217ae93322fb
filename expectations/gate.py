"""The gate: suites on frames, Data Docs for people, and an error that names the letters that broke a rule."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

logging.getLogger("great_expectations._docs_decorators").setLevel(logging.WARNING)  # it logs every import

import great_expectations as gx  # noqa: E402 - after its logger is quietened
from great_expectations.core import RunIdentifier  # noqa: E402

from expectations.data_docs import SITE, build_pages, open_context, prune  # noqa: E402
from expectations.failure import BYTES_AT, Failure, Look, failure_of  # noqa: E402
from expectations.severity import BLOCK, WARN  # noqa: E402

RUNS_KEPT = 60
"""Data Docs hold the validations of so many runs; what an older one found is in its own report."""
WAY_ON = "Where somebody has looked, and the batch is only another one: trigger again with accept_drift."


@dataclass(frozen=True)
class Check:
    """A suite and the frame it is run on.

    `named_by` are the columns that tell a person which row it was. Where the frame has a column `bytes_at`,
    messages give the command that shows the letter. `query` is SQL on the run's files (or its candidate)
    that shows what the suite looked at; `look` finds the letters behind rows that are none. `is_drift`: it holds
    the batch against the past loads, which a person who has looked may let pass.
    """

    suite: gx.ExpectationSuite
    frame: pd.DataFrame
    named_by: Sequence[str]
    query: str | None = None
    look: Look | None = None
    is_drift: bool = False

    @property
    def index_columns(self) -> list[str]:
        """The columns that GX returns of a broken row."""
        return [*self.named_by, *([BYTES_AT] if BYTES_AT in self.frame.columns else [])]


@dataclass(frozen=True)
class GateResult:
    """What a gate found: how many expectations it checked, what failed, and the page of Data Docs that shows it.

    `remarks` say what could not be checked, and why.
    """

    gate: str
    checked: int
    data_docs: Path
    failures: tuple[Failure, ...] = field(default=())
    remarks: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing that blocks failed."""
        return not any(f.blocks for f in self.failures)

    def as_json(self) -> dict[str, Any]:
        """Return the result for the run's step file."""
        return {
            "checked": self.checked,
            "passed": self.passed,
            "failures": [f.as_json() for f in self.failures],
            "warnings": [str(f) for f in self.failures if not f.blocks],
            "remarks": list(self.remarks),
            "data_docs": str(self.data_docs),
        }


class GateError(Exception):
    """A load was stopped; the message names each rule, what was seen, and the letters that broke it."""

    def __init__(self, result: GateResult):
        """`result` is the gate's, with at least one failure that blocks."""
        self.result = result
        told = "\n".join(str(f) for f in result.failures)
        super().__init__(
            f"the {result.gate} gate stopped this load; nothing was published\n{told}\nData Docs: {result.data_docs}"
        )


def weigh_drift(checks: Sequence[Check], *, accepted: bool) -> Sequence[Check]:
    """Return the checks, those of a drift weighed as the run was told.

    Accepted, their rules that would block warn and are marked; otherwise these name that way on. All other
    checks are as they were.
    """
    blocking = [rule for c in checks if c.is_drift for rule in c.suite.expectations if rule.severity == BLOCK]
    for rule in blocking:
        if accepted:
            rule.severity, rule.meta = WARN, {**(rule.meta or {}), "accepted": True}
        else:
            rule.notes = f"{rule.notes or ''} {WAY_ON}".strip()
    return checks


def run_gate(gate: str, checks: Sequence[Check], *, home: Path, run_id: str, remarks: Sequence[str] = ()) -> GateResult:
    """Run a gate's checks and add their pages to Data Docs; return what it found, what blocks first.

    `home` holds GX's own project (stores and Data Docs); `run_id` names the validation in them.
    """
    context = open_context(home)
    prune(home, keep=RUNS_KEPT)
    failures: list[Failure] = []
    pages: list[Any] = []
    stopping: list[bool] = []
    checked = 0
    for check in checks:
        page, result = _validate(context, check, run_id)
        pages.append(page)
        checked += len(result.results)
        command = f"imr sql --run {shlex.quote(run_id)} {shlex.quote(check.query)}" if check.query else None
        broken = [r for r in result.results if not r.success]
        told = [failure_of(check.suite.name, check.index_columns, r, command, check.look) for r in broken]
        stopping.append(any(f.blocks for f in told))
        failures += _without_lesser(told, broken)
    written = build_pages(context, pages, home)
    failures.sort(key=lambda f: (not f.blocks, not f.accepted))
    site = home.resolve() / SITE / "index.html"
    first_broken = next((page for page, broken in zip(written, stopping, strict=True) if broken), site)
    return GateResult(gate, checked, first_broken, tuple(failures), tuple(remarks))


def _validate(context: Any, check: Check, run_id: str) -> tuple[Any, Any]:
    """Return a suite's page of Data Docs and its result, with every broken row where there is one."""
    page, result = _checked(context, check, run_id, "SUMMARY")
    if result.success:
        return page, result
    # Naming rows costs a hundred times what counting them does, so it is done where somebody will read the names.
    return _checked(context, check, run_id, "COMPLETE")


def _checked(context: Any, check: Check, run_id: str, result_format: str) -> tuple[Any, Any]:
    name = check.suite.name
    source = context.data_sources.add_or_update_pandas(name)
    batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
    suite = context.suites.add_or_update(_told_in_full(check.suite))
    validation = context.validation_definitions.add_or_update(
        gx.ValidationDefinition(name=name, data=batch, suite=suite)
    )
    rows = {"unexpected_index_column_names": check.index_columns, "return_unexpected_index_query": False}
    checkpoint = context.checkpoints.add_or_update(
        gx.Checkpoint(
            name=name,
            validation_definitions=[validation],
            result_format={"result_format": result_format, **(rows if result_format == "COMPLETE" else {})},
        )
    )
    outcome = checkpoint.run(batch_parameters={"dataframe": check.frame}, run_id=RunIdentifier(run_name=run_id))
    ((page, result),) = outcome.run_results.items()
    return page, result


def _told_in_full(suite: gx.ExpectationSuite) -> gx.ExpectationSuite:
    """Put severity and notes into what Data Docs print of each expectation, which is its description alone."""
    for rule in suite.expectations:
        if "title" in (rule.meta or {}):
            continue  # told before
        accepted = (rule.meta or {}).get("accepted")
        rule.meta = {**(rule.meta or {}), "title": rule.description}
        severity = "BLOCK" if rule.severity == BLOCK else "warn, as accept_drift says" if accepted else "warn"
        rule.description = f"{severity}: {rule.description}. {rule.notes or ''}".strip()
    return suite


def _without_lesser(failures: list[Failure], results: list[Any]) -> list[Failure]:
    """Leave out a warning where the same rule's wider limit was broken too: it says the same again."""
    wider = [failure.blocks or failure.accepted for failure in failures]
    rules = [(r.expectation_config.meta or {}).get("rule") for r in results]
    told = {rule for rule, is_wider in zip(rules, wider, strict=True) if rule and is_wider}
    return [f for rule, f, is_wider in zip(rules, failures, wider, strict=True) if is_wider or rule not in told]
