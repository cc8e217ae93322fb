"""### The site of the published warehouse

Builds the dashboard, the load's report, Data Docs, dbt's documentation and the data dictionary after every
publication, as static pages in `site/` of the project's home folder. Triggered by the asset `imr_warehouse`, which
`imr_daily_load` updates when it publishes. Trigger it by hand after `imr rollback`.

| step | what it does | what it writes |
|---|---|---|
| `build_site` | queries the published marts, writes the pages, replaces the folder | `site/index.html` |

**When the task is red**, the previous site is still there. The last lines of the log name what is missing: most likely
one of the pages' libraries, which `make setup` downloads from the npm registry. Then clear the task.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from imr.airflow import load_tasks
from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, WAREHOUSE, task_defaults


@dag(
    dag_id="imr_site",
    description="Dashboard and documents of the published warehouse, as static pages",
    doc_md=__doc__,
    schedule=[WAREHOUSE],
    start_date=START,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    tags=["imr", "site"],
    # Retried once, as a load that prunes versions may remove the file that is being read.
    default_args=task_defaults(minutes=30) | {"retries": 1, "retry_delay": timedelta(seconds=10)},
    on_failure_callback=FailureNotifier(),
)
def imr_site() -> None:
    """Wire the build of the site."""

    @task
    def build_site() -> str:
        from imr.site.build import build_site as build  # noqa: PLC0415 - DuckDB and Jinja, only when it runs

        return str(build(load_tasks.open_context()))

    build_site()


imr_site()
