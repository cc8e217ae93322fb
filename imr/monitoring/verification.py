"""Compares the files of the published version with its manifest; `dags/imr_watch.py` does it once a day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from imr.context import Context
from imr.reporting.notices import Notice
from imr.reporting.runbook import DOCUMENT
from imr.settings import Settings
from warehouse.files import read_json, write_json

DAMAGED = "The warehouse is damaged"
"""Heading of the runbook."""


def verify_current(context: Context) -> list[str]:
    """Return which files of the published version are not as published; keep it for `imr status`."""
    current = context.current
    damage = current.find_damage() if current else []
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    write_json(_find_file(context.settings), {"day": day, "version": current and current.number, "damage": damage})
    return damage


def was_verified_today(context: Context) -> bool:
    """Whether the current version was compared today (UTC)."""
    return (read_json(_find_file(context.settings)) or {}).get("day") == f"{datetime.now(UTC):%Y-%m-%d}"


def list_known_damage(context: Context) -> list[str]:
    """Return what the last comparison found, if it was of the version that is current now."""
    last, current = read_json(_find_file(context.settings)) or {}, context.current
    damage: list[str] = last.get("damage", [])
    return damage if current and last.get("version") == current.number else []


def make_damage_notice(context: Context) -> tuple[str, Notice] | None:
    """Return the name of the event (one a day) and its notice where the warehouse is damaged; `None` otherwise."""
    current = context.current
    problems = list(dict.fromkeys([*context.versions.find_problems(), *verify_current(context)]))
    if not problems:
        return None
    notice = Notice(
        subject="the published warehouse is damaged",
        what="\n".join(problems),
        where={"warehouse": context.versions.location}
        | ({"published": f"version {current.number}"} if current else {}),
        todo="Go back to an undamaged version: `imr versions --verify`, then `imr rollback N`.",
        links={"runbook": f"{DOCUMENT}, {DAMAGED!r}"},
    )
    return f"damaged__{datetime.now(UTC):%Y-%m-%d}", notice


def _find_file(settings: Settings) -> Path:
    return settings.home / "verified.json"
