"""Notifiers of the DAGs: notices of failed tasks and published versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier

from imr.airflow.channels import NotDeliveredError, deliver
from imr.context import Context
from imr.reporting.notices import Notice, failure_notice, forget_notice, record_notice
from imr.reporting.runbook import format_error
from imr.settings import Settings, load_settings
from warehouse.runs.run import Run
from warehouse.runs.step_results import PublishResult

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context as AirflowContext

COUNTED_MARTS = ("fct_determinations", "fct_decisions")


def send_once(settings: Settings, event: str, notice: Notice) -> bool:
    """Send a notice unless one of its event was sent before; return whether it was sent.

    Raises `NotDeliveredError` where a channel failed; the event is then forgotten, so that a retry sends again.
    """
    if not record_notice(settings.notices, event, notice):
        return False
    try:
        deliver(settings.notify, notice)
    except NotDeliveredError:
        forget_notice(settings.notices, event)
        raise
    return True


class FailureNotifier(BaseNotifier):
    """Sends one notice of a failed run: of its first failed task, or of the run if it fails without one.

    As a task's callback it runs in the task's process and writes to the task's log; as a DAG's it runs in the DAG
    processor.
    """

    def notify(self, context: AirflowContext) -> None:
        """Send the notice of a failure by the channels of `IMR_NOTIFY`."""
        settings = load_settings()
        run: Any = context["dag_run"]
        task: Any = context.get("task_instance") or context.get("ti")
        notice = failure_notice(
            format_error(context.get("exception") or context.get("reason")),
            dag_id=run.dag_id,
            run_id=run.run_id,
            task=format_task_name(task) if task and context.get("exception") else None,
            links=_find_links(Context(settings).open_run(run.run_id), task),
        )
        # A run that is cleared and fails again is another event.
        event = f"{run.dag_id}__{run.run_id}__{getattr(run, 'clear_number', None) or 0}__failed"
        send_once(settings, event, notice)


class PublishedNotifier(BaseNotifier):
    """Sends a notice of a published version if `IMR_NOTIFY_PUBLISHED` is set; a callback of the `report` task."""

    def notify(self, context: AirflowContext) -> None:
        """Send the notice, if the run published."""
        settings = load_settings()
        run: Any = context["dag_run"]
        notice = published_notice(Context(settings).open_run(run.run_id), run.dag_id)
        if settings.notify_published and notice:
            send_once(settings, f"{run.dag_id}__{run.run_id}__published", notice)


def published_notice(run: Run, dag_id: str) -> Notice | None:
    """Return the notice of a run that published a version; `None` of any other."""
    published = run.find_result(PublishResult)
    if published is None or not published.is_done:
        return None
    counts = ", ".join(f"{published.rows[mart]} rows of {mart}" for mart in COUNTED_MARTS if mart in published.rows)
    return Notice(
        subject=f"{dag_id} published version {published.version}",
        what=f"Readers now see version {published.version}: {counts}.",
        where={"DAG": dag_id, "run": run.run_id},
        links={"report": str(run.report)},
    )


def format_task_name(task: Any) -> str:
    """Return a task instance's task id, with the map index of a mapped one."""
    index = getattr(task, "map_index", -1)
    return f"{task.task_id}[{index}]" if index is not None and index >= 0 else str(task.task_id)


def _find_links(run: Run, task: Any) -> dict[str, str]:
    links = {}
    if url := getattr(task, "log_url", None):
        links["task's log"] = str(url)
    if run.folder.is_dir():
        links["report"] = str(run.report)
    return links
