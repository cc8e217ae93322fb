"""The gate: suites on frames, Data Docs for people, and an error that names the letters that broke a rule."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

logging.getLogger("great_expectations._docs_decorators").setLevel(logging.WARNING)  # it logs every import

import great_expectations as gx  # noqa: E402 - after its logger is quietened
from great_expectations.checkpoint import UpdateDataDocsAction  # noqa: E402
from great_expectations.core import RunIdentifier  # noqa: E402
from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: E402

from expectations.severity import BLOCK  # noqa: E402

ROWS_NAMED = 10
"""A message names this many broken rows and counts the rest; Data Docs show all."""


@dataclass(frozen=True)
class Check:
    """A suite and the frame it is run on; `named_by` are the columns that tell a person which row it was."""

    suite: gx.ExpectationSuite
    frame: pd.DataFrame
    named_by: Sequence[str]


@dataclass(frozen=True)
class Failure:
    """One expectation that did not hold; `rows` name what broke it, as far as a row did."""

    suite: str
    expectation: str
    blocks: bool
    observed: str
    rows: tuple[str, ...] = ()
    notes: str | None = None

    def __str__(self) -> str:
        """Return the failure as an engineer reads it, several lines."""
        lines = [f"{'BLOCK' if self.blocks else 'warn'}  {self.suite}: {self.expectation}; {self.observed}"]
        lines += [f"       {row}" for row in self.rows[:ROWS_NAMED]]
        if len(self.rows) > ROWS_NAMED:
            lines.append(f"       and {len(self.rows) - ROWS_NAMED} more")
        if self.notes:
            lines.append(f"       {self.notes}")
        return "\n".join(lines)


@dataclass(frozen=True)
class GateResult:
    """What a gate found: how many expectations it checked, what failed, and where Data Docs show it."""

    gate: str
    checked: int
    data_docs: Path
    failures: tuple[Failure, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether nothing that blocks failed."""
        return not any(f.blocks for f in self.failures)


class GateError(Exception):
    """A load was stopped; the message names each rule, what was seen, and the letters that broke it."""

    def __init__(self, result: GateResult):
        """`result` is the gate's, with at least one failure that blocks."""
        self.result = result
        told = "\n".join(str(f) for f in sorted(result.failures, key=lambda f: not f.blocks))
        super().__init__(
            f"the {result.gate} gate stopped this load; nothing was published\n{told}\n"
            f"Data Docs: {result.data_docs}\nTo look at a letter: imr parse FILE"
        )


def run_gate(gate: str, checks: Sequence[Check], *, home: Path, run_id: str) -> GateResult:
    """Run a gate's checks and rebuild Data Docs; return what it found. Raises `GateError` where a rule blocks.

    `home` holds GX's own project (stores and Data Docs); `run_id` names the validation in them.
    """
    context = gx.get_context(mode="file", project_root_dir=str(home))
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    failures: list[Failure] = []
    checked = 0
    for check in checks:
        result = _validate(context, check, run_id)
        checked += len(result.results)
        failures += [_failure(check, r) for r in result.results if not r.success]
    site = context.get_docs_sites_urls()[0]["site_url"]
    found = GateResult(gate, checked, Path(str(site).removeprefix("file://")), tuple(failures))
    if not found.passed:
        raise GateError(found)
    return found


def _validate(context: Any, check: Check, run_id: str) -> Any:
    name = check.suite.name
    source = context.data_sources.add_or_update_pandas(name)
    batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
    suite = context.suites.add_or_update(check.suite)
    validation = context.validation_definitions.add_or_update(
        gx.ValidationDefinition(name=name, data=batch, suite=suite)
    )
    checkpoint = context.checkpoints.add_or_update(
        gx.Checkpoint(
            name=name,
            validation_definitions=[validation],
            actions=[UpdateDataDocsAction(name="data_docs")],
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": list(check.named_by)},
        )
    )
    outcome = checkpoint.run(batch_parameters={"dataframe": check.frame}, run_id=RunIdentifier(run_name=run_id))
    (result,) = outcome.run_results.values()
    return result


def _failure(check: Check, result: Any) -> Failure:
    config = result.expectation_config
    about = config.kwargs.get("column") or ", ".join(config.kwargs.get("column_list", [])) or "the table"
    return Failure(
        suite=check.suite.name,
        expectation=f"{config.type} ({about})",
        blocks=config.severity == BLOCK,
        observed=_observed(result),
        rows=tuple(_row(check, index) for index in result.result.get("unexpected_index_list", ())),
        notes=config.notes if isinstance(config.notes, str) else None,
    )


def _observed(result: Any) -> str:
    raised = _raised(result.exception_info)
    if raised:
        return f"could not be checked: {raised}"
    if "unexpected_count" in result.result:
        return f"{result.result['unexpected_count']} of {result.result['element_count']} rows"
    return f"observed {result.result.get('observed_value')}"


def _raised(info: dict[str, Any]) -> str | None:
    """Return what GX met instead of an answer: it tells one exception, or one a metric."""
    for told in (info, *(v for v in info.values() if isinstance(v, dict))):
        if told.get("raised_exception"):
            return str(told.get("exception_message"))
    return None


def _row(check: Check, index: dict[str, Any]) -> str:
    """Return one broken row: the columns that name it, then the value that broke the rule."""
    named = [f"{name} {index[name]}" for name in check.named_by if not pd.isna(index.get(name))]
    broke = [f"{name} = {value!s:.80}" for name, value in index.items() if name not in check.named_by]
    return ": ".join(filter(None, [", ".join(named), ", ".join(broke)]))
