"""What a run's report page tells besides the counts: when, how long each step took, what was built."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from imr.reporting.runbook import chapter_of
from warehouse.runs.run import Run

Outcome = dict[str, Any]
Outcomes = Mapping[str, Outcome | None]

TOLD = {
    "scan": "looked at the drop folder",
    "extract": "read the letters",
    "gate_batch": "checked the batch",
    "load": "loaded raw tables and ledger",
    "transform": "built the marts with dbt",
    "gate_marts": "checked the marts",
    "publish": "made the candidate a version",
    "settle": "brought the files to their place",
}


def details(run: Run, outcomes: Outcomes) -> dict[str, Any]:
    """Return the parts of a report that come from the steps' outcomes alone, all of them plain values."""
    begun = [o["begun_at"] for o in outcomes.values() if o and o.get("begun_at")]
    load, transform, publish = ((outcomes.get(step) or {}) for step in ("load", "transform", "publish"))
    return {
        "begun_at": min(begun, default=None),
        "ended_at": max(filter(None, map(ended, outcomes.values())), default=None),
        "built_on": (outcomes.get("scan") or {}).get("based_on"),
        "timings": _timings(outcomes),
        "raw_rows": load.get("rows") or {},
        "dbt_nodes": transform.get("nodes") or {},
        "mart_rows": publish.get("rows") or {},
        "waiting_by_reason": (outcomes.get("scan") or {}).get("waiting_by_reason") or {},
        "todo": [
            {"step": step, "heading": chapter.heading, "todo": chapter.todo}
            for step, outcome in outcomes.items()
            if outcome and outcome["state"] != "done" and (chapter := chapter_of(outcome.get("error") or ""))
        ],
    }


def ended(outcome: Outcome | None) -> str | None:
    """Return when a step ended (UTC, ISO); `None` where it did not begin, or was killed."""
    if outcome and outcome.get("ended_at"):
        return str(outcome["ended_at"])
    if not outcome or not outcome.get("begun_at") or outcome.get("seconds") is None:
        return None
    end = datetime.fromisoformat(outcome["begun_at"]) + timedelta(seconds=outcome["seconds"])
    return end.isoformat(timespec="seconds")


def _timings(outcomes: Outcomes) -> list[dict[str, Any]]:
    """Return each step that ran with its seconds and its share of the longest, in percent, for a bar."""
    ran = {step: o for step, o in outcomes.items() if o}
    longest = max((o.get("seconds") or 0 for o in ran.values()), default=0)
    return [
        {
            "step": step,
            "what": TOLD.get(step, ""),
            "state": o["state"],
            "seconds": o.get("seconds"),
            "tasks": o.get("tasks", 1),
            "percent": round(100 * (o.get("seconds") or 0) / longest, 1) if longest else 0,
        }
        for step, o in ran.items()
    ]
