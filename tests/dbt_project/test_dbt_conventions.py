"""What every model of the project keeps to."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from warehouse.build.dbt import PROJECT

from .conftest import Warehouse

OWN_TO_DUCKDB = re.compile(
    r"::|\b(qualify|exclude|unnest|strftime|date_diff|read_parquet|regexp_\w+|list_\w+|group by all)\b", re.I
)


@pytest.fixture(scope="session")
def models(documented: Warehouse) -> list[dict[str, Any]]:
    nodes = documented.artifact("manifest")["nodes"].values()
    found = [node for node in nodes if node["resource_type"] == "model"]
    assert found
    return found


@dataclass(frozen=True)
class Lineage:
    """What feeds what, by unique id; tests, unit tests and the semantic layer are left out."""

    models: dict[str, dict[str, Any]]
    sources: dict[str, dict[str, Any]]
    parents: dict[str, set[str]]
    children: dict[str, set[str]]

    def name(self, unique_id: str) -> str:
        return unique_id.rsplit(".", 1)[-1]


@pytest.fixture(scope="session")
def lineage(documented: Warehouse) -> Lineage:
    manifest = documented.artifact("manifest")
    models = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    children: dict[str, set[str]] = {key: set() for key in (*models, *manifest["sources"])}
    parents = {key: set(node["depends_on"]["nodes"]) for key, node in models.items()}
    for key, above in parents.items():
        for parent in above & children.keys():
            children[parent].add(key)
    return Lineage(models, manifest["sources"], parents, children)


@pytest.fixture(scope="session")
def generic_tests(documented: Warehouse) -> set[tuple[str, str]]:
    """Pairs of a node and a generic test on it or one of its columns."""
    nodes = documented.artifact("manifest")["nodes"].values()
    found = {
        (node["attached_node"], node["test_metadata"]["name"])
        for node in nodes
        if node["resource_type"] == "test" and node.get("test_metadata")
    }
    assert found
    return found


def test_every_model_has_a_description_that_states_the_grain(models: list[dict[str, Any]]) -> None:
    assert [m["name"] for m in models if not m["description"].startswith("One row per ")] == []


def test_every_column_in_the_file_is_described(models: list[dict[str, Any]], documented: Warehouse) -> None:
    catalog = documented.artifact("catalog")
    manifest = documented.artifact("manifest")
    nodes = {m["unique_id"]: m for m in models} | manifest["sources"]
    missing = []
    for unique_id, node in nodes.items():
        built = catalog["nodes"].get(unique_id) or catalog["sources"][unique_id]
        assert built["columns"], unique_id
        described = {name for name, column in node["columns"].items() if column["description"]}
        missing += [(unique_id, name) for name in built["columns"] if name not in described]
    assert missing == []


def test_every_model_has_a_tested_key(models: list[dict[str, Any]], generic_tests: set[tuple[str, str]]) -> None:
    wanted = {(m["unique_id"], test) for m in models for test in ("unique", "not_null")}
    assert wanted - generic_tests == set()


def test_every_outcome_mart_is_tested_against_the_decisions(
    models: list[dict[str, Any]], generic_tests: set[tuple[str, str]]
) -> None:
    outcome_marts = [m["unique_id"] for m in models if "overturn_rate" in m["columns"]]
    assert outcome_marts
    tests = ("outcome_counts_match_decisions", "overturn_rates_follow_from_counts")
    assert {(mart, test) for mart in outcome_marts for test in tests} - generic_tests == set()


def test_every_mart_is_public_owned_and_contracted(models: list[dict[str, Any]]) -> None:
    marts = [m for m in models if m["schema"] == "marts"]
    assert marts
    for mart in marts:
        assert (mart["access"], mart["contract"]["enforced"]) == ("public", True), mart["name"]
        assert mart["group"], mart["name"]


def test_only_staging_reads_sources(models: list[dict[str, Any]]) -> None:
    readers = {m["schema"] for m in models if any(p.startswith("source.") for p in m["depends_on"]["nodes"])}
    assert readers == {"staging"}


def test_names_and_folders_say_the_layer(models: list[dict[str, Any]]) -> None:
    prefixes = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("agg_", "bdg_", "dim_", "fct_", "rpt_")}
    for model in models:
        assert model["name"].startswith(prefixes[model["schema"]])
        assert model["original_file_path"].startswith(f"models/{model['schema']}/")


def test_each_model_has_its_yml_beside_it() -> None:
    queries = {path.with_suffix("") for path in (PROJECT / "models").rglob("*.sql")}
    properties = {path.with_suffix("") for path in (PROJECT / "models").rglob("*.yml") if not path.name.startswith("_")}
    assert queries
    assert queries == properties


def test_sql_of_duckdb_alone_stands_in_macros_only() -> None:
    files = [path for folder in ("models", "tests") for path in (PROJECT / folder).rglob("*.sql")]
    assert files
    found = {path.name: found.group() for path in files if (found := OWN_TO_DUCKDB.search(_sql(path)))}
    assert found == {}


def test_numbers_with_a_point_stand_in_macros_only() -> None:
    """They are decimals, whose quotients are doubles in DuckDB and cut short in Spark; 1e0 is a double in both."""
    files = list((PROJECT / "models").rglob("*.sql"))
    assert files
    found = {path.name: found.group() for path in files if (found := re.search(r"(?<![\w.'])\d+\.\d+", _sql(path)))}
    assert found == {}


def test_types_are_written_as_every_engine_reads_them() -> None:
    """Spark wants a length behind varchar; string is the same type in both."""
    files = [*PROJECT.rglob("*.yml")]
    assert any("data_type: string" in path.read_text("utf-8") for path in files)
    found = [
        path.name for path in files if re.search(r"\b(varchar|text\[\]|hugeint|timestamptz)\b", path.read_text("utf-8"))
    ]
    assert found == []


def test_every_dispatched_macro_is_written_for_spark_too() -> None:
    macros = {path: path.read_text("utf-8") for path in (PROJECT / "macros").rglob("*.sql")}
    dispatched = {
        macro
        for text in macros.values()
        for macro in re.findall(r"adapter\.dispatch\('(\w+)', 'imr_warehouse'\)", text)
    }
    assert dispatched
    written = {macro for text in macros.values() for macro in re.findall(r"macro (?:default|spark)__(\w+)\(", text)}
    assert dispatched - written == set()
    elsewhere = [path.name for path, text in macros.items() if path.parent.name != "spark" and "spark__" in text]
    assert elsewhere == []


def test_letters_free_text_goes_no_further_than_raw(models: list[dict[str, Any]]) -> None:
    withheld = {"clinical_case_summary", "rationale", "claims_admin_guideline", "reviewer_guideline"}
    columns = {name for m in models for name in m["columns"]}
    assert columns
    assert columns & withheld == set()


def test_documentation_is_one_file_that_needs_no_network(documented: Warehouse) -> None:
    page = documented.folder / "target" / "static_index.html"
    assert "fct_determinations" in page.read_text("utf-8")


def test_every_seed_is_described_typed_and_tested(documented: Warehouse) -> None:
    nodes = documented.artifact("manifest")["nodes"].values()
    seeds = [node for node in nodes if node["resource_type"] == "seed"]
    tested = {node.get("attached_node") for node in nodes if node["resource_type"] == "test"}
    assert seeds
    for seed in seeds:
        assert seed["description"].startswith("One row per "), seed["name"]
        assert seed["schema"] == "seeds", seed["name"]
        assert all(column["description"] for column in seed["columns"].values()), seed["name"]
        header = (PROJECT / seed["original_file_path"]).read_text("utf-8").splitlines()[0].split(",")
        assert set(header) == set(seed["columns"]) == set(seed["config"]["column_types"]), seed["name"]
        assert seed["unique_id"] in tested, seed["name"]


def test_every_macro_and_its_arguments_are_described(documented: Warehouse) -> None:
    macros = documented.artifact("manifest")["macros"].values()
    own = [m for m in macros if m["package_name"] == "imr_warehouse" and "__" not in m["name"]]
    assert own
    assert [m["name"] for m in own if not m["description"]] == []
    assert [(m["name"], a["name"]) for m in own for a in m["arguments"] if not a["description"]] == []


# The rules of dbt-project-evaluator, which is in no package registry; its names for them stand in the tests.


def test_modeling_rules_of_the_project_evaluator(lineage: Lineage) -> None:
    """Its rules on sources, roots, leaves between layers, joins and hard-coded references."""
    for model in lineage.models.values():
        parents = lineage.parents[model["unique_id"]]
        kinds = Counter(parent.split(".")[0] for parent in parents)
        assert kinds["source"] <= 1, f"multiple sources joined: {model['name']}"
        assert not (kinds["source"] and kinds["model"]), f"direct join to source: {model['name']}"
        assert parents, f"root model: {model['name']}"
        assert len(parents) <= 8, f"too many joins: {model['name']}"
        layers = {lineage.models[parent]["schema"] for parent in parents if parent in lineage.models}
        if model["schema"] == "staging":
            assert not layers, f"staging dependent on a model: {model['name']}"
        written = _sql(PROJECT / model["original_file_path"])
        assert not re.search(r"\b(from|join)\s+\w+\.\w+", written, re.I), f"hard-coded reference: {model['name']}"


def test_every_source_feeds_one_staging_model(lineage: Lineage) -> None:
    """Unused sources, source fanout, duplicate sources."""
    for source in lineage.sources:
        assert len(lineage.children[source]) == 1, source
    assert len({s["relation_name"] for s in lineage.sources.values()}) == len(lineage.sources)


def test_no_concept_is_rejoined(lineage: Lineage) -> None:
    """Rejoining of upstream concepts: A feeds B and C, and all that B does is to feed C, which could do it itself.

    int_letters_ranked is left out: it says in every incremental model which letters a build is about. Marts are
    read by people as well.
    """
    found = [
        (lineage.name(parent), lineage.name(between), lineage.name(child))
        for parent, children in lineage.children.items()
        if parent in lineage.models and lineage.name(parent) != "int_letters_ranked"
        for between in children & lineage.models.keys()
        if lineage.models[between]["schema"] != "marts"
        and len(lineage.children[between]) == len(lineage.parents[between]) == 1
        for child in lineage.children[between] & children
    ]
    assert found == []


def test_no_long_chain_of_views_stands_behind_a_model(lineage: Lineage) -> None:
    def chain(unique_id: str) -> int:
        model = lineage.models.get(unique_id)
        if model is None or model["config"]["materialized"] != "view":
            return 0
        return 1 + max((chain(parent) for parent in lineage.parents[unique_id]), default=0)

    assert {lineage.name(m): chain(m) for m in lineage.models if chain(m) > 4} == {}


def test_exposures_rest_on_public_tables(lineage: Lineage, documented: Warehouse) -> None:
    for exposure in documented.artifact("manifest")["exposures"].values():
        assert exposure["description"]
        for parent in exposure["depends_on"]["nodes"]:
            model = lineage.models[parent]
            assert model["access"] == "public", model["name"]
            assert model["config"]["materialized"] in {"table", "incremental"}, model["name"]


def test_sources_are_described_and_watched_for_freshness(lineage: Lineage) -> None:
    for source in lineage.sources.values():
        assert source["description"], source["name"]
        assert source["source_description"], source["name"]
        if source["name"] not in {"flags", "reviews"}:  # many letters have no flag, most loads no decision of a person
            assert source["freshness"]["warn_after"]["count"], source["name"]


def test_tests_and_yml_stand_beside_what_they_are_about(lineage: Lineage) -> None:
    for model in lineage.models.values():
        patch = model["patch_path"].removeprefix("imr_warehouse://")
        assert Path(patch).parent == Path(model["original_file_path"]).parent, model["name"]


def test_every_increment_replaces_what_it_builds(lineage: Lineage) -> None:
    """Incremental models fail on a changed schema, and none merges: what a letter no longer says must go."""
    for model in lineage.models.values():
        config = model["config"]
        if config["materialized"] == "incremental":
            assert config["on_schema_change"] == "fail", model["name"]
            assert config["incremental_strategy"] in {"replace_letters", "replace_by", "delete+insert"}, model["name"]


def test_the_big_models_are_incremental_and_staging_is_views(lineage: Lineage) -> None:
    kinds = {lineage.name(m): model["config"]["materialized"] for m, model in lineage.models.items()}
    assert {kind for name, kind in kinds.items() if name.startswith("stg_")} == {"view"}
    big = {"fct_decisions", "fct_determinations", "int_letters_ranked", "int_citations_normalised"}
    big |= {name for name in kinds if name.startswith("bdg_")}
    assert {name: kinds[name] for name in big if kinds[name] != "incremental"} == {}


def _sql(path: Path) -> str:
    """Return a query without its calls of macros and without its comments."""
    return re.sub(r"\{\{.*?\}\}|\{#.*?#\}|--.*?$", "", path.read_text("utf-8"), flags=re.S | re.M)
