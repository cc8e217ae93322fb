"""### Marts built anew

Builds every model of the dbt project anew from the letters that are loaded, shows what changes, and publishes it if the
gate passes. Started by hand or by `imr rebuild`, after a change of a seed, a coding rule or a model. One run at a time.

| param | |
|---|---|
| `dry_run` | shows what would change and publishes nothing |

| step | what it does |
|---|---|
| `prepare` | begins the run; no letter is read |
| `publish_lock` | waits while another run is between `load` and `publish` |
| `load` | writes a part without letters |
| `transform` | builds and tests the dbt models, all of them anew |
| `compare` | logs and reports the rows of each mart added, changed (in which columns) and removed |
| `gate_marts` | checks the marts against the published version |
| `publish` | makes the candidate the current version |
| `report` | writes the report with the comparison: `runs/<run id>/report.html` |

**If nothing changed**, or in a dry run, `gate_marts` and `publish` are skipped, and nothing is published.

**When a task is red**, nothing was published. No letter is touched by this DAG.

- `prepare`: nothing is published yet.
- `transform`: correct the SQL or the seed and clear the task (runbook: "dbt failed").
- `load`, `publish_lock`, `compare`, `gate_marts`, `publish`: see `imr_daily_load`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import Param, dag, task

from imr.airflow import load_tasks
from imr.airflow.links import DataDocsLink
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, task_defaults
from imr.pipeline import rebuild


@dag(
    dag_id=rebuild.DAG_ID,
    description="Marts built anew, compared, and published if anything changed",
    doc_md=__doc__,
    schedule=None,
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=12),
    tags=["imr", "by hand"],
    default_args=task_defaults(minutes=60),
    on_failure_callback=FailureNotifier(),
    params={"dry_run": Param(False, type="boolean", description="Show what would change; publish nothing.")},
)
def imr_rebuild() -> None:
    """Wire the steps of a rebuild, which goes on after the comparison only if something changed."""

    @task
    def prepare() -> None:
        dry_run = bool(load_tasks.params()["dry_run"])
        rebuild.prepare(load_tasks.open_context(), load_tasks.run_id(), dry_run=dry_run)

    @task.short_circuit
    def compare() -> bool:
        return rebuild.compare(load_tasks.open_context(), load_tasks.run_id())

    gate = load_tasks.with_link(load_tasks.gate_marts(accept_drift=False), DataDocsLink())
    built = prepare() >> load_tasks.publish_lock() >> load_tasks.load() >> load_tasks.transform(full_refresh=True)
    built >> compare() >> gate >> load_tasks.publish() >> load_tasks.as_teardown(load_tasks.report)


imr_rebuild()
