"""How old the published letters are, as dbt was last asked."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imr.settings import Settings
from imr.steps import store
from warehouse.files import write_json
from warehouse.freshness import SourceAge, source_ages


def check_freshness(settings: Settings) -> list[SourceAge]:
    """Ask dbt how old each raw table of the published version is; keep the answer for `imr status`."""
    current = store(settings).current()
    if current is None:
        return []
    ages = source_ages(current.full, settings.home / "freshness")
    checked = {"checked_at": datetime.now(UTC).isoformat(timespec="seconds"), "version": current.number}
    write_json(freshness_file(settings), checked | {"sources": [asdict(age) for age in ages]})
    return ages


def last_freshness(settings: Settings) -> dict[str, Any] | None:
    """Return what `check_freshness` found last; `None` before the first time."""
    path = freshness_file(settings)
    found: dict[str, Any] | None = json.loads(path.read_text("utf-8")) if path.exists() else None
    return found


def freshness_file(settings: Settings) -> Path:
    """Where the last answer on freshness is kept."""
    return settings.home / "freshness.json"
