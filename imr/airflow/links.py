"""Buttons on a task in Airflow's UI."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from airflow.sdk import BaseOperatorLink
from airflow.sdk.configuration import conf

from imr.airflow.pages import PREFIX
from imr.context import Context
from imr.settings import load_settings
from warehouse.runs.step_results import BatchGateResult, GateStepResult, MartsGateResult

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

GATES: dict[str, type[GateStepResult]] = {gate.STEP: gate for gate in (BatchGateResult, MartsGateResult)}


class DataDocsLink(BaseOperatorLink):
    """The page of Data Docs with a gate's result; of a gate that stopped the load, the page of the broken rule."""

    @property
    def name(self) -> str:
        """The button's name."""
        return "Data Docs"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the page's address in Airflow's web server; the index where the gate has not written a page."""
        settings = load_settings()
        result = Context(settings).open_run(ti_key.run_id).find_result(GATES[ti_key.task_id])
        site = settings.data_docs.resolve()
        page = (result.data_docs if result else None) or f"{site}/index.html"
        return f"{_find_server()}{PREFIX}/data-docs/{quote(page.removeprefix(f'{site}/'))}"


class ReportLink(BaseOperatorLink):
    """The run's report."""

    @property
    def name(self) -> str:
        """The button's name."""
        return "Run report"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the report's address in Airflow's web server; the report is written when the run ends."""
        run = Context(load_settings()).open_run(ti_key.run_id)
        return f"{_find_server()}{PREFIX}/runs/{quote(run.run_id)}/report.html"


def _find_server() -> str:
    return str(conf.get("api", "base_url", fallback="")).rstrip("/")
