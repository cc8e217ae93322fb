"""The DAG files, parsed by Airflow in a process of its own with the environment of this project."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from imr.monitoring.watch import DAILY_HOUR
from imr.pipeline.backfill import BATCH_DAG_ID
from imr.pipeline.reparse import Plan
from imr.pools import BATCHES_POOL, READING_POOL, READING_QUEUE, WRITER_POOL
from imr.service import airflow_environment
from imr.settings import Settings
from warehouse.intake.selection import Selection

pytestmark = pytest.mark.slow

DESCRIBE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
def as_list(callbacks):
    return list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []
def get_argument(task, name):
    return task.partial_kwargs.get(name) if "Mapped" in type(task).__name__ else getattr(task, name)
bag = DagBag(sys.argv[1])
heavy = sorted(m for m in ("dbt", "great_expectations", "pandas") if m in sys.modules)
print("JSON" + json.dumps({
    "errors": bag.import_errors,
    "heavy": heavy,
    "dags": {
        d.dag_id: {
            "doc": d.doc_md, "catchup": d.catchup, "max_active_runs": d.max_active_runs, "tags": sorted(d.tags),
            "schedule": d.schedule if isinstance(d.schedule, str) else None,
            "params": {n: p.schema | {"about": p.description} for n in d.params for p in [d.params.get_param(n)]},
            "description": d.description, "paused": d.is_paused_upon_creation, "owner": d.owner,
            "timeout": d.dagrun_timeout.total_seconds() if d.dagrun_timeout else None,
            "on_failure": [type(c).__name__ for c in as_list(d.on_failure_callback)],
            "assets": [a.name for a in d.schedule] if isinstance(d.schedule, list) else [],
            "tasks": {
                t.task_id: {
                    "queue": t.queue, "weight": t.priority_weight,
                    "pool": t.pool, "owner": t.owner, "retries": t.retries, "teardown": t.is_teardown,
                    "timeout": t.execution_timeout is not None, "upstream": sorted(t.upstream_task_ids),
                    "outlets": [o.name for o in t.outlets], "mapped": "Mapped" in type(t).__name__,
                    "options": getattr(t, "options", None), "default": getattr(t, "defaults", None),
                    "waits_at_most": str(getattr(t, "response_timeout", None)),
                    "starts": (getattr(t, "partial_kwargs", None) or vars(t)).get("trigger_dag_id"),
                    "on_failure": [type(c).__name__ for c in as_list(get_argument(t, "on_failure_callback"))],
                } for t in d.tasks
            },
        } for d in bag.dags.values()
    },
}))
"""
FULL_PLAN = Plan(
    Selection(("damaged",), ("letterhead",), date(2024, 1, 1), date(2024, 1, 2), "1", ("ab",)), True, True, 1
)
LOAD = ["scan", "extract", "gate_batch", "publish_lock", "load", "transform", "gate_marts", "publish", "archive"]
REPARSE = ["select", "extract", "compare", *LOAD[2:]]
WRITERS = {"load", "transform", "publish"}
Facts = dict[str, Any]


