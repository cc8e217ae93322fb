"""The documents beside the dashboard: a load's report, Data Docs and dbt's documentation, made to stand in one folder.

Their originals name other hosts or places on the machine that ran the load. The copies do not.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from imr.context import Context
from imr.reporting.report import format_page, make_report
from imr.site import libraries
from warehouse.runs.run import Run
from warehouse.runs.step_results import ScanResult

DATA_DOCS = Path("gx") / "uncommitted" / "data_docs" / "local_site"
LEFT_OUT = (
    *("glossary_scroller.gif", "validation_failed_unexpected_values.gif", "iterative-dev-loop.png", "fonts"),
    *("short-logo*", "logo-long*"),
)
"""A tutorial's pictures that no page of ours shows, logos, and a font: four megabytes. The reader's own font does."""

_EXTERNAL = re.compile(
    r"""<script\b[^>]*\bsrc=["'](?P<script>https?://[^"']+)["'][^>]*>\s*</script>"""
    r"""|<link\b[^>]*\bhref=["'](?P<style>https?://[^"']+)["'][^>]*>"""
    r"""|<img\b[^>]*\bsrc=["'](?P<image>https?://[^"']+)["'][^>]*>""",
    re.IGNORECASE,
)
_EXTERNAL_STYLE = re.compile(r"""url\(\s*['"]?https?://[^)]*\)|@font-face\s*\{[^}]*\}""")
_BACK = r'\g<0><p style="margin:.5rem 1rem"><a href="{root}../index.html">Dashboard and all documents</a></p>'
_NO_ICON = '<link rel="icon" href="data:,">'  # a browser asks for one where none is named
_ABOUT_RUNS = frozenset(
    {"build_path", "checksum", "compiled_path", "created_at", "doc_blocks", "root_path", "unrendered_config"}
)
_OF_TESTS = ("compiled_code", "relation_name", "contract", "file_key_name", "docs")
_COLUMN_EXTRAS = frozenset({"config", "doc_blocks", "granularity", "meta", "quote", "tags"})


def write_report(context: Context, run: Run, target: Path, places: dict[str, str]) -> bool:
    """Write the load's report with links into the site instead of local paths; return whether there is one."""
    if run.find_result(ScanResult) is None:
        return False
    report = replace(make_report(context, run), places=places, inbox=None)
    target.write_text(format_page(report, linked=True), "utf-8")
    return True


def copy_data_docs(gx_home: Path, target: Path) -> bool:
    """Copy Data Docs so that they ask no other host; say whether there are any."""
    source = gx_home / DATA_DOCS
    if not (source / "index.html").exists():
        return False
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
    pinned = libraries.pinned("data_docs")
    for file in libraries.ensure(pinned):
        shutil.copyfile(file, target / "static" / file.name)
    local = {library.replaces: library.name for library in pinned}
    for page in target.rglob("*.html"):
        root = "../" * (len(page.relative_to(target).parts) - 1)
        text = _without_hosts(page.read_text("utf-8"), local, f"{root}static/")
        text = text.replace("</head>", f"{_NO_ICON}</head>", 1)
        page.write_text(re.sub("<body[^>]*>", _BACK.format(root=root), text, count=1), "utf-8")
    for style in target.rglob("*.css"):
        style.write_text(_EXTERNAL_STYLE.sub("none", style.read_text("utf-8")), "utf-8")
    with (target / "static" / "styles" / "data_docs_default_styles.css").open("a", encoding="utf-8") as style_file:
        style_file.write(Path(__file__).with_name("data_docs.css").read_text("utf-8"))
    return True


def _without_hosts(html: str, local: dict[str | None, str], static: str) -> str:
    """Return a page whose scripts and styles are the site's own; what has no copy here is left out."""

    def replaced(found: re.Match[str]) -> str:
        url = found["script"] or found["style"] or found["image"]
        name = local.get(url)
        if name is None:
            return ""
        if found["script"]:
            return f'<script src="{static}{name}"></script>'
        return f'<link rel="stylesheet" href="{static}{name}">'

    return _EXTERNAL_STYLE.sub("none", _EXTERNAL.sub(replaced, html))


def copy_dbt_docs(dbt: Path, target: Path) -> bool:
    """Write dbt's documentation as one page, without what it says of the machine and of dbt's own macros' code."""
    page, manifest, catalog = dbt / "index.html", dbt / "manifest.json", dbt / "catalog.json"
    if not (page.exists() and manifest.exists() and catalog.exists()):
        return False
    html = page.read_text("utf-8")
    for name, content in (
        ("MANIFEST", _slim(json.loads(manifest.read_text("utf-8")))),
        ("CATALOG", _without_tests(json.loads(catalog.read_text("utf-8")))),
    ):
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
        html = html.replace(f'"{name}.JSON INLINE DATA"', text)
    # Two slips of the page that a browser asks for as if they were files.
    html = html.replace("""xlink:href="{{ getIcon""", """ng-href="{{ getIcon""")
    html = html.replace("""href="${require('./assets/favicons/favicon.ico')}\"""", """href="data:,\"""")
    target.write_text(html, "utf-8")
    return True


def _slim(manifest: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the page never shows: dbt's own macros, how tests were run, paths of this machine."""
    project = f"macro.{manifest['metadata']['project_name']}."
    manifest["macros"] = {name: macro for name, macro in manifest["macros"].items() if name.startswith(project)}
    nodes = (*manifest["nodes"].values(), *manifest["unit_tests"].values())
    for node in (*nodes, *manifest["macros"].values()):
        for name in _ABOUT_RUNS.intersection(node):
            node[name] = {} if isinstance(node[name], dict) else None
        used = node.get("depends_on") or {}
        used["macros"] = [name for name in used.get("macros", []) if name.startswith(project)]
        for column in node.get("columns", {}).values() if isinstance(node.get("columns"), dict) else ():
            for name in _COLUMN_EXTRAS.intersection(column):
                del column[name]
        if node["resource_type"] == "test":
            node.update(dict.fromkeys(_OF_TESTS), config={"severity": node["config"]["severity"]})
            if node.get("test_metadata"):  # a generic test's own code is a macro's call
                node["raw_code"] = ""
    return manifest


def _without_tests(catalog: dict[str, Any]) -> dict[str, Any]:
    """Leave out the tables in which failing rows are kept."""
    catalog["nodes"] = {name: node for name, node in catalog["nodes"].items() if not name.startswith("test.")}
    return catalog
