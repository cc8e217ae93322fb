"""Data Docs and run reports in Airflow's own web server, behind its login: a browser opens no file from a web page.

Registered as an Airflow plugin by `pyproject.toml`. Every Airflow process imports this module, so it imports
nothing else before it is asked for a page.
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
    """Answer a request: an ASGI application that is made at the first one."""
    await _application()(scope, receive, send)


class ImrPages(AirflowPlugin):
    """The pages under `/imr`."""

    name = "imr_pages"
    fastapi_apps = [{"app": serve, "url_prefix": PREFIX, "name": "imr pages"}]  # noqa: RUF012 - as Airflow declares it


@cache
def _application() -> Any:
    from airflow.api_fastapi.core_api.security import get_user  # noqa: PLC0415 - see the module's docstring
    from fastapi import Depends, FastAPI, HTTPException  # noqa: PLC0415
    from fastapi.responses import FileResponse  # noqa: PLC0415

    # A plugin's routes are not behind Airflow's login by themselves: this dependency is the login.
    application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(get_user)])

    @application.get("/{place}/{path:path}")
    def page(place: str, path: str) -> Any:
        file = find(place, path)
        if file is None:
            raise HTTPException(404, "there is no such page; older ones are removed")
        return FileResponse(file, headers={"Content-Security-Policy": NO_SCRIPTS})

    return application


def find(place: str, path: str) -> Path | None:
    """Return the file of a page: of Data Docs, or a run's report; `None` for anything else under the home."""
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
