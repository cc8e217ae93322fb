"""The documents beside the dashboard: a load's report, Data Docs and dbt's documentation, made to stand in one folder.

Their originals name other hosts or places on the machine that ran the load. The copies do not.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from imr.report import as_page, make_report
from imr.settings import Settings
from imr.site import libraries
from warehouse.run import Run
from warehouse.versions import VersionStore

DATA_DOCS = Path("gx") / "uncommitted" / "data_docs" / "local_site"
UNUSED_IMAGES = {"glossary_scroller.gif", "validation_failed_unexpected_values.gif", "iterative-dev-loop.png"}
"""A tutorial's pictures, three megabytes, that no page of ours shows."""

_EXTERNAL = re.compile(
    r"""<script\b[^>]*\bsrc=["'](?P<script>https?://[^"']+)["'][^>]*>\s*</script>"""
    r"""|<link\b[^>]*\bhref=["'](?P<style>https?://[^"']+)["'][^>]*>"""
    r"""|<img\b[^>]*\bsrc=["'](?P<image>https?://[^"']+)["'][^>]*>""",
    re.IGNORECASE,
)
_EXTERNAL_STYLE = re.compile(r"""url\(\s*['"]?https?://[^)]*\)""")
_ABOUT_RUNS = frozenset(
    {"build_path", "checksum", "compiled_path", "created_at", "doc_blocks", "unrendered_config", "unrendered_database"}
)


def write_report(run: Run, versions: VersionStore, settings: Settings, target: Path, places: dict[str, str]) -> bool:
    """Write the load's report with links into the site instead of places on the machine; say whether there is one."""
    if not run.step_file("scan").exists():
        return False
    report = make_report(run, versions, settings)
    target.write_text(as_page(report | {"places": places, "drop_folder": None}, linked=True), "utf-8")
    return True


def copy_data_docs(gx_home: Path, target: Path) -> bool:
    """Copy Data Docs so that they ask no other host; say whether there are any."""
    source = gx_home / DATA_DOCS
    if not (source / "index.html").exists():
        return False
    shutil.copytree(source, target, ignore=lambda _, names: UNUSED_IMAGES.intersection(names))
    pinned = libraries.pinned("data_docs")
    for file in libraries.ensure(pinned):
        shutil.copyfile(file, target / "static" / file.name)
    local = {library.replaces: library.name for library in pinned}
    for page in target.rglob("*.html"):
        root = "../" * (len(page.relative_to(target).parts) - 1)
        page.write_text(_without_hosts(page.read_text("utf-8"), local, f"{root}static/"), "utf-8")
    for style in target.rglob("*.css"):
        style.write_text(_EXTERNAL_STYLE.sub("none", style.read_text("utf-8")), "utf-8")
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
        ("CATALOG", json.loads(catalog.read_text("utf-8"))),
    ):
        text = json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
        html = html.replace(f'"{name}.JSON INLINE DATA"', text)
    target.write_text(html, "utf-8")
    return True


def _slim(manifest: dict[str, Any]) -> dict[str, Any]:
    project = manifest["metadata"]["project_name"]
    for macro in manifest["macros"].values():
        if macro["package_name"] != project:
            macro["macro_sql"] = "-- dbt's own"
    for node in (*manifest["nodes"].values(), *manifest["unit_tests"].values()):
        for name in _ABOUT_RUNS.intersection(node):
            node[name] = {} if isinstance(node[name], dict) else None
        if node["resource_type"] == "test":
            node["compiled_code"] = None
    return manifest
