"""Conventions of the dbt project, among them the rules of dbt-project-evaluator, which is in no package registry."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from warehouse.build.dbt import PROJECT
from warehouse.build.transform import UNCHANGED_PROJECT

from .conftest import Warehouse

pytestmark = pytest.mark.slow

Node = dict[str, Any]

PREFIXES = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("agg_", "bdg_", "dim_", "fct_", "rpt_")}
DUCKDB_ONLY = (
    r"(?i)::|\b(qualify|exclude|unnest|strftime|date_diff|read_parquet|regexp_\w+|list_\w+|group by all)\b",
    # Quotients of decimals are doubles in DuckDB and cut short in Spark; 1e0 is a double in both.
    r"(?<![\w.'])\d+\.\d+",
)
LETTER_TEXTS = {"clinical_case_summary", "rationale", "claims_admin_guideline", "reviewer_guideline"}


@dataclass(frozen=True)
class Project:
    """The nodes of the manifest by unique id, and what depends on what among models and sources."""

    models: dict[str, Node]
    sources: dict[str, Node]
    seeds: dict[str, Node]
    macros: list[Node]
    exposures: list[Node]
    generic_tests: set[tuple[str, str]]
    """Pairs of a node and the name of a generic test on it or on one of its columns."""
    column_tests: set[tuple[str, str, str]]
    """The same with the name of the column between."""
    parents: dict[str, set[str]]
    children: dict[str, set[str]]

    def name(self, unique_id: str) -> str:
        return unique_id.rsplit(".", 1)[-1]


def find_layer(model: Node) -> str:
    """Return the folder under `models` that a model is in."""
    return str(model["original_file_path"].split("/")[1])


@pytest.fixture(scope="session")
def dbt_project(documented: Warehouse) -> Project:
    manifest = documented.artifact("manifest")

    def nodes(kind: str) -> dict[str, Node]:
        found = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == kind}
        assert found
        return found

    models = nodes("model")
    parents = {key: set(node["depends_on"]["nodes"]) for key, node in models.items()}
    tests = [test for test in nodes("test").values() if test.get("test_metadata")]
    return Project(
        models=models,
        sources=manifest["sources"],
        seeds=nodes("seed"),
        macros=[macro for macro in manifest["macros"].values() if macro["package_name"] == "imr_warehouse"],
        exposures=list(manifest["exposures"].values()),
        generic_tests={(test["attached_node"], test["test_metadata"]["name"]) for test in tests},
        column_tests={(test["attached_node"], test["column_name"], test["test_metadata"]["name"]) for test in tests},
        parents=parents,
        children={
            key: {model for model, above in parents.items() if key in above} for key in (*models, *manifest["sources"])
        },
    )


def test_names_folders_and_descriptions_follow_the_layer(dbt_project: Project) -> None:
    for model in dbt_project.models.values():
        name, layer, path = model["name"], find_layer(model), model["original_file_path"]
        assert name.startswith(PREFIXES[layer]), name
        place = ("marts", "main") if layer == "marts" else ("imr", layer)
        assert (model["database"], model["schema"]) == place, name
        assert model["patch_path"] == "imr_warehouse://" + path.replace(".sql", ".yml"), name
        assert model["description"].startswith("One row per "), name
        texts = LETTER_TEXTS - {"rationale", "clinical_case_summary"} if layer == "staging" else LETTER_TEXTS
        assert not texts & model["columns"].keys(), name
        assert layer != "marts" or "sentence" not in model["columns"], name


def test_every_column_of_the_warehouse_is_described(dbt_project: Project, documented: Warehouse) -> None:
    catalog = documented.artifact("catalog")
    for unique_id, node in (dbt_project.models | dbt_project.sources).items():
        built = catalog["nodes"].get(unique_id) or catalog["sources"][unique_id]
        described = {name for name, column in node["columns"].items() if column["description"]}
        assert built["columns"], unique_id
        assert built["columns"].keys() - described == set(), unique_id


def test_every_model_has_a_key_that_is_enforced_or_tested(dbt_project: Project) -> None:
    """A mart without the constraint primary_key, which costs an index, has not_null and a test instead."""
    for key, model in dbt_project.models.items():
        constraints = {
            constraint["type"] for column in model["columns"].values() for constraint in column["constraints"]
        }
        tests = {test for node, test in dbt_project.generic_tests if node == key}
        assert "primary_key" in constraints | tests or ("unique" in tests and "not_null" in constraints), key
        if model["database"] == "marts":
            assert len(model["primary_key"]) == 1, key


def test_every_constraint_of_a_contract_is_enforced_by_the_table(dbt_project: Project, documented: Warehouse) -> None:
    written = {"PRIMARY KEY": "primary_key", "NOT NULL": "not_null"}
    enforced = {
        (table, column, written[kind])
        for table, column, kind in documented.query(
            "SELECT table_name, unnest(constraint_column_names), constraint_type FROM duckdb_constraints() "
            "WHERE database_name = 'marts'"
        )
    }
    declared = {
        (model["alias"], column["name"], constraint["type"])
        for model in dbt_project.models.values()
        for column in model["columns"].values()
        for constraint in column["constraints"]
    }
    assert declared
    assert declared - enforced == set()


def test_no_test_repeats_a_contract(dbt_project: Project) -> None:
    repeated = [
        (key, column["name"])
        for key, model in dbt_project.models.items()
        for column in model["columns"].values()
        for constraint in column["constraints"]
        if (key, column["name"], "not_null") in dbt_project.column_tests
        or (constraint["type"] == "primary_key" and (key, column["name"], "unique") in dbt_project.column_tests)
    ]
    assert repeated == []


def test_an_unchanged_project_leaves_out_the_tests_of_what_is_not_loaded(documented: Warehouse) -> None:
    manifest = documented.artifact("manifest")

    def reads_a_source(node: str) -> bool:
        return any(parent.startswith("source.") or reads_a_source(parent) for parent in manifest["parent_map"][node])

    kinds = ("model", "seed", "snapshot", "test")
    nodes = {key for key, node in manifest["nodes"].items() if node["resource_type"] in kinds}
    left_out = nodes - documented.select(*UNCHANGED_PROJECT)
    assert left_out == {key for key in nodes if key.startswith("test.") and not reads_a_source(key)}
    assert left_out


def test_every_outcome_mart_is_tested_against_the_decisions(dbt_project: Project) -> None:
    marts = [key for key, model in dbt_project.models.items() if "overturn_rate" in model["columns"]]
    assert marts
    tests = ("outcome_counts_match_decisions", "overturn_rates_follow_from_counts")
    assert {(mart, test) for mart in marts for test in tests} - dbt_project.generic_tests == set()


def test_every_mart_is_public_owned_and_contracted(dbt_project: Project) -> None:
    marts = [model for model in dbt_project.models.values() if find_layer(model) == "marts"]
    assert marts
    for mart in marts:
        assert (mart["access"], mart["contract"]["enforced"]) == ("public", True), mart["name"]
        assert mart["group"], mart["name"]
        assert mart["config"]["materialized"] in {"table", "incremental"}, mart["name"]


def test_exposures_are_described_and_depend_on_marts(dbt_project: Project) -> None:
    assert dbt_project.exposures
    for exposure in dbt_project.exposures:
        assert exposure["description"]
        assert {find_layer(dbt_project.models[node]) for node in exposure["depends_on"]["nodes"]} == {"marts"}


def test_sql_of_models_and_tests_runs_on_every_engine() -> None:
    files = [path for folder in ("models", "tests") for path in (PROJECT / folder).rglob("*.sql")]
    assert files
    for file in files:
        # without macro calls, generic tests and comments
        sql = re.sub(
            r"\{\{.*?\}\}|\{% test .*\{% endtest %\}|\{#.*?#\}|--.*?$", "", file.read_text("utf-8"), flags=re.S | re.M
        )
        assert [found[0] for pattern in DUCKDB_ONLY for found in re.finditer(pattern, sql)] == [], file.name
        assert not re.search(r"\b(from|join)\s+\w+\.\w+", sql, re.I), f"hard-coded reference: {file.name}"


def test_types_are_written_as_every_engine_reads_them() -> None:
    """Spark requires a length for varchar; string is the same type in both."""
    files = {path: path.read_text("utf-8") for path in PROJECT.rglob("*.yml")}
    assert any("data_type: string" in text for text in files.values())
    duckdb_type = re.compile(r"\b(varchar|text\[\]|hugeint|timestamptz)\b")
    assert [path.name for path, text in files.items() if duckdb_type.search(text)] == []


def test_every_dispatched_macro_is_written_for_spark_too() -> None:
    macros = {path: path.read_text("utf-8") for path in (PROJECT / "macros").rglob("*.sql")}
    text = "".join(macros.values())
    dispatched = set(re.findall(r"adapter\.dispatch\('(\w+)', 'imr_warehouse'\)", text))
    assert dispatched
    assert dispatched - set(re.findall(r"macro (?:default|spark)__(\w+)\(", text)) == set()
    assert {path.parent.name for path, macro in macros.items() if "spark__" in macro} == {"spark"}


def test_every_macro_and_its_arguments_are_described(dbt_project: Project) -> None:
    own = [macro for macro in dbt_project.macros if "__" not in macro["name"]]
    assert own
    assert [macro["name"] for macro in own if not macro["description"]] == []
    assert [(m["name"], a["name"]) for m in own for a in m["arguments"] if not a["description"]] == []


def test_documentation_is_one_file_that_needs_no_network(documented: Warehouse) -> None:
    page = documented.folder / "target" / "static_index.html"
    assert "fct_determinations" in page.read_text("utf-8")


def test_every_seed_is_described_typed_and_tested(dbt_project: Project) -> None:
    tested = {node for node, _ in dbt_project.generic_tests}
    for key, seed in dbt_project.seeds.items():
        header = (PROJECT / seed["original_file_path"]).read_text("utf-8").splitlines()[0].split(",")
        assert seed["description"].startswith("One row per "), key
        assert (seed["schema"], seed["original_file_path"]) == ("seeds", f"seeds/{seed['name']}.csv")
        assert all(column["description"] for column in seed["columns"].values()), key
        assert list(seed["columns"]) == header, key
        assert set(header) == set(seed["config"]["column_types"]), key
        assert key in tested, key


def test_each_source_is_described_and_feeds_one_staging_model(dbt_project: Project) -> None:
    assert len({source["relation_name"] for source in dbt_project.sources.values()}) == len(dbt_project.sources)
    for key, source in dbt_project.sources.items():
        assert source["description"], key
        assert source["source_description"], key
        if source["name"].endswith("_to_refresh"):  # read by the strategies of the marts
            continue
        assert len(dbt_project.children[key]) == 1, key
        if source["name"] not in {"flags", "reviews"}:  # a load without a flag or a review is normal
            assert source["freshness"]["warn_after"]["count"], key


def test_models_read_only_the_layers_below(dbt_project: Project) -> None:
    """Root models, multiple sources joined, direct joins to sources, staging that depends on a model, many joins."""
    for key, model in dbt_project.models.items():
        parents = dbt_project.parents[key]
        kinds = Counter(parent.split(".")[0] for parent in parents)
        if find_layer(model) == "staging":
            assert (kinds["source"], kinds["model"]) == (1, 0), key
        else:
            assert kinds["source"] == 0, key
        assert 0 < len(parents) <= 8, key


def test_no_concept_is_rejoined(dbt_project: Project) -> None:
    """Rejoining of upstream concepts: A feeds B and C, and B feeds only C, which could read A alone.

    Marts are exempt because people read them as well.
    """
    found = [
        (dbt_project.name(parent), dbt_project.name(between), dbt_project.name(child))
        for parent, children in dbt_project.children.items()
        if parent in dbt_project.models
        for between in children
        if find_layer(dbt_project.models[between]) != "marts"
        and len(dbt_project.children[between]) == len(dbt_project.parents[between]) == 1
        for child in dbt_project.children[between] & children
    ]
    assert found == []


def test_no_model_reads_a_long_chain_of_views(dbt_project: Project) -> None:
    def chain(unique_id: str) -> int:
        model = dbt_project.models.get(unique_id)
        if model is None or model["config"]["materialized"] != "view":
            return 0
        return 1 + max((chain(parent) for parent in dbt_project.parents[unique_id]), default=0)

    assert {dbt_project.name(m): chain(m) for m in dbt_project.models if chain(m) > 4} == {}


def test_large_marts_are_incremental_and_never_merge(dbt_project: Project) -> None:
    """A merge would keep rows that a letter no longer has. Other models hold the letters of one load only."""
    for model in dbt_project.models.values():
        name, config = model["name"], model["config"]
        if (layer := find_layer(model)) != "marts":
            assert config["materialized"] == {"staging": "view", "intermediate": "table"}[layer], name
        elif name.startswith(("fct_", "bdg_")):
            assert config["materialized"] == "incremental", name
        if config["materialized"] == "incremental":
            assert config["on_schema_change"] == "fail", name
            assert config["incremental_strategy"] in {"replace_letters", "replace_months", "replace_by"}, name
