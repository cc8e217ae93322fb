"""Metrics agree with the marts: each is computed from its definition in the manifest and compared."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Warehouse

pytestmark = pytest.mark.slow


class Metrics:
    """Computes the project's kinds of metrics over the whole warehouse, as MetricFlow does."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        manifest = warehouse.artifact("semantic_manifest")
        self.by_name = {metric["name"]: metric for metric in manifest["metrics"]}
        self._measures = {
            measure["name"]: (measure, model["node_relation"]["relation_name"])
            for model in manifest["semantic_models"]
            for measure in model["measures"]
        }

    def value(self, name: str) -> Any:
        metric = self.by_name[name]
        parameters = metric["type_params"]
        if metric["type"] == "ratio":
            below = self.value(parameters["denominator"]["name"])
            return self.value(parameters["numerator"]["name"]) / below if below else None
        assert metric["type"] == "simple"
        measure, relation = self._measures[parameters["measure"]["name"]]
        assert measure["agg"] in {"count", "sum", "median"}
        [(found,)] = self._warehouse.query(f"SELECT {measure['agg']}({measure['expr']}) FROM {relation}")
        return found


@pytest.fixture(scope="module")
def metrics(built: Warehouse) -> Metrics:
    assert built.dbt("parse") is None
    return Metrics(built)


def query_value(warehouse: Warehouse, query: str) -> Any:
    [(value,)] = warehouse.query(query)
    return value


def test_the_documented_metrics_are_defined(metrics: Metrics) -> None:
    documented = {"decision_count", "overturned_count", "overturn_rate", "median_days_to_decision", "quarantine_rate"}
    assert documented <= metrics.by_name.keys()
    assert all(metric["description"] for metric in metrics.by_name.values())


@pytest.mark.parametrize(
    ("metric", "mart"),
    [
        ("decision_count", "SELECT sum(decision_count) FROM marts.agg_outcomes_by_month"),
        ("overturned_count", "SELECT sum(overturned_count) FROM marts.agg_outcomes_by_category_month"),
        ("overturn_rate", "SELECT sum(overturned_count) / sum(decision_count) FROM marts.agg_outcomes_by_evidence"),
        (
            # All synthetic determinations with both days are of one month.
            "median_days_to_decision",
            "SELECT median_days FROM marts.agg_time_to_decision_by_month "
            "WHERE time_interval = 'application_to_decision' AND measured_count > 0",
        ),
        (
            "median_days_rfa_to_review",
            "SELECT median(days_rfa_to_review) FROM marts.fct_determinations WHERE days_rfa_to_review >= 0",
        ),
        (
            "quarantine_rate",
            "SELECT sum(file_count) FILTER (latest_status = 'quarantined') / sum(file_count) "
            "FROM marts.agg_intake_daily",
        ),
    ],
)
def test_a_metric_agrees_with_the_marts(built: Warehouse, metrics: Metrics, metric: str, mart: str) -> None:
    expected = query_value(built, mart)
    assert expected
    assert float(metrics.value(metric)) == pytest.approx(float(expected))


def test_the_time_spine_is_the_dimension_of_dates(built: Warehouse, metrics: Metrics) -> None:
    [spine] = built.artifact("semantic_manifest")["project_configuration"]["time_spines"]
    assert spine["node_relation"]["alias"] == "dim_dates"
    assert spine["primary_column"] == {"name": "date_day", "time_granularity": "day"}
    # The spine must contain every day of a metric.
    for relation, column in (("fct_decisions", "decision_date"), ("fct_determinations", "decision_date")):
        missing = query_value(
            built,
            f"SELECT count(*) FROM marts.{relation} WHERE {column} NOT IN (SELECT date_day FROM marts.dim_dates)",
        )
        assert missing == 0
