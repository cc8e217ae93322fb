"""The whole site of the published version, in one folder that replaces the one before in one step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from imr.context import Context
from imr.settings import Settings
from imr.site import documents
from imr.site.cubes import Dashboard, read_dashboard
from imr.site.decisions import write_decisions
from imr.site.dictionary import read_dictionary
from imr.site.libraries import CACHE, ensure_libraries, pinned_libraries
from warehouse.files import locked
from warehouse.versions.base import Version

STATIC = Path(__file__).parent / "static"

PAGES = {
    "index.html": ("Dashboard", "Overturn rates with their intervals, and the decisions behind every bar."),
    "report.html": ("Load report", "What the load that published this version read, refused and checked."),
    "data_docs/index.html": ("Data Docs", "Every rule that the gates checked, load by load (Great Expectations)."),
    "dbt.html": ("dbt docs", "The project's models with lineage, SQL and tests."),
    "dictionary.html": ("Data dictionary", "Every mart: what a row is, its columns, types and tests."),
}


def site_folder(settings: Settings) -> Path:
    """Return where the site of a home folder is."""
    return settings.home / "site"


def build_site(context: Context, *, shown: bool = False) -> Path:
    """Build the site of the version that readers see; return its first page.

    `shown` says whether a bar tells how far it is. Whoever reads the old site meanwhile sees it whole until the new
    one takes its place. Raises `WarehouseError` before the first publication, or where a library of the page can
    neither be found nor fetched.
    """
    settings, version = context.settings, context.versions.require_current()
    site = site_folder(settings)
    with locked(settings.home / ".site.lock"):
        new = site.with_name(".site.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        _write(version, context, new, shown=shown)
        old = site.with_name(".site.old")
        shutil.rmtree(old, ignore_errors=True)
        if site.exists():
            site.rename(old)
        new.rename(site)
        shutil.rmtree(old, ignore_errors=True)
    return site / "index.html"


def _write(version: Version, context: Context, folder: Path, *, shown: bool) -> None:
    manifest = version.manifest
    settings, run = context.settings, context.open_run(manifest["run_id"])
    dashboard = read_dashboard(version.marts)
    dictionary = read_dictionary(version.marts, run.dbt)
    present = {"index.html", "dictionary.html"}
    links = {title: page for page, (title, _) in PAGES.items() if page != "report.html"}
    if documents.write_report(context, run, folder / "report.html", links):
        present.add("report.html")
    if documents.copy_data_docs(settings.data_docs, folder / "data_docs"):
        present.add("data_docs/index.html")
    if documents.copy_dbt_docs(run.dbt, folder / "dbt.html"):
        present.add("dbt.html")
    # What a browser has of an older version is never taken for this one's: every address carries the version's mark.
    common = {
        "build": f"{version.number}-{manifest['sha256']['marts.duckdb'][:8]}",
        "version": version.number,
        "published_at": manifest["published_at"],
        "run_id": manifest["run_id"],
        "pages": [{"href": p, "title": t, "what": w} for p, (t, w) in PAGES.items() if p in present],
    }
    scripts = _write_assets(folder / "assets", dashboard, common["build"])
    pages = _pages()
    for page, values in (
        ("index.html", _front(dashboard) | {"scripts": scripts}),
        ("dictionary.html", {"marts": dictionary}),
    ):
        text = pages.get_template(f"{page}.j2").render(**common, here=page, **values)
        (folder / page).write_text(text, "utf-8")
    write_decisions(version.marts, folder / "decisions", shown=shown)


def _pages() -> Environment:
    return Environment(
        loader=PackageLoader("imr.site"),
        autoescape=select_autoescape(default_for_string=True, default=True),
        undefined=StrictUndefined,
    )


def _write_assets(folder: Path, dashboard: Dashboard, build: str) -> list[str]:
    """Copy and write what the pages load; return the dashboard's scripts in their order."""
    folder.mkdir()
    scripts = []
    for file in ensure_libraries(pinned_libraries()):
        shutil.copyfile(file, folder / file.name)
        scripts.append(file.name)
    for licence in CACHE.glob("vega*-LICENSE"):
        shutil.copyfile(licence, folder / licence.name)
    for file in STATIC.iterdir():
        shutil.copyfile(file, folder / file.name)
    text = json.dumps(dashboard.as_data(), ensure_ascii=False, separators=(",", ":"))
    (folder / "data.js").write_text(f"window.imrData = {text};\n", "utf-8")
    return [*scripts, f"data.js?v={build}", f"dashboard.js?v={build}"]


def _front(dashboard: Dashboard) -> dict[str, Any]:
    cubes = dashboard.cubes
    totals = next(row for row in cubes["totals"] if row["period"] == "all")
    headline = next(
        (row["headline"] for row in cubes["headlines"] if (row["chart"], row["period"]) == ("all", "all")),
        "No decision yet",
    )
    return {
        "headline": headline,
        "totals": totals,
        "periods": dashboard.periods,
        "sections": dashboard.layout["section"],
    }
