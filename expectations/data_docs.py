"""Data Docs: a static site with one page per validation, which loads nothing from the network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.data_context.types.resource_identifiers import ExpectationSuiteIdentifier

SITE = Path("gx", "uncommitted", "data_docs", "local_site")
_STORE = Path("gx", "uncommitted", "validations")
_REWRITTEN = ("checkpoints", "expectations", "validation_definitions")
_PAGE = {"module_name": "expectations.data_docs_view", "class_name": "Page"}
_SITES = {
    "local_site": {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": "uncommitted/data_docs/local_site/",
        },
        "site_section_builders": {"expectations": {"view": _PAGE}, "validations": {"view": _PAGE}, "profiling": "None"},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "view": _PAGE},
    }
}


def open_context(home: Path) -> Any:
    """Return the GX project under `home`, without usage statistics and progress bars.

    Removes configuration, suites and truncated validations first: GX writes files in place, so a gate that was
    killed may leave files that no later gate can read. Complete validations stay.
    """
    for name in _REWRITTEN:
        shutil.rmtree(home / "gx" / name, ignore_errors=True)
    for name in ("great_expectations.yml", "uncommitted/config_variables.yml"):
        (home / "gx" / name).unlink(missing_ok=True)
    for file in (home / _STORE).glob("*/*/*/*.json"):
        if not _is_json(file):
            file.unlink()
    context = gx.get_context(mode="file", project_root_dir=str(home))
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context.variables.data_docs_sites = _SITES
    context.enable_analytics(False)
    return context


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_bytes())
    except ValueError:
        return False
    return True


def build_pages(context: Any, validations: Sequence[Any], home: Path) -> tuple[Path, ...]:
    """Write the pages of these validations and their suites, and the index; return the validations' pages.

    Pages of earlier runs are not built again, so the cost does not grow with history.
    """
    suites = [ExpectationSuiteIdentifier(name=v.expectation_suite_identifier.name) for v in validations]
    context.build_data_docs(resource_identifiers=[*validations, *suites])
    site = home.resolve() / SITE
    return tuple((site / "validations").joinpath(*v.to_tuple()).with_suffix(".html") for v in validations)


def prune(home: Path, *, keep: int) -> None:
    """Remove the validations of all runs but the last `keep`, from the store and the site."""
    runs = {run.name for run in (home / _STORE).glob("*/*/")}
    newest = sorted(runs, key=lambda name: _last_validated(home, name))[-keep:]
    for name in runs - set(newest):
        for folder in (*(home / _STORE).glob(f"*/{name}"), *(home / SITE / "validations").glob(f"*/{name}")):
            shutil.rmtree(folder)


def _last_validated(home: Path, run: str) -> str:
    """Return the folder name of a run's last validation; GX names folders by time, so names sort by time."""
    return max((time.name for time in (home / _STORE).glob(f"*/{run}/*/")), default="")
