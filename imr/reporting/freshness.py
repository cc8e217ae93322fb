"""Age of the published letters, by dbt's source freshness."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imr.context import Context
from imr.settings import Settings
from warehouse.build.freshness import SourceAge, find_source_ages
from warehouse.files import read_json, write_json


def check_freshness(context: Context) -> list[SourceAge]:
    """Return the age of each raw table of the published version, and keep it for `imr status`."""
    current = context.current
    if current is None:
        return []
    ages = find_source_ages(current.contents, context.settings.home / "freshness")
    checked = {"checked_at": datetime.now(UTC).isoformat(timespec="seconds"), "version": current.number}
    write_json(_find_file(context.settings), checked | {"sources": [asdict(age) for age in ages]})
    return ages


def read_last_freshness(settings: Settings) -> dict[str, Any] | None:
    """Return what `check_freshness` found last; `None` before the first time."""
    found: dict[str, Any] | None = read_json(_find_file(settings))
    return found


def _find_file(settings: Settings) -> Path:
    return settings.home / "freshness.json"
