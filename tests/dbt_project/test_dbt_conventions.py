"""What every model of the project keeps to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import PROJECT, Warehouse

OWN_TO_DUCKDB = re.compile(
    r"::|\b(qualify|exclude|unnest|strftime|date_diff|read_parquet|regexp_\w+|list_\w+|group by all)\b", re.I
)


@pytest.fixture(scope="session")
def models(documented: Warehouse) -> list[dict[str, Any]]:
    nodes = documented.artifact("manifest")["nodes"].values()
    found = [node for node in nodes if node["resource_type"] == "model"]
    assert found
    return found


@pytest.fixture(scope="session")
def key_tests(documented: Warehouse) -> set[tuple[str, str]]:
    """Pairs of a node and a generic test on one of its columns."""
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


def test_every_model_has_a_tested_key(models: list[dict[str, Any]], key_tests: set[tuple[str, str]]) -> None:
    wanted = {(m["unique_id"], test) for m in models for test in ("unique", "not_null")}
    assert wanted - key_tests == set()


def test_every_mart_is_public_owned_contracted_and_exposed(models: list[dict[str, Any]], documented: Warehouse) -> None:
    marts = [m for m in models if m["schema"] == "marts"]
    assert marts
    for mart in marts:
        assert (mart["access"], mart["contract"]["enforced"]) == ("public", True), mart["name"]
        assert mart["group"], mart["name"]
    [exposure] = documented.artifact("manifest")["exposures"].values()
    assert set(exposure["depends_on"]["nodes"]) == {m["unique_id"] for m in marts}


def test_only_staging_reads_sources(models: list[dict[str, Any]]) -> None:
    readers = {m["schema"] for m in models if any(p.startswith("source.") for p in m["depends_on"]["nodes"])}
    assert readers == {"staging"}


def test_names_and_folders_say_the_layer(models: list[dict[str, Any]]) -> None:
    prefixes = {"staging": ("stg_",), "intermediate": ("int_",), "marts": ("fct_", "dim_", "bdg_")}
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


def test_letters_free_text_goes_no_further_than_raw(models: list[dict[str, Any]]) -> None:
    withheld = {"clinical_case_summary", "rationale", "claims_admin_guideline", "reviewer_guideline"}
    columns = {name for m in models for name in m["columns"]}
    assert columns
    assert columns & withheld == set()


def test_documentation_is_one_file_that_needs_no_network(documented: Warehouse) -> None:
    page = documented.folder / "target" / "static_index.html"
    assert "fct_determinations" in page.read_text("utf-8")


def _sql(path: Path) -> str:
    """Return a query without its calls of macros and without its comments."""
    return re.sub(r"\{\{.*?\}\}|\{#.*?#\}|--.*?$", "", path.read_text("utf-8"), flags=re.S | re.M)
