"""The site as files: complete, self-contained, and replaced as a whole; errors of its parts; the Superset bundle."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from imr.bi.superset import write_bundle
from imr.context import Context
from imr.settings import Settings
from imr.site import libraries
from imr.site.build import build_site
from imr.site.dashboard import read_dashboards
from imr.site.dictionary import read_dictionary
from imr.site.serve import LOOPBACK, make_server
from tests.support.command import run_imr
from tests.support.home import Home
from warehouse.errors import WarehouseError

pytestmark = pytest.mark.slow


def test_the_samples_show_many_reasons_each_with_its_sentence(built: Home) -> None:
    decided = built.query(
        "SELECT d.outcome, list(DISTINCT r.reason) AS reasons FROM marts.fct_decisions AS d "
        "INNER JOIN raw.decision_reasons AS r "
        "ON d.decision_key = r.decision_key AND d.deciding_reason = r.reason WHERE r.sentence <> '' GROUP BY ALL"
    )
    counts = {row["outcome"]: len(set(row["reasons"]) - {"other"}) for row in decided}
    assert counts["upheld"] >= 9
    assert counts["overturned"] >= 4
    (review,) = built.query("SELECT count(DISTINCT ur_reason) AS reasons FROM marts.fct_determinations")
    assert review["reasons"] >= 3


def test_the_site_is_complete_small_and_free_of_local_paths(built: Home) -> None:
    site = built.path / "site"
    for page in (
        "index.html",
        "upheld.html",
        "overturned.html",
        "report.html",
        "dictionary.html",
        "dbt.html",
        "data_docs/index.html",
    ):
        assert (site / page).stat().st_size > 1000, page
    files = [f for f in site.rglob("*") if f.is_file()]
    texts = [f for f in files if f.suffix in {".html", ".js", ".css"}]
    assert len(texts) > 20
    assert [f for f in texts if str(built.path.parent) in f.read_text("utf-8")] == []
    own = [f for f in files if f.parent.name != "decisions" and f.name != "dbt.html"]
    assert 1_000_000 < sum(f.stat().st_size for f in own) < 2_000_000


def test_data_docs_load_nothing_and_link_to_the_dashboard(built: Home) -> None:
    docs = built.path / "site" / "data_docs"
    pages = list(docs.rglob("*.html"))
    assert len(pages) > 3
    for page in pages:
        text = page.read_text("utf-8")
        assert "://" not in text
        assert "<script" not in text
        (link,) = re.findall(r'<a href="([^"]*)">Dashboard and all documents</a>', text)
        assert (page.parent / link).resolve() == (built.path / "site" / "index.html").resolve()


def test_the_drill_down_holds_every_decision_of_a_rate_once(built: Home) -> None:
    chunks = [
        json.loads(chunk.read_text("utf-8").split(",", 1)[1].removesuffix(");\n"))
        for chunk in (built.path / "site" / "decisions").glob("*-*.js")
    ]
    with duckdb.connect(str(built.path / "warehouse" / "current" / "marts.duckdb"), read_only=True) as connection:
        (decisions,) = connection.execute(
            "SELECT count(*) FROM fct_decisions WHERE NOT is_outcome_inferred"
        ).fetchone() or (0,)
    assert sum(map(len, chunks)) == decisions > 50


def test_the_dictionary_describes_every_mart_and_column(built: Home) -> None:
    version = built.context.versions.require_current()
    marts = read_dictionary(version.marts, built.path / "runs" / "first" / "dbt")
    assert len(marts) > 20
    assert [m.name for m in marts if not m.grain.startswith("One row")] == []
    assert [f"{m.name}.{c.name}" for m in marts for c in m.columns if not c.description] == []
    decisions = next(m for m in marts if m.name == "fct_decisions")
    assert next(c for c in decisions.columns if c.name == "case_key").tests == ["in fct_determinations", "not null"]
    assert "not null" in next(c for c in decisions.columns if c.name == "decision_key").tests


def test_a_new_site_replaces_the_old_one(built: Home, tmp_path: Path) -> None:
    copy = Home(tmp_path / "home")
    shutil.copytree(built.path, copy.path, symlinks=True)
    stray = copy.path / "site" / "of an older version.html"
    stray.touch()
    page = build_site(copy.context)
    assert page == copy.path / "site" / "index.html"
    assert not stray.exists()
    assert "?v=1-" in page.read_text("utf-8")
    assert [f.name for f in copy.path.glob(".site.*")] == [".site.lock"]


def test_errors_name_the_cause_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WarehouseError, match="Load some letters first"):
        build_site(Context(Settings(home=tmp_path / "home")))
    marts = tmp_path / "marts.duckdb"
    with duckdb.connect(str(marts)) as connection:
        connection.execute("CREATE TABLE unrelated AS SELECT 1 AS n")
    with pytest.raises(WarehouseError, match=r"rates\.sql .*marts\.duckdb"):
        read_dashboards(marts)
    library = libraries.pinned_libraries()[-1]
    changed = dataclasses.replace(library, integrity="sha512-of-something-else")
    with pytest.raises(WarehouseError, match="discarded"):
        libraries.ensure_libraries([changed], tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
    monkeypatch.setenv("npm_config_registry", "https://127.0.0.1:9")
    with pytest.raises(WarehouseError, match="make setup"):
        libraries.ensure_libraries([library], tmp_path / "cache")


def test_the_server_listens_on_loopback_and_makes_browsers_revalidate(built: Home, address: str) -> None:
    with make_server(built.path / "site", 0) as server:
        assert server.server_address[0] == LOOPBACK
    with urllib.request.urlopen(f"http://{urllib.parse.urlsplit(address).netloc}/") as response:
        assert response.headers["Cache-Control"] == "no-cache"
        assert b"denials were overturned" in response.read()


def test_the_superset_bundle_reads_the_current_version_and_keeps_its_ids(built: Home, tmp_path: Path) -> None:
    def read_bundle(file: Path) -> dict[str, Any]:
        with zipfile.ZipFile(file) as bundle:
            return {name.removeprefix("imr/"): yaml.safe_load(bundle.read(name)) for name in bundle.namelist()}

    marts = run_imr(built.path, "superset", "-o", tmp_path / "bundle.zip").split(" in ")[0].split(", ")
    parts = read_bundle(tmp_path / "bundle.zip")
    uri = f"duckdb:///{built.path}/warehouse/current/marts.duckdb?access_mode=READ_ONLY"
    assert parts["databases/imr_warehouse.yaml"]["sqlalchemy_uri"] == uri
    datasets = {p["uuid"]: p for name, p in parts.items() if name.startswith("datasets/")}
    assert sorted(p["table_name"] for p in datasets.values()) == sorted(marts)
    assert all(
        {"decision_count", "overturned_count"} <= {c["column_name"] for c in p["columns"]} for p in datasets.values()
    )
    charts = {p["uuid"]: p for name, p in parts.items() if name.startswith("charts/")}
    assert len(charts) == len(marts) > 5
    for chart in charts.values():
        columns = {column["column_name"] for column in datasets[chart["dataset_uuid"]]["columns"]}
        assert {*chart["params"]["groupby"], chart["params"].get("x_axis", "decision_count")} <= columns
    on_page = {p["meta"]["uuid"] for p in parts["dashboards/imr.yaml"]["position"].values() if "CHART" in str(p)[:18]}
    assert on_page == set(charts)
    again = tmp_path / "again.zip"
    write_bundle(built.context.versions.require_current().marts, again)
    assert read_bundle(again)["dashboards/imr.yaml"] == parts["dashboards/imr.yaml"]
