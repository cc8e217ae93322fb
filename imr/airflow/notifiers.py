"""Airflow's notifiers of this project's DAGs: what to do when a task fails and when a version is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier

from imr.airflow.channels import NotDeliveredError, deliver
from imr.notices import Notice, failure_notice, forget, write_down
from imr.runbook import told
from imr.settings import Settings, load_settings
from imr.steps import open_run

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

TOLD_OF_A_VERSION = ("fct_determinations", "fct_decisions")


def tell(settings: Settings, occasion: str, notice: Notice) -> bool:
    """Send a notice unless its occasion was told before; return whether it was sent.

    Raises `NotDeliveredError` where a channel failed; the occasion is then open again, for a retry.
    """
    if not write_down(settings.notices, occasion, notice):
        return False
    try:
        deliver(settings.notify, notice)
    except NotDeliveredError:
        forget(settings.notices, occasion)
        raise
    return True


class FailureNotifier(BaseNotifier):
    """Tells of the first failed task of a run (of a run that fails without one, too), once.

    As a task's callback it runs in the task's process and its words are in the task's log; as a DAG's it
    runs in the DAG processor.
    """

    def notify(self, context: Context) -> None:
        """Send the notice of a failure by the channels of `IMR_NOTIFY`."""
        settings = load_settings()
        run: Any = context["dag_run"]
        task: Any = context.get("task_instance") or context.get("ti")
        error = told(context.get("exception") or context.get("reason"))
        notice = failure_notice(
            error,
            dag_id=run.dag_id,
            run_id=run.run_id,
            task=format_task_name(task) if task and context.get("exception") else None,
            links=_links(settings, run.run_id, task),
        )
        # A run that is cleared and fails again is another occasion.
        occasion = f"{run.dag_id}__{run.run_id}__{getattr(run, 'clear_number', None) or 0}__failed"
        tell(settings, occasion, notice)


class PublishedNotifier(BaseNotifier):
    """Tells of a published version, where `IMR_NOTIFY_PUBLISHED` says so. A callback of the `report` task."""

    def notify(self, context: Context) -> None:
        """Send what the report says, if the run published."""
        settings = load_settings()
        run: Any = context["dag_run"]
        if settings.notify_published and (notice := published_notice(settings, run.dag_id, run.run_id)):
            tell(settings, f"{run.dag_id}__{run.run_id}__published", notice)


def published_notice(settings: Settings, dag_id: str, run_id: str) -> Notice | None:
    """Return what to tell of a run that published a version; `None` of any other."""
    run = open_run(settings, run_id)
    published = run.outcome("publish") or {}
    if published.get("state") != "done":
        return None
    rows = published.get("rows", {})
    counted = ", ".join(
        f"{rows[mart]} rows of {mart}" for mart in ("fct_determinations", "fct_decisions") if mart in rows
    )
    return Notice(
        subject=f"{dag_id} published version {published['version']}",
        what=f"Readers now see version {published['version']}: {counted}.",
        where={"DAG": dag_id, "run": run_id},
        links={"report": str(run.report)},
    )


def format_task_name(task: Any) -> str:
    """Return a task instance's task id, with the map index of a mapped one."""
    index = getattr(task, "map_index", -1)
    return f"{task.task_id}[{index}]" if index is not None and index >= 0 else str(task.task_id)


def _links(settings: Settings, run_id: str, task: Any) -> dict[str, str]:
    links = {}
    if url := getattr(task, "log_url", None):
        links["task's log"] = str(url)
    run = open_run(settings, run_id)
    if run.folder.is_dir():
        links["report"] = str(run.report)
    return links
