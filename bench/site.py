"""Measures how fast the site of a large warehouse is built and opened, and its size: `make bench-site`.

`MARTS=marts.duckdb` measures an existing BI file; otherwise one of N synthetic letters is built (100,000 take three
minutes). The site is opened in headless Chromium over loopback with an empty cache, until every chart is drawn.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.warehouse import publish_history
from imr.pipeline.steps import store
from imr.settings import Settings
from imr.site.build import build_site, site_folder
from imr.site.serve import LOOPBACK, make_server
from warehouse.intake.inbox import hash_file

CHROMIUM = "/usr/bin/chromium"
ROUNDS = 5


def main() -> None:
    """Measure, and print the rows of the table in docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=100_000, help="synthetic letters")
    parser.add_argument("--marts", type=Path, help="a BI file to measure instead")
    parser.add_argument("--keep", type=Path, help="a home folder to build in and to keep")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="imr-bench-") as temporary:
        home = options.keep or Path(temporary)
        settings = Settings(home=home)
        if options.marts:
            _publish_marts(settings, options.marts)
        else:
            publish_history(settings, options.letters, argparse.Namespace(letters=options.letters, new=0))
        begun = time.perf_counter()
        build_site(settings, shown=True)
        _print_row("build", time.perf_counter() - begun, "s")
        site = site_folder(settings)
        drill_down = _measure_size(site / "decisions")
        _print_row("size without the drill-down", _measure_size(site) - drill_down, "MB")
        _print_row("size of the drill-down", drill_down, "MB")
        _print_row("files of the drill-down", float(len(list((site / "decisions").iterdir()))), "files")
        for name, seconds in _measure_opening(site).items():
            _print_row(name, seconds, "s")


def _publish_marts(settings: Settings, marts: Path) -> None:
    """Publish a version that holds a BI file only, which is all that a site needs."""
    versions = store(settings)
    staged = settings.home / "staged"
    staged.mkdir(parents=True)
    (staged / "imr.duckdb").touch()
    try:
        os.link(marts, staged / "marts.duckdb")
    except OSError:  # on another file system
        (staged / "marts.duckdb").write_bytes(marts.read_bytes())
    current = versions.current()
    manifest = {"run_id": "bench", "published_at": "bench", "rows": {}}
    hashes = {"sha256": {"marts.duckdb": hash_file(marts)}}
    versions.publish(staged, manifest | hashes, based_on=current.number if current else None, keep=2)


def _measure_size(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _measure_opening(site: Path) -> dict[str, float]:
    serving = make_server(site, 0)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    opened, clicked = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        for _ in range(ROUNDS):
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            begun = time.perf_counter()
            page.goto(f"http://{LOOPBACK}:{serving.server_port}/")
            page.wait_for_selector("body[data-shown]")
            opened.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            page.locator("#category .drill_marks [role=button]").first.click()
            page.wait_for_selector("#drilldown tbody tr")
            clicked.append(time.perf_counter() - begun)
            page.context.close()
        browser.close()
    serving.shutdown()
    return {
        "open, every chart drawn (median of 5)": statistics.median(opened),
        "decisions behind a bar listed (median of 5)": statistics.median(clicked),
    }


def _print_row(name: str, value: float, unit: str) -> None:
    print(f"| {name} | {value:,.{0 if unit == 'files' else 2}f} {unit} |", flush=True)  # noqa: T201 - output of the benchmark


if __name__ == "__main__":
    main()
