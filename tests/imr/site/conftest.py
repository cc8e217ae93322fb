"""A site built from the sample letters, served on loopback, and a browser."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from imr.site.build import build_site
from imr.site.serve import LOOPBACK, make_server
from tests.conftest import PROJECT
from tests.support.home import Home

CHROMIUM = shutil.which("chromium")
ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
SCREENSHOTS = PROJECT / "var" / "screenshots"


@pytest.fixture(scope="session")
def built(_loaded_once: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a site, for tests that do not change it."""
    path = tmp_path_factory.mktemp("site") / "home"
    shutil.copytree(_loaded_once.path, path, symlinks=True)
    home = Home(path)
    build_site(home.context)
    return home


@pytest.fixture(scope="session")
def address(built: Home) -> Iterator[str]:
    """The site's address on a free port of loopback."""
    serving = make_server(built.path / "site", 0)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield f"http://{LOOPBACK}:{serving.server_port}"
    serving.shutdown()
    serving.server_close()
    thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@dataclass
class Tab:
    """A browser tab that records console messages, errors and requests."""

    page: Page
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda m: self.problems.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.problems.append(str(e)))
        self.page.on("requestfailed", lambda r: self.problems.append(f"{r.url}: {r.failure}"))
        self.page.on("response", lambda r: r.status >= 400 and self.problems.append(f"{r.url}: {r.status}"))
        self.page.on("request", lambda r: self.requests.append(r.url))

    def open_dashboard(self, address: str) -> Page:
        self.page.goto(address)
        self.page.wait_for_selector("body[data-shown=all]")
        return self.page

    def drawn(self, chart: str) -> list[dict[str, Any]]:
        """Return the rows of a chart, as the browser drew them."""
        rows: list[dict[str, Any]] = self.page.evaluate(
            "(id) => [...document.querySelectorAll(`#${id} .chart`)][0].view.data('rows')", chart
        )
        return rows

    def keep(self, name: str) -> None:
        """Keep a screenshot as test output."""
        folder = Path(os.environ.get("IMR_SCREENSHOTS", SCREENSHOTS))
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png", full_page=True)


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    yield Tab(context.new_page())
    context.close()
