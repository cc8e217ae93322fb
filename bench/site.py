"""Time to build and to open the site of a large warehouse, and its size: `make bench-site`.

`MARTS=marts.duckdb` measures an existing BI file; otherwise one of N synthetic letters is built (100,000 take three
minutes). The site is opened in headless Chromium over loopback with an empty cache, from the first request until every
chart is drawn.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.warehouse import publish_history, say
from imr.context import Context
from imr.settings import Settings
from imr.site.build import build_site, site_folder
from imr.site.serve import LOOPBACK, make_server
from warehouse.hashing import hash_file
from warehouse.versions.base import MARTS

CHROMIUM = "/usr/bin/chromium"
ROUNDS = 5


def main() -> None:
    """Measure and print, as the table in docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--letters", type=int, default=100_000, help="synthetic letters")
    parser.add_argument("--marts", type=Path, help="an existing BI file")
    parser.add_argument("--keep", type=Path, help="a home folder to build in and to keep")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="imr-bench-") as temporary:
        context = Context(Settings(home=options.keep or Path(temporary)))
        if options.marts:
            _publish_marts(context, options.marts)
        else:
            publish_history(context, options.letters, options.letters)
        begun = time.perf_counter()
        build_site(context, shown=True)
        say("build", time.perf_counter() - begun, "s")
        site = site_folder(context.settings)
        drill_down = _measure_size(site / "decisions")
        say("size without the drill-down", _measure_size(site) - drill_down, "MB")
        say("size of the drill-down", drill_down, "MB")
        say("files of the drill-down", len(list((site / "decisions").iterdir())), "files")
        opened, clicked = _measure_opening(site)
        say(f"open, every chart drawn (median of {ROUNDS})", opened, "s")
        say(f"decisions behind a bar listed (median of {ROUNDS})", clicked, "s")


def _publish_marts(context: Context, marts: Path) -> None:
    """Publish a BI file alone; a site needs nothing else of a version."""
    staged = context.settings.home / "staged"
    staged.mkdir(parents=True)
    shutil.copyfile(marts, staged / MARTS)
    manifest = {"run_id": "bench", "published_at": "bench", "rows": {}, "sha256": {MARTS: hash_file(marts)}}
    current = context.current
    context.versions.publish(staged, manifest, based_on=current.number if current else None, keep=2)


def _measure_size(folder: Path) -> float:
    """Return the size of a folder's files in MB."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _measure_opening(site: Path) -> tuple[float, float]:
    """Return the seconds until every chart is drawn, and until the decisions behind a clicked bar are listed."""
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
            page.wait_for_selector("#behind tbody tr")
            clicked.append(time.perf_counter() - begun)
            page.context.close()
        browser.close()
    serving.shutdown()
    return statistics.median(opened), statistics.median(clicked)


if __name__ == "__main__":
    main()
