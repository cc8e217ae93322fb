"""Pages in Airflow's web server: behind its login, and only Data Docs and run reports."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from imr.airflow import pages
from imr.settings import Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = Settings(home=tmp_path / "home")
    monkeypatch.setenv("IMR_HOME", str(settings.home))
    for file in (
        settings.data_docs / "index.html",
        settings.runs / "one" / "report.html",
        settings.runs / "one" / "report.json",
        settings.home / "airflow" / "keys.html",
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("<p>page")
    return settings


@pytest.mark.slow
def test_pages_need_a_login(home: Settings) -> None:
    answer = TestClient(pages.make_application()).get("/data-docs/index.html")
    assert answer.status_code == 401
    assert "page" not in answer.text


@pytest.mark.slow
def test_served_pages_run_no_script(home: Settings) -> None:
    from airflow.api_fastapi.core_api.security import get_user  # noqa: PLC0415 - four seconds

    application = pages.make_application()
    application.dependency_overrides[get_user] = lambda: "ann"
    try:
        client = TestClient(application)
        for page in ("/data-docs/index.html", "/runs/one/report.html"):
            answer = client.get(page)
            assert (answer.status_code, answer.text) == (200, "<p>page")
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert client.get("/data-docs/none.html").status_code == 404
    finally:
        application.dependency_overrides.clear()


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("data-docs", "../../../../../airflow/keys.html"),
        ("data-docs", "/etc/passwd"),
        ("runs", "one/report.json"),
        ("runs", "../airflow/report.html"),
        ("airflow", "keys.html"),
    ],
)
def test_no_other_file_of_the_home_is_served(home: Settings, place: str, path: str) -> None:
    assert pages.find_page("runs", "one/report.html") is not None
    assert pages.find_page(place, path) is None
