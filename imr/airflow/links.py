"""Buttons on a task in Airflow's UI, to what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from airflow.sdk import BaseOperatorLink
from airflow.sdk.configuration import conf

from imr.airflow.pages import PREFIX
from imr.pipeline.steps import open_run
from imr.settings import load_settings

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class DataDocsLink(BaseOperatorLink):
    """The page of Data Docs that shows what a gate found; of a gate that stopped the load, the rule that did."""

    @property
    def name(self) -> str:
        """The button's name."""
        return "Data Docs"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the page's address in Airflow's web server; the list of all pages where the gate got to none."""
        settings = load_settings()
        outcome = open_run(settings, ti_key.run_id).outcome(ti_key.task_id) or {}
        site = settings.data_docs.resolve()
        page = outcome.get("data_docs", f"{site}/index.html").removeprefix(f"{site}/")
        return f"{_server()}{PREFIX}/data-docs/{quote(page)}"


class ReportLink(BaseOperatorLink):
    """The run's report."""

    @property
    def name(self) -> str:
        """The button's name."""
        return "Run report"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the report's address in Airflow's web server; it is written when the run ends."""
        return f"{_server()}{PREFIX}/runs/{quote(open_run(load_settings(), ti_key.run_id).run_id)}/report.html"


def _server() -> str:
    return str(conf.get("api", "base_url", fallback="")).rstrip("/")
