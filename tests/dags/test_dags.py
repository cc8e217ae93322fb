"""The DAG files as Airflow reads them; each is parsed in a process of its own with this project's environment."""

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

DESCRIBE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
def listed(callbacks):
    return list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []
def of(task, name):
    return task.partial_kwargs.get(name) if "Mapped" in type(task).__name__ else getattr(task, name)
bag = DagBag(sys.argv[1])
loaded = sorted(m for m in ("dbt", "great_expectations", "pandas") if m in sys.modules)
print("JSON" + json.dumps({
    "errors": bag.import_errors,
    "heavy": loaded,
    "dags": {
        d.dag_id: {
            "doc": d.doc_md, "catchup": d.catchup, "max_active_runs": d.max_active_runs, "tags": sorted(d.tags),
            "schedule": d.schedule if isinstance(d.schedule, str) else None,
            "params": {n: d.params.get_param(n).schema | {"told": d.params.get_param(n).description} for n in d.params},
            "described": d.description, "paused": d.is_paused_upon_creation, "owner": d.owner,
            "timeout": d.dagrun_timeout.total_seconds() if d.dagrun_timeout else None,
            "on_failure": [type(c).__name__ for c in listed(d.on_failure_callback)],
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
                    "on_failure": [type(c).__name__ for c in listed(of(t, "on_failure_callback"))],
                } for t in d.tasks
            },
        } for d in bag.dags.values()
    },
}))
"""


@pytest.fixture(scope="module")
def described(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    told = subprocess.run(
        [sys.executable, "-c", DESCRIBE, project / "dags"],
        env=airflow_environment(settings),
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    (line,) = [line for line in told.stdout.splitlines() if line.startswith("JSON")]
    return json.loads(line.removeprefix("JSON"))


@pytest.fixture(scope="module")
def daily(described: dict[str, Any]) -> dict[str, Any]:
    return described["dags"]["imr_daily_load"]


def test_every_dag_file_is_read_without_an_error(described: dict[str, Any], project: Path) -> None:
    assert described["dags"]
    assert described["errors"] == {}
    assert len(described["dags"]) >= len(list((project / "dags").glob("imr_*.py"))) > 0


def test_reading_the_dag_files_imports_neither_dbt_nor_great_expectations(described: dict[str, Any]) -> None:
    assert described["dags"]
    assert described["heavy"] == []


def test_every_dag_has_a_manual_that_names_each_of_its_tasks_and_what_to_do_when_one_is_red(
    described: dict[str, Any],
) -> None:
    assert len(described["dags"]) > 1
    for name, dag in described["dags"].items():
        assert dag["tasks"], name
        assert re.search(r"\*\*When (a|the) task is red", dag["doc"]), name
        assert dag["described"], name
        for task in dag["tasks"]:
            assert f"`{task}`" in dag["doc"], task


def test_every_dag_is_owned_tagged_limited_in_time_and_runs_one_load_at_a_time(described: dict[str, Any]) -> None:
    assert len(described["dags"]) > 1
    for name, dag in described["dags"].items():
        assert {"imr"} < set(dag["tags"]), name
        at_once = 2 if name == BATCH_DAG_ID else 1  # of a backfill, one batch is read while another is loaded
        assert (dag["catchup"], dag["max_active_runs"], dag["paused"]) == (False, at_once, False), name
        assert dag["timeout"], name
        for task, facts in dag["tasks"].items():
            assert facts["owner"] == "imr", task
            assert facts["timeout"], task
            assert facts["retries"] <= (3 if (name, task) == (BATCH_DAG_ID, "extract") else 1), task


def test_every_param_is_typed_and_described(described: dict[str, Any]) -> None:
    params = [(dag, p, s) for dag, facts in described["dags"].items() for p, s in facts["params"].items()]
    assert len(params) > 1
    assert [(dag, param) for dag, param, schema in params if not (schema.get("type") and schema["told"])] == []


def test_every_dag_and_every_task_tells_of_its_failure(described: dict[str, Any]) -> None:
    assert len(described["dags"]) > 1
    for name, dag in described["dags"].items():
        assert dag["on_failure"] == ["FailureNotifier"], name
        assert [t for t, facts in dag["tasks"].items() if facts["on_failure"] != ["FailureNotifier"]] == [], name


def test_the_late_load_is_looked_for_at_the_hour_that_the_daily_load_has(
    described: dict[str, Any], daily: dict[str, Any]
) -> None:
    assert daily["schedule"] == f"0 {DAILY_HOUR} * * *"
    assert described["dags"]["imr_watch"]["schedule"] == "5 6-20 * * 1-5"


def test_the_daily_load_runs_daily_one_at_a_time_without_catching_up(daily: dict[str, Any]) -> None:
    assert daily["schedule"] == "0 5 * * *"
    assert (daily["catchup"], daily["max_active_runs"]) == (False, 1)
    assert set(daily["params"]) == {"drop_folder", "chunk_size", "accept_drift"}


def test_the_steps_follow_each_other(daily: dict[str, Any]) -> None:
    order = ["scan", "extract", "gate_batch", "turn", "load", "transform", "gate_marts"]
    order += ["publish", "settle", "report"]
    tasks = daily["tasks"]
    assert set(tasks) == set(order)
    for before, after in pairwise(order):
        assert tasks[after]["upstream"] == [before]
    assert [t for t in order if tasks[t]["mapped"]] == ["extract"]


def test_writers_share_the_one_slot_and_gates_are_not_retried(daily: dict[str, Any]) -> None:
    tasks = daily["tasks"]
    assert {t for t, facts in tasks.items() if facts["pool"] == WRITER_POOL} == {"load", "transform", "publish"}
    assert {tasks[t]["retries"] for t in ("gate_batch", "transform", "gate_marts")} == {0}


def test_the_assets_are_raw_the_warehouse_and_each_group_of_marts(daily: dict[str, Any]) -> None:
    outlets = {task: facts["outlets"] for task, facts in daily["tasks"].items() if facts["outlets"]}
    groups = ["imr_marts_decisions", "imr_marts_intake", "imr_marts_outcomes"]
    assert outlets == {"load": ["imr_raw"], "publish": ["imr_warehouse", *groups]}


def test_only_the_report_runs_whatever_happened(daily: dict[str, Any]) -> None:
    assert [t for t, facts in daily["tasks"].items() if facts["teardown"]] == ["report"]


def test_a_reparse_has_the_steps_of_a_load_and_compares_before_it_loads(described: dict[str, Any]) -> None:
    dag = described["dags"]["imr_reparse"]
    order = ["select", "extract", "compare", "gate_batch", "turn", "load", "transform", "gate_marts", "publish"]
    order += ["settle"]
    tasks = dag["tasks"]
    assert set(tasks) == {*order, "report"}
    for before, after in pairwise([*order, "report"]):
        assert tasks[after]["upstream"] == [before]
    assert [t for t in order if tasks[t]["mapped"]] == ["extract"]
    assert {t for t, facts in tasks.items() if facts["pool"] == WRITER_POOL} == {"load", "transform", "publish"}
    assert (dag["schedule"], dag["assets"], dag["max_active_runs"]) == (None, [], 1)


def test_the_params_of_a_reparse_are_those_of_the_command(described: dict[str, Any]) -> None:
    plan = Plan(
        Selection(("damaged",), ("letterhead",), date(2024, 1, 1), date(2024, 1, 2), "1", ("ab",)), True, True, 1
    )
    assert set(described["dags"]["imr_reparse"]["params"]) == set(plan.as_params())


def test_a_person_is_asked_after_a_publication_and_nothing_waits_for_the_answer(described: dict[str, Any]) -> None:
    dag = described["dags"]["imr_review"]
    assert dag["assets"] == ["imr_warehouse"]
    assert dag["max_active_runs"] == 1
    tasks = dag["tasks"]
    assert set(tasks) == {"offer", "decide", "record", "read_again"}
    assert tasks["decide"]["options"] == ["retry", "release", "reject", "later"]
    assert tasks["decide"]["default"] == ["later"]
    assert tasks["decide"]["waits_at_most"] == "20:00:00"
    assert tasks["decide"]["upstream"] == ["offer"]
    assert tasks["read_again"]["starts"] == "imr_reparse"
    assert {facts["pool"] for facts in tasks.values()} == {"default_pool"}


def test_only_reading_may_be_on_any_machine(described: dict[str, Any]) -> None:
    queues = {(dag, t): f["queue"] for dag, facts in described["dags"].items() for t, f in facts["tasks"].items()}
    assert set(queues.values()) == {"default", READING_QUEUE}
    reading = {key for key, queue in queues.items() if queue == READING_QUEUE}
    assert reading == {(dag, "extract") for dag in ("imr_daily_load", "imr_reparse", BATCH_DAG_ID)}


def test_a_backfill_has_the_steps_of_a_load_a_batch_and_stands_back_behind_the_daily_load(
    described: dict[str, Any], daily: dict[str, Any]
) -> None:
    backfill, batch = described["dags"]["imr_backfill"], described["dags"][BATCH_DAG_ID]
    assert set(batch["tasks"]) == set(daily["tasks"])
    assert batch["tasks"]["extract"]["pool"] == READING_POOL
    assert {t for t, facts in batch["tasks"].items() if facts["pool"] == WRITER_POOL} == {
        "load",
        "transform",
        "publish",
    }
    for task, facts in batch["tasks"].items():
        assert facts["weight"] < daily["tasks"][task]["weight"], task
    assert backfill["tasks"]["load_batch"]["starts"] == BATCH_DAG_ID
    assert backfill["tasks"]["load_batch"]["mapped"]
    assert backfill["tasks"]["load_batch"]["pool"] == BATCHES_POOL
    assert (backfill["schedule"], batch["schedule"]) == (None, None)
