"""The tasks that every load has, wherever its letters come from; a DAG file puts its own before and after them.

They call the steps of `imr.pipeline.steps`, which import dbt and Great Expectations only when they run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from airflow.sdk import BaseOperatorLink, Param, get_current_context, task, teardown

from imr.airflow.links import DataDocsLink, ReportLink
from imr.airflow.notifiers import PublishedNotifier
from imr.airflow.task_defaults import PUBLISHED, RAW, READING, STORAGE_HICCUP, TURN, WRITER, tell_loaded, tell_published
from imr.pipeline import steps
from imr.settings import load_settings
from warehouse.runs.run import Run

CHUNK_SIZE = Param(None, type=["null", "integer"], minimum=1, description="Letters that one task reads.")
ACCEPT_DRIFT = Param(
    False, type="boolean", description="Let the batch pass although it is unlike the past loads; look first."
)


def run_id() -> str:
    """Return the id of the DAG run that the calling task is part of."""
    return str(get_current_context()["run_id"])


def params() -> Any:
    """Return what the DAG run was asked for."""
    return get_current_context()["params"]


def _run() -> Run:
    return steps.open_run(load_settings(), run_id())


@task(**READING, map_index_template="from letter {{ task.op_kwargs['first'] }}")
def extract(first: int) -> dict[str, int]:
    """Read a chunk of letters; to be expanded over their first ones."""
    return steps.extract(load_settings(), run_id(), first)


@task
def gate_batch(*, accept_drift: bool | None = None) -> int:
    """Judge what was read; drift is accepted where the caller says so, or else the run's parameter."""
    accepted = params()["accept_drift"] if accept_drift is None else accept_drift
    return steps.gate_batch(load_settings(), run_id(), accept_drift=bool(accepted))


@task.sensor(**TURN)
def turn() -> bool:
    """Wait until no other run is between its load and its publication."""
    return steps.acquire_publish_lock(load_settings(), run_id())


@task(**STORAGE_HICCUP, pool=WRITER, outlets=[RAW])
def load() -> dict[str, int]:
    """Write the run's letters into a candidate warehouse, and tell whoever is scheduled on the raw asset."""
    rows = steps.load_raw(load_settings(), run_id())
    tell_loaded(get_current_context()["outlet_events"], _run())
    return rows


@task(pool=WRITER)
def transform() -> dict[str, int]:
    """Have dbt build and test the candidate's models."""
    return steps.build_marts(load_settings(), run_id())


@task
def gate_marts(*, accept_drift: bool | None = None) -> int:
    """Judge the candidate's marts; drift as in `gate_batch`."""
    accepted = params()["accept_drift"] if accept_drift is None else accept_drift
    return steps.gate_marts(load_settings(), run_id(), accept_drift=bool(accepted))


@task(pool=WRITER, outlets=PUBLISHED)
def publish() -> int:
    """Make the candidate the version that readers see, and tell whoever is scheduled on the marts."""
    version = steps.publish(load_settings(), run_id())
    tell_published(get_current_context()["outlet_events"], _run())
    return version


@task(**STORAGE_HICCUP)
def settle() -> dict[str, int]:
    """Move the letters to where their outcome says."""
    return steps.settle(load_settings(), run_id())


def report() -> str:
    """Write the run's report; `as_teardown` makes the task of it."""
    return str(steps.report(load_settings(), run_id())["verdict"])


def gate_to_publication(*, accept_drift: bool | None = None) -> tuple[Any, Any]:
    """Wire the tasks from the first gate to the publication; return the first and the last of them."""
    before_load = linked(gate_batch(accept_drift=accept_drift), DataDocsLink())
    before_publication = linked(gate_marts(accept_drift=accept_drift), DataDocsLink())
    published = publish()
    before_load >> turn() >> load() >> transform() >> before_publication >> published
    return before_load, published


def as_teardown(told: Callable[[], str]) -> Any:
    """Wire the task that reports in the end, which also tells of a publication; return it.

    A teardown runs whatever happened, and is left out when Airflow judges the run by its last tasks. (With
    `on_failure_fail_dagrun` it would be that last task, and a stopped load would look like a good one.) It is decorated
    here since Airflow refuses a decorated teardown that is wired into a second DAG.
    """
    return linked(teardown(task(on_success_callback=PublishedNotifier())(told))(), ReportLink())


def linked(wired: Any, link: BaseOperatorLink) -> Any:
    """Give a task a link in Airflow's UI, and return it."""
    wired.operator.operator_extra_links = (link,)
    return wired
