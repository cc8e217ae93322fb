"""Copies the load report, Data Docs and dbt docs to the site, without paths of the machine that ran the load."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from imr.context import Context
from imr.reporting.report import format_page, make_report
from warehouse.runs.run import Run
from warehouse.runs.step_results import ScanResult

_RUN_KEYS = frozenset(
    {"build_path", "checksum", "compiled_path", "created_at", "doc_blocks", "root_path", "unrendered_config"}
)
_TEST_KEYS = ("compiled_code", "relation_name", "contract", "file_key_name", "docs")
_COLUMN_KEYS = frozenset({"config", "doc_blocks", "granularity", "meta", "quote", "tags"})


def write_report(context: Context, run: Run, target: Path, places: dict[str, str]) -> bool:
    """Write the load's report with links into the site instead of local paths; return whether there is one."""
    if run.find_result(ScanResult) is None:
        return False
    report = replace(make_report(context, run), places=places, inbox=None)
    target.write_text(format_page(report, linked=True), "utf-8")
    return True


def copy_data_docs(source: Path, target: Path) -> bool:
    """Copy Data Docs, with a link back to the dashboard on each page; return whether there are any.

    Leaves out GX's own static files (four megabytes), which no page uses.
    """
    if not (source / "index.html").exists():
        return False
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("static"))
    for page in target.rglob("*.html"):
        root = "../" * len(page.relative_to(target).parts)
        link = f'<body>\n<p><a href="{root}index.html">Dashboard and all documents</a></p>'
        page.write_text(page.read_text("utf-8").replace("<body>", link, 1), "utf-8")
    return True


def write_dbt_docs(dbt: Path, target: Path) -> bool:
    """Write dbt docs as one page; return whether there are any."""
    page, manifest, catalog = dbt / "index.html", dbt / "manifest.json", dbt / "catalog.json"
    if not (page.exists() and manifest.exists() and catalog.exists()):
        return False
    html = page.read_text("utf-8")
    for name, content in (
        ("MANIFEST", _reduce_manifest(json.loads(manifest.read_text("utf-8")))),
        ("CATALOG", json.loads(catalog.read_text("utf-8"))),
    ):
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
        html = html.replace(f'"{name}.JSON INLINE DATA"', text)
    # Unrendered templates of the page, which a browser requests as if they were files.
    html = html.replace("""xlink:href="{{ getIcon""", """ng-href="{{ getIcon""")
    html = html.replace("""href="${require('./assets/favicons/favicon.ico')}\"""", """href="data:,\"""")
    target.write_text(html, "utf-8")
    return True


def _reduce_manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    """Drop what the page does not show: dbt's own macros, details of runs, paths of this machine."""
    project = f"macro.{manifest['metadata']['project_name']}."
    manifest["macros"] = {name: macro for name, macro in manifest["macros"].items() if name.startswith(project)}
    nodes = (*manifest["nodes"].values(), *manifest["unit_tests"].values())
    for node in (*nodes, *manifest["macros"].values()):
        for name in _RUN_KEYS.intersection(node):
            node[name] = {} if isinstance(node[name], dict) else None
        used = node.get("depends_on") or {}
        used["macros"] = [name for name in used.get("macros", []) if name.startswith(project)]
        for column in node.get("columns", {}).values() if isinstance(node.get("columns"), dict) else ():
            for name in _COLUMN_KEYS.intersection(column):
                del column[name]
        if node["resource_type"] == "test":
            node.update(dict.fromkeys(_TEST_KEYS), config={"severity": node["config"]["severity"]})
            if node.get("test_metadata"):  # of a generic test: a macro call
                node["raw_code"] = ""
    return manifest
