"""Serves Data Docs and run reports in Airflow's web server, behind its login.

Browsers do not open a local file from a web page, so links need an address. Registered as an Airflow plugin in
`pyproject.toml`. Every Airflow process imports this module, so it imports others only when a page is requested.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

from airflow.plugins_manager import AirflowPlugin

PREFIX = "/imr"
Message = MutableMapping[str, Any]
NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
SUFFIXES = {".html", ".css", ".png", ".svg", ".ico", ".otf", ".gif"}


async def serve(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer a request: an ASGI application, created at the first one."""
    await make_application()(scope, receive, send)


class ImrPages(AirflowPlugin):
    """The pages under `/imr`."""

    name = "imr_pages"
    fastapi_apps = [{"app": serve, "url_prefix": PREFIX, "name": "imr pages"}]  # noqa: RUF012 - declared so by Airflow


@cache
def make_application() -> Any:
    """Return the FastAPI application of the pages."""
    from airflow.api_fastapi.core_api.security import get_user  # noqa: PLC0415 - see the module's docstring
    from fastapi import Depends, FastAPI, HTTPException  # noqa: PLC0415
    from fastapi.responses import FileResponse  # noqa: PLC0415

    # Airflow does not require a login for a plugin's routes; this dependency does.
    application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(get_user)])

    @application.get("/{place}/{path:path}")
    def page(place: str, path: str) -> Any:
        file = find_page(place, path)
        if file is None:
            raise HTTPException(404, "no such page; pages of old runs are removed")
        return FileResponse(file, headers={"Content-Security-Policy": NO_SCRIPTS})

    return application


def find_page(place: str, path: str) -> Path | None:
    """Return the file of a Data Docs page or a run's report; `None` for any other file in the home."""
    from imr.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    if place == "data-docs":
        root, file = settings.data_docs, settings.data_docs / path
    elif place == "runs" and Path(path).name == "report.html" and len(Path(path).parts) == 2:
        root, file = settings.runs, settings.runs / path
    else:
        return None
    file = file.resolve()
    return file if file.is_relative_to(root.resolve()) and file.suffix in SUFFIXES and file.is_file() else None
