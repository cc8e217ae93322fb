"""### Daily load of determination letters

Reads the letters that arrived in the drop folder, loads them, builds the marts, and publishes a new
version of the warehouse if both gates pass. Runs every day, one run at a time; trigger it by hand to
load at once or to load another folder.

| step | what it does | what it leaves in `runs/<run id>/` |
|---|---|---|
| `scan` | tells new files from duplicates and known ones | `arrivals.jsonl` |
| `extract` | reads the letters, a chunk a task | Parquet: `letters/`, `decisions/`, `citations/`, `flags/`, `files/` |
| `gate_batch` | checks the batch before it is loaded | Data Docs |
| `load` | copies the current warehouse, loads raw tables and ledger in one transaction | `candidate/imr.duckdb` |
| `transform` | dbt: staging, intermediate, marts, tests | `dbt/` |
| `gate_marts` | checks the marts against sense and the published version | Data Docs |
| `publish` | makes the candidate a version, flips the link that readers follow | |
| `settle` | brings published files to the archive or the quarantine | |
| `report` | says what happened, also when something failed | `report.html`, `report.json` |

**Nothing new** in the folder: every step between `scan` and `settle` is skipped, and nothing is published.

**When a task is red**, nothing was published and readers still see the version before. Its log's last
lines say what, where and what to do; the run can simply be cleared and run again once that is done.

- `scan`: the drop folder is not there, or cannot be read.
- `gate_batch`: the message names the rule, what was seen and what is allowed, each letter that broke it by case
  number, file and page, and the commands that show them. The button *Data Docs* opens the same with every row. Mend
  the grammar, or take the file out of the drop folder; then clear the run.
- `load`, `publish`: another process holds the warehouse, or published meanwhile. Run again.
- `transform`: the message names each failed model or test, its compiled SQL and the failing rows.
- `gate_marts`: the marts lost cases, a month has shrunk or tells nonsense: named in the same way. `imr sql --run RUN`
  asks the candidate, `imr sql` the published version.

A file that cannot be read never makes a task red: it is quarantined with a reason, and the report tells it.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, Param, dag, get_current_context, task, teardown

from imr import steps
from imr.airflow.links import DataDocsLink, ReportLink
from imr.settings import load_settings

RAW = Asset("imr_raw")
WAREHOUSE = Asset("imr_warehouse")
WRITER = "warehouse_writer"  # a pool of one slot: DuckDB takes one writer
STORAGE_HICCUP = {"retries": 1, "retry_delay": timedelta(seconds=10)}  # for steps whose trouble may pass by itself


def _run_id() -> str:
    return str(get_current_context()["run_id"])


@dag(
    dag_id="imr_daily_load",
    description="Letters from the drop folder to a published warehouse",
    doc_md=__doc__,
    schedule="0 5 * * *",
    start_date=pendulum.datetime(2024, 1, 1, tz="America/Los_Angeles"),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    tags=["imr", "daily"],
    default_args={"owner": "imr", "retries": 0, "execution_timeout": timedelta(hours=1)},
    params={
        "drop_folder": Param(
            None, type=["null", "string"], description="Folder to load; the project's inbox if empty."
        ),
        "chunk_size": Param(None, type=["null", "integer"], minimum=1, description="Letters that one task reads."),
    },
)
def imr_daily_load() -> None:
    """Wire the steps of `imr.steps`, which import dbt and GX only when they run."""

    @task(**STORAGE_HICCUP)
    def scan() -> list[int]:
        params = get_current_context()["params"]
        return steps.scan(load_settings(), _run_id(), params["drop_folder"], params["chunk_size"])

    @task(**STORAGE_HICCUP, map_index_template="from letter {{ task.op_kwargs['first'] }}")
    def extract(first: int) -> dict[str, int]:
        return steps.extract(load_settings(), _run_id(), first)

    @task
    def gate_batch() -> int:
        return steps.gate_batch(load_settings(), _run_id())

    @task(**STORAGE_HICCUP, pool=WRITER, outlets=[RAW])
    def load() -> dict[str, int]:
        return steps.load_raw(load_settings(), _run_id())

    @task(pool=WRITER)
    def transform() -> dict[str, int]:
        return steps.build_marts(load_settings(), _run_id())

    @task
    def gate_marts() -> int:
        return steps.gate_marts(load_settings(), _run_id())

    @task(pool=WRITER, outlets=[WAREHOUSE])
    def publish() -> int:
        return steps.publish(load_settings(), _run_id())

    @task(**STORAGE_HICCUP, trigger_rule="none_failed")
    def settle() -> dict[str, int]:
        return steps.settle(load_settings(), _run_id())

    # A teardown runs whatever happened, and is left out when Airflow judges the run by its last tasks. (With
    # `on_failure_fail_dagrun` it would be that last task, and a stopped load would look like a good one.)
    @teardown
    @task
    def report() -> str:
        return str(steps.report(load_settings(), _run_id())["verdict"])

    read = extract.expand(first=scan())
    before_load, before_publication, told = gate_batch(), gate_marts(), report()
    before_load.operator.operator_extra_links = before_publication.operator.operator_extra_links = (DataDocsLink(),)
    told.operator.operator_extra_links = (ReportLink(),)
    settled = settle()
    read >> before_load >> load() >> transform() >> before_publication >> publish() >> settled >> told


imr_daily_load()