@pytest.fixture(scope="module")
def described(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    done = subprocess.run(
        [sys.executable, "-c", DESCRIBE, project / "dags"],
        env=airflow_environment(settings),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("JSON")]
    return json.loads(line.removeprefix("JSON"))


@pytest.fixture(scope="module")
def dags(described: Facts) -> Facts:
    return described["dags"]


def find_tasks(dag: Facts, key: str, value: object) -> set[str]:
    return {name for name, task in dag["tasks"].items() if task[key] == value}


def test_every_dag_file_is_parsed_without_an_error_and_without_heavy_imports(described: Facts, project: Path) -> None:
    assert described["errors"] == {}
    assert described["heavy"] == []
    assert set(described["dags"]) == {file.stem for file in (project / "dags").glob("imr_*.py")}


def test_the_manual_of_every_dag_names_each_task_and_the_remedy_of_a_red_one(dags: Facts) -> None:
    for name, dag in dags.items():
        assert re.search(r"\*\*When (a|the) task is red", dag["doc"]), name
        assert dag["description"], name
        assert dag["tasks"], name
        assert [task for task in dag["tasks"] if f"`{task}`" not in dag["doc"]] == [], name


def test_every_dag_has_tags_limits_and_notices_of_failures(dags: Facts) -> None:
    for name, dag in dags.items():
        assert {"imr"} < set(dag["tags"]), name
        runs = 2 if name == BATCH_DAG_ID else 1  # of a backfill, one batch is read while another is loaded
        assert (dag["catchup"], dag["max_active_runs"], dag["paused"]) == (False, runs, False), name
        assert dag["timeout"], name
        assert dag["on_failure"] == ["FailureNotifier"], name
        for task, facts in dag["tasks"].items():
            assert facts["owner"] == "imr", task
            assert facts["timeout"], task
            assert facts["retries"] <= (3 if (name, task) == (BATCH_DAG_ID, "extract") else 1), task
            assert facts["on_failure"] == ["FailureNotifier"], task


def test_every_param_is_typed_and_described(dags: Facts) -> None:
    params = [(dag, name, schema) for dag, facts in dags.items() for name, schema in facts["params"].items()]
    assert len(params) > 1
    assert [(dag, name) for dag, name, schema in params if not (schema.get("type") and schema["about"])] == []
    assert set(dags["imr_daily_load"]["params"]) == {"inbox", "chunk_size", "accept_drift", "full_refresh"}
    assert set(dags["imr_reparse"]["params"]) == set(FULL_PLAN.as_params())


@pytest.mark.parametrize(("name", "order"), [("imr_daily_load", LOAD), ("imr_reparse", REPARSE), (BATCH_DAG_ID, LOAD)])
def test_the_steps_of_a_load_follow_each_other(dags: Facts, name: str, order: list[str]) -> None:
    tasks = dags[name]["tasks"]
    assert set(tasks) == {*order, "report"}
    for before, after in pairwise([*order, "report"]):
        assert tasks[after]["upstream"] == [before]
    assert find_tasks(dags[name], "mapped", True) == {"extract"}
    assert find_tasks(dags[name], "teardown", True) == {"report"}
    assert find_tasks(dags[name], "pool", WRITER_POOL) == WRITERS
    assert {tasks[t]["retries"] for t in ("gate_batch", "transform", "gate_marts")} == {0}
    outlets = {task: facts["outlets"] for task, facts in tasks.items() if facts["outlets"]}
    groups = ["imr_marts_decisions", "imr_marts_intake", "imr_marts_outcomes"]
    assert outlets == {"load": ["imr_raw"], "publish": ["imr_warehouse", *groups]}


def test_a_rebuild_reads_no_letter_and_compares_before_it_publishes(dags: Facts) -> None:
    tasks = dags["imr_rebuild"]["tasks"]
    order = ["prepare", "publish_lock", "load", "transform", "compare", "gate_marts", "publish", "report"]
    assert set(tasks) == set(order)
    for before, after in pairwise(order):
        assert tasks[after]["upstream"] == [before]
    assert find_tasks(dags["imr_rebuild"], "pool", WRITER_POOL) == WRITERS


def test_only_the_daily_load_and_its_watch_have_a_schedule(dags: Facts) -> None:
    scheduled = {name: dag["schedule"] for name, dag in dags.items() if dag["schedule"]}
    assert scheduled == {"imr_daily_load": f"0 {DAILY_HOUR} * * *", "imr_watch": "5 6-20 * * 1-5"}
    by_asset = {name: dag["assets"] for name, dag in dags.items() if dag["assets"]}
    assert by_asset == {
        "imr_arrivals": ["imr_arrivals"],
        "imr_review": ["imr_warehouse"],
        "imr_site": ["imr_warehouse"],
    }


def test_a_review_follows_a_publication_and_no_load_waits_for_its_answer(dags: Facts) -> None:
    tasks = dags["imr_review"]["tasks"]
    assert set(tasks) == {"list_candidates", "decide", "record", "read_again"}
    decide = tasks["decide"]
    assert decide["options"] == ["retry", "release", "reject", "later"]
    assert (decide["default"], decide["waits_at_most"]) == (["later"], "20:00:00")
    assert decide["upstream"] == ["list_candidates"]
    assert tasks["read_again"]["starts"] == "imr_reparse"
    assert find_tasks(dags["imr_review"], "pool", "default_pool") == set(tasks)


def test_only_reading_may_run_on_any_machine(dags: Facts) -> None:
    queues = {(dag, task): f["queue"] for dag, facts in dags.items() for task, f in facts["tasks"].items()}
    assert set(queues.values()) == {"default", READING_QUEUE}
    reading = {key for key, queue in queues.items() if queue == READING_QUEUE}
    assert reading == {(dag, "extract") for dag in ("imr_daily_load", "imr_reparse", BATCH_DAG_ID)}


def test_a_backfill_yields_to_the_daily_load(dags: Facts) -> None:
    batch, daily = dags[BATCH_DAG_ID]["tasks"], dags["imr_daily_load"]["tasks"]
    assert batch["extract"]["pool"] == READING_POOL
    assert [task for task in batch if batch[task]["weight"] >= daily[task]["weight"]] == []
    load_batch = dags["imr_backfill"]["tasks"]["load_batch"]
    assert (load_batch["starts"], load_batch["mapped"], load_batch["pool"]) == (BATCH_DAG_ID, True, BATCHES_POOL)
