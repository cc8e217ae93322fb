"""Builds the site of the published version and replaces the previous one in one step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from imr.context import Context
from imr.settings import Settings
from imr.site import documents
from imr.site.dashboard import Dashboard, read_dashboards
from imr.site.dictionary import read_dictionary
from imr.site.drill_down import write_decisions
from imr.site.libraries import CACHE, ensure_libraries, pinned_libraries
from warehouse.files import locked
from warehouse.versions.base import Version

STATIC = Path(__file__).parent / "static"

PAGES = {
    "report.html": ("Load report", "Files, quarantine and checks of the load that published this version."),
    "data_docs/index.html": ("Data Docs", "Results of every gate rule, by load (Great Expectations)."),
    "dbt.html": ("dbt docs", "Models with lineage, SQL and tests."),
    "dictionary.html": ("Data dictionary", "Each mart with its grain, columns, types and tests."),
}


def site_folder(settings: Settings) -> Path:
    """Return the folder of the site."""
    return settings.home / "site"


def build_site(context: Context, *, shown: bool = False) -> Path:
    """Build the site of the published version; return its first page.

    The previous site stays complete until the new one replaces it. `shown` shows a progress bar. Raises
    `WarehouseError` before the first publication, or if a library of the dashboard cannot be downloaded.
    """
    version, site = context.versions.require_current(), site_folder(context.settings)
    with locked(context.settings.home / ".site.lock"):
        new, old = site.with_name(".site.new"), site.with_name(".site.old")
        for folder in (new, old):
            shutil.rmtree(folder, ignore_errors=True)
        new.mkdir(parents=True)
        _write_site(version, context, new, shown=shown)
        if site.exists():
            site.rename(old)
        new.rename(site)
        shutil.rmtree(old, ignore_errors=True)
    return site / "index.html"


def _write_site(version: Version, context: Context, folder: Path, *, shown: bool) -> None:
    manifest, settings = version.manifest, context.settings
    run = context.open_run(manifest["run_id"])
    dashboards = read_dashboards(version.marts)
    links = {title: page for page, (title, _) in PAGES.items() if page != "report.html"}
    written = {
        "dictionary.html": True,
        "report.html": documents.write_report(context, run, folder / "report.html", links),
        "data_docs/index.html": documents.copy_data_docs(settings.data_docs, folder / "data_docs"),
        "dbt.html": documents.write_dbt_docs(run.dbt, folder / "dbt.html"),
    }
    # Every address holds the build, so that a browser does not use cached files of another version.
    common = {
        "build": f"{version.number}-{manifest['sha256']['marts.duckdb'][:8]}",
        "version": version.number,
        "published_at": manifest["published_at"],
        "run_id": manifest["run_id"],
        "pages": [{"href": page.file, "title": page.name, "text": page.text} for page in dashboards]
        + [{"href": p, "title": title, "text": text} for p, (title, text) in PAGES.items() if written[p]],
    }
    scripts = _write_assets(folder / "assets", dashboards)
    templates = Environment(
        loader=PackageLoader("imr.site"),
        autoescape=select_autoescape(default_for_string=True, default=True),
        undefined=StrictUndefined,
    )
    for page in dashboards:
        text = templates.get_template("charts.html.j2").render(
            **common, here=page.file, dashboard=page, **_summarize(page), scripts=scripts
        )
        (folder / page.file).write_text(text, "utf-8")
    marts = read_dictionary(version.marts, run.dbt)
    text = templates.get_template("dictionary.html.j2").render(**common, here="dictionary.html", marts=marts)
    (folder / "dictionary.html").write_text(text, "utf-8")
    write_decisions(version.marts, folder / "decisions", shown=shown)


def _write_assets(folder: Path, dashboards: list[Dashboard]) -> list[str]:
    """Write scripts, styles and the data of each page; return the names of the libraries in loading order."""
    folder.mkdir()
    libraries = ensure_libraries(pinned_libraries())
    for file in (*libraries, *CACHE.glob("vega*-LICENSE"), *STATIC.iterdir()):
        shutil.copyfile(file, folder / file.name)
    for page in dashboards:
        text = json.dumps(page.as_data(), ensure_ascii=False, separators=(",", ":"))
        (folder / f"{page.file}.js").write_text(f"window.imrData = {text};\n", "utf-8")
    return [file.name for file in libraries]


def _summarize(dashboard: Dashboard) -> dict[str, Any]:
    """Return what a page holds before its script runs."""
    return {
        "headline": dashboard.find_headline(default="No decision yet"),
        "totals": next(row for row in dashboard.rows["totals"] if row["period"] == "all"),
    }
