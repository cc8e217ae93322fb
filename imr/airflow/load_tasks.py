"""The tasks that every load has; a DAG file adds its own before and after them.

They call the steps of `imr.pipeline.steps`, which import dbt and Great Expectations only when they run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from airflow.sdk import BaseOperatorLink, Param, get_current_context, task, teardown

from imr.airflow.links import DataDocsLink, ReportLink
from imr.airflow.notifiers import PublishedNotifier
from imr.airflow.task_defaults import (
    PUBLISHED,
    RAW,
    READING,
    STORAGE_RETRY,
    WAIT_FOR_LOCK,
    WRITER,
    emit_loaded,
    emit_published,
)
from imr.context import Context
from imr.pipeline import steps
from imr.settings import load_settings
from warehouse.runs.publish_lock import DagRun
from warehouse.runs.step_results import ExtractResult

CHUNK_SIZE = Param(None, type=["null", "integer"], minimum=1, description="Letters that one task reads.")
ACCEPT_DRIFT = Param(
    False, type="boolean", description="Load a batch that differs from the past loads; inspect it first."
)
FULL_REFRESH = Param(
    False, type="boolean", description="Build every model anew; the way out if an incremental build has failed."
)


def open_context() -> Context:
    """Return the context of this process's settings."""
    return Context(load_settings())


def run_id() -> str:
    """Return the id of the DAG run that the calling task is part of."""
    return str(get_current_context()["run_id"])


def params() -> Any:
    """Return the params of the DAG run."""
    return get_current_context()["params"]


@task(**READING, map_index_template="from letter {{ task.op_kwargs['first'] }}")
def extract(first: int) -> dict[str, int]:
    """Read a chunk of letters; to be expanded over the index of each chunk's first letter."""
    result: ExtractResult = steps.extract(open_context(), run_id(), first)
    return {name: value for name, value in asdict(result).items() if isinstance(value, int)}


@task
def gate_batch(*, accept_drift: bool | None = None) -> int:
    """Check the batch before it is loaded; drift is accepted as given, or else as the run's param says."""
    accepted = params()["accept_drift"] if accept_drift is None else accept_drift
    return steps.gate_batch(open_context(), run_id(), accept_drift=bool(accepted))


@task.sensor(**WAIT_FOR_LOCK)
def publish_lock() -> bool:
    """Wait until no other run is between its load and its publication."""
    task_instance: Any = get_current_context()["ti"]

    def is_running(other: DagRun) -> bool:
        return bool(task_instance.get_dr_count(other.dag_id, run_ids=[other.run_id], states=["queued", "running"]))

    this_run = DagRun(task_instance.dag_id, run_id())
    return steps.acquire_publish_lock(open_context(), run_id(), this_run, is_running)


@task(**STORAGE_RETRY, pool=WRITER, outlets=[RAW])
def load() -> dict[str, int]:
    """Load the run's rows into a candidate warehouse, and emit the event of the raw asset."""
    context = open_context()
    rows = steps.load(context, run_id())
    emit_loaded(get_current_context()["outlet_events"], context.open_run(run_id()))
    return rows


@task(pool=WRITER)
def transform(*, full_refresh: bool | None = None) -> dict[str, int]:
    """Build and test the candidate's models with dbt; all of them anew as given, or else as the run's param says."""
    wanted = params().get("full_refresh") if full_refresh is None else full_refresh
    return steps.build_marts(open_context(), run_id(), full_refresh=bool(wanted))


@task
def gate_marts(*, accept_drift: bool | None = None) -> int:
    """Check the candidate's marts; drift as in `gate_batch`."""
    accepted = params()["accept_drift"] if accept_drift is None else accept_drift
    return steps.gate_marts(open_context(), run_id(), accept_drift=bool(accepted))


@task(pool=WRITER, outlets=PUBLISHED)
def publish() -> int:
    """Publish the candidate, and emit the events of the marts' assets."""
    context = open_context()
    version = steps.publish(context, run_id())
    emit_published(get_current_context()["outlet_events"], context.open_run(run_id()))
    return version


@task(**STORAGE_RETRY)
def archive() -> dict[str, int]:
    """Move the letters to the archive or the quarantine."""
    result = steps.archive(open_context(), run_id())
    return {name: value for name, value in asdict(result).items() if isinstance(value, int)}


def report() -> str:
    """Write the run's report; `as_teardown` makes a task of it."""
    return steps.report(open_context(), run_id()).verdict


def gate_to_publication(*, accept_drift: bool | None = None) -> tuple[Any, Any]:
    """Wire the tasks from the first gate to the publication; return the first and the last of them."""
    before_load = with_link(gate_batch(accept_drift=accept_drift), DataDocsLink())
    before_publication = with_link(gate_marts(accept_drift=accept_drift), DataDocsLink())
    published = publish()
    before_load >> publish_lock() >> load() >> transform() >> before_publication >> published
    return before_load, published


def as_teardown(function: Callable[[], str]) -> Any:
    """Wire the last task, which reports and sends the notice of a publication; return it.

    A teardown runs whatever happened, and does not count when Airflow decides whether the run succeeded. (With
    `on_failure_fail_dagrun` it would, and a stopped load would look like a success.) It is decorated here because
    Airflow rejects a decorated teardown that is wired into a second DAG.
    """
    return with_link(teardown(task(on_success_callback=PublishedNotifier())(function))(), ReportLink())


def with_link(wired: Any, link: BaseOperatorLink) -> Any:
    """Add a link in Airflow's UI to a task, and return the task."""
    wired.operator.operator_extra_links = (link,)
    return wired
