"""The site as files: whole, self-contained, of the version that readers see; what is told where it cannot be built."""

from __future__ import annotations

import dataclasses
import json
import shutil
import threading
import urllib.request
import zipfile
from pathlib import Path

import duckdb
import pytest

from imr.bi.superset import CHARTS, write_bundle
from imr.pipeline.steps import store
from imr.settings import Settings
from imr.site import libraries
from imr.site.build import build_site
from imr.site.cubes import read_dashboard
from imr.site.dictionary import read_dictionary
from imr.site.serve import LOOPBACK, server
from tests.imr.cli.test_cli import imr
from tests.support.home import Home
from warehouse.errors import WarehouseError


def test_every_document_is_there_and_names_no_place_on_this_machine(built: Home) -> None:
    site = built.path / "site"
    for page in ("index.html", "report.html", "dictionary.html", "dbt.html", "data_docs/index.html"):
        assert (site / page).stat().st_size > 1000, page
    texts = [f for f in site.rglob("*") if f.suffix in {".html", ".js", ".css"}]
    assert len(texts) > 20
    named = [str(f.relative_to(site)) for f in texts if str(built.path.parent) in f.read_text("utf-8")]
    assert named == []


def test_the_site_without_the_decisions_weighs_less_than_five_megabytes(built: Home) -> None:
    site = built.path / "site"
    weight = sum(f.stat().st_size for f in site.rglob("*") if f.is_file() and f.parent.name != "decisions")
    assert 1_000_000 < weight < 5_000_000


def test_every_decision_is_behind_the_charts_once(built: Home) -> None:
    told = [
        json.loads(chunk.read_text("utf-8").split(",", 1)[1].removesuffix(");\n"))
        for chunk in (built.path / "site" / "decisions").glob("*-*.js")
    ]
    with duckdb.connect(str(built.path / "warehouse" / "current" / "marts.duckdb"), read_only=True) as connection:
        (decisions,) = connection.execute("SELECT count(*) FROM fct_decisions").fetchone() or (0,)
    assert sum(map(len, told)) == decisions > 50


def test_the_dictionary_says_of_every_mart_what_a_row_is_and_of_every_column_what_it_means(built: Home) -> None:
    version = store(built.settings).require_current()
    marts = read_dictionary(version.marts, built.path / "runs" / "first" / "dbt")
    assert len(marts) > 20
    assert [m.name for m in marts if not m.grain.startswith("One row")] == []
    assert [f"{m.name}.{c.name}" for m in marts for c in m.columns if not c.meaning] == []
    decisions = next(m for m in marts if m.name == "fct_decisions")
    assert next(c for c in decisions.columns if c.name == "case_key").tests == ["in fct_determinations"]
    assert "not null" in next(c for c in decisions.columns if c.name == "decision_key").tests


def test_a_new_version_replaces_the_site_and_its_marks(built: Home, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(built.path, home.path, symlinks=True)
    stray = home.path / "site" / "of an older version.html"
    stray.touch()
    page = build_site(home.settings)
    assert page == home.path / "site" / "index.html"
    assert not stray.exists()
    assert "?v=1-" in page.read_text("utf-8")
    assert [f.name for f in home.path.glob(".site.*")] == [".site.lock"]


def test_before_the_first_publication_it_is_one_clear_line(tmp_path: Path) -> None:
    (line,) = imr(tmp_path, "site", status=1).splitlines()
    assert "load some letters first" in line


def test_a_mart_that_is_not_there_is_named_with_its_query(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "marts.duckdb")) as connection:
        connection.execute("CREATE TABLE agg_outcomes_by_month AS SELECT 1 AS n")
    with pytest.raises(WarehouseError, match=r"rates\.sql .*marts\.duckdb"):
        read_dashboard(tmp_path / "marts.duckdb")


def test_a_library_that_is_not_what_was_pinned_is_not_kept(tmp_path: Path) -> None:
    pinned = libraries.pinned_libraries()[-1]
    changed = dataclasses.replace(pinned, integrity="sha512-of-something-else")
    with pytest.raises(WarehouseError, match="discarded"):
        libraries.ensure_libraries([changed], tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_registry_that_cannot_be_reached_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", "https://127.0.0.1:9")
    with pytest.raises(WarehouseError, match="make setup"):
        libraries.ensure_libraries(libraries.pinned_libraries()[:1], tmp_path)


def test_it_is_served_on_loopback_alone_and_asked_for_anew(built: Home) -> None:
    serving = server(built.path / "site", 0)
    assert serving.server_address[0] == LOOPBACK
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{serving.server_port}/") as answer:
            assert answer.headers["Cache-Control"] == "no-cache"
            assert b"denials were overturned" in answer.read()
    finally:
        serving.shutdown()
        serving.server_close()


def test_the_bundle_for_superset_opens_the_link_read_only(built: Home, tmp_path: Path) -> None:
    imr(built.path, "superset", "-o", tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
        parts = {name.removeprefix("imr/"): json.loads(bundle.read(name)) for name in bundle.namelist()}
    uri = parts["databases/imr_warehouse.yaml"]["sqlalchemy_uri"]
    assert uri == f"duckdb:///{built.path}/warehouse/current/marts.duckdb?access_mode=READ_ONLY"
    assert {p["table_name"] for name, p in parts.items() if name.startswith("datasets/")} == set(CHARTS)
    again = tmp_path / "again.zip"
    write_bundle(store(Settings(home=built.path)).require_current().marts, again)
    with zipfile.ZipFile(again) as bundle:
        assert json.loads(bundle.read("imr/dashboards/imr.yaml"))["uuid"] == parts["dashboards/imr.yaml"]["uuid"]
