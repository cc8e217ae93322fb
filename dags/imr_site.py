"""### The site of the published warehouse

Builds what people look at, after every publication: the dashboard, the load's report, Data Docs, dbt's
documentation and the data dictionary, as static pages in `site/` of the project's home folder. Triggered by the
asset `imr_warehouse`, which `imr_daily_load` updates when it publishes; trigger it by hand after `imr rollback`.

| step | what it does | what it leaves |
|---|---|---|
| `build_site` | asks the marts that readers see, writes the pages, replaces the folder | `site/index.html` |

**When the task is red**, the site before it is still there. The log's last lines say what was missing: most
likely one of the pages' libraries, which `make setup` fetches from the npm registry. Clear the task when that is done.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from imr.airflow.notifiers import FailureNotifier
from imr.airflow.task_defaults import START, WAREHOUSE, task_defaults
from imr.settings import load_settings


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
    # Retried once: a load that is pruning versions may take the file away that is being read.
    default_args=task_defaults(minutes=30) | {"retries": 1, "retry_delay": timedelta(seconds=10)},
    on_failure_callback=FailureNotifier(),
)
def imr_site() -> None:
    """Wire the one step of `imr.site`."""

    @task
    def build_site() -> str:
        from imr.site.build import build_site as build  # noqa: PLC0415 - DuckDB and Jinja, only when it runs

        return str(build(load_settings()))

    build_site()


imr_site()
