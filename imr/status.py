"""What a person asks of the house: what is published, where every file is, what waits, what wants them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from extract.read import SUFFIXES
from extract.reasons import Reason
from imr.freshness import last_freshness
from imr.review import all_offers
from imr.settings import Settings
from imr.show import printable
from imr.steps import rooms, store
from warehouse import reviews
from warehouse.listing import list_letters
from warehouse.query import query
from warehouse.run import Run
from warehouse.versions import Version, VersionStore

RUNS_TOLD = 5
NAMES_TOLD = 3
Status = dict[str, Any]

_FILES = """
    select latest_status as outcome, quarantine_reason as reason, count(*) as files,
        list(source_path order by seen_at desc)[:3] as newest
    from marts.fct_intake
    where is_latest_attempt
    group by all order by all
"""


def make_status(settings: Settings) -> Status:
    """Return the state of the house, as `imr status --format json` prints it.

    Files are counted once a name and content, by how their newest reading ended.
    """
    versions = store(settings)
    current = versions.current()
    files = query(current.full, _FILES).to_pylist() if current else []
    runs = last_runs(settings)
    inbox = _inbox(settings, runs)
    return {
        "published": _published(current) if current else None,
        "files": {
            "seen": sum(row["files"] for row in files),
            "by_outcome": _summed(files, "outcome"),
            "quarantined_by_reason": _summed([f for f in files if f["outcome"] == "quarantined"], "reason"),
        },
        "inbox": inbox,
        "reviews": _reviews(settings, current),
        "freshness": last_freshness(settings),
        "runs": [tell_run(run) for run in runs[:RUNS_TOLD]],
        "for_a_person": [
            *_rolled_back(versions, current),
            *_stopped(runs),
            *(f"{name} in the drop folder cannot be read: {why}" for name, why in inbox["unreadable"].items()),
            *(_quarantined(row) for row in files if row["outcome"] == "quarantined"),
        ],
    }


def _published(version: Version) -> Status:
    manifest = version.manifest
    return {"version": version.number} | {key: manifest.get(key) for key in ("published_at", "run_id", "based_on")}


def _summed(rows: list[dict[str, Any]], key: str) -> dict[str, int]:
    summed: dict[str, int] = {}
    for row in rows:
        summed[row[key]] = summed.get(row[key], 0) + row["files"]
    return summed


def _reviews(settings: Settings, current: Version | None) -> Status:
    """Return how many letters people may still decide on, and their decisions that no load has written yet."""
    offers = all_offers(settings) if current else []
    names = {offer.sha256: offer.source_path for offer in offers}
    pending = reviews.pending(settings.reviews, current.full if current else None)
    return {
        "open": sum(offer.is_open for offer in offers),
        "decided": sum(not offer.is_open for offer in offers),
        "next_load_writes": [vars(r) | {"source_path": names.get(r.sha256)} for r in pending],
    }


def last_runs(settings: Settings) -> list[Run]:
    """Return the runs that have begun, the newest first."""
    begun = [Run(f) for f in settings.runs.glob("*/") if (f / "steps" / "scan.json").exists()]
    return sorted(begun, key=lambda r: str((r.outcome("scan") or {})["begun_at"]), reverse=True)


def tell_run(run: Run) -> Status:
    """Return a run's id, when it began, and how it ended or where it stands."""
    scan = run.outcome("scan") or {}
    report = _report(run)
    return {
        "run_id": run.run_id,
        "begun_at": scan["begun_at"],
        "verdict": report["verdict"] if report else f"no report yet; last step: {_last_step(run)}",
    }


def _report(run: Run) -> Status | None:
    path = run.report.with_suffix(".json")
    told: Status | None = json.loads(path.read_text("utf-8")) if path.exists() else None
    return told


def _last_step(run: Run) -> str:
    outcomes = [json.loads(f.read_text("utf-8")) for f in (run.folder / "steps").rglob("[!.]*.json")]
    last = max(outcomes, key=lambda o: str(o["begun_at"]))
    return f"{last['step']} ({last['state']})"


def _inbox(settings: Settings, runs: list[Run]) -> Status:
    """Return what lies in the drop folder now; which of it cannot be opened, only the last load tried."""
    drop = rooms(settings).drop
    if not drop.exists():
        return {"place": drop.location, "waiting": 0, "being_written": 0, "oldest": None, "unreadable": {}}
    listing = list_letters(drop, suffixes=SUFFIXES, settle_seconds=settings.settle_seconds)
    refused = {passed.name: passed.problem for passed in listing.refused}
    last = next(
        (r for r in runs if (r.outcome("scan") or {}).get("drop_folder") == drop.location and r.waiting.exists()), None
    )
    names = {entry.name for entry in listing.settled}
    if last:
        rows = pq.read_table(last.waiting).to_pylist()
        refused |= {r["source_path"]: r["detail"] for r in rows if r["detail"] and r["source_path"] in names}
    return {
        "place": drop.location,
        "waiting": len(listing.settled) + len(listing.fresh),
        "being_written": len(listing.fresh),
        "oldest": _time(min((e.modified for e in (*listing.settled, *listing.fresh)), default=None)),
        "unreadable": refused,
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _rolled_back(versions: VersionStore, current: Version | None) -> list[str]:
    newest = max((v.number for v in versions.all()), default=0)
    if current is None or current.number == newest:
        return []
    return [f"readers see version {current.number}, not the newest ({newest}): the next load reads its letters again"]


def _stopped(runs: list[Run]) -> list[str]:
    """Return why the last run did not publish, if it did not."""
    report = _report(runs[0]) if runs else None
    if report is None or not report["failed"]:
        return []
    first = str(report["failed"][0]).splitlines()[0]
    return [f"run {report['run_id']} {report['verdict']}: {first} (see {Path(runs[0].report)})"]


def _quarantined(row: dict[str, Any]) -> str:
    names = ", ".join(row["newest"][:NAMES_TOLD])
    more = f" and {row['files'] - NAMES_TOLD} more" if row["files"] > NAMES_TOLD else ""
    remedy = Reason(row["reason"]).remedy
    return f"{row['files']} quarantined as {row['reason']}: {names}{more}: {remedy}"


def _fresh(found: Status | None) -> list[str]:
    """Return what dbt found of the sources' age, if it was ever asked."""
    if found is None:
        return []
    ages = ", ".join(f"{s['table']} {s['last_loaded'] or 'never'} ({s['state']})" for s in found["sources"])
    return [f"freshness   as of {found['checked_at'][:16].replace('T', ' ')}: {ages}"]


def _decisions(found: Status) -> list[str]:
    """Return what people decide of letters; nothing where there is nothing to decide and nothing was."""
    if not found["open"] and not found["decided"] and not found["next_load_writes"]:
        return []
    pending = [
        f"  next load writes: {review['verdict']} {printable(review['source_path'] or review['sha256'])}, by "
        f"{printable(review['decided_by'])}, {review['decided_at']:%Y-%m-%d %H:%M}"
        + (f": {printable(review['note'])}" if review["note"] else "")
        for review in found["next_load_writes"]
    ]
    return [f"reviews     {found['open']} open (`imr review list`), {found['decided']} decided", *pending]


def as_text(status: Status) -> str:
    """Return the status as a terminal shows it."""
    published, files, inbox = status["published"], status["files"], status["inbox"]
    lines = [
        f"published   version {published['version']}, {published['published_at']}, by run {published['run_id']}"
        if published
        else "published   nothing yet"
    ]
    lines.append(f"files       {files['seen']} seen")
    reasons = ", ".join(f"{reason} {count}" for reason, count in files["quarantined_by_reason"].items())
    lines += [
        f"  {outcome:<14}{count:>8}{'   ' + reasons if outcome == 'quarantined' else ''}"
        for outcome, count in files["by_outcome"].items()
    ]
    being = f", {inbox['being_written']} still being written" if inbox["being_written"] else ""
    lines.append(f"  {'waiting':<14}{inbox['waiting']:>8}   in {inbox['place']}{being}")
    lines += _decisions(status["reviews"])
    lines += _fresh(status["freshness"])
    lines += ["runs"] if status["runs"] else []
    lines += [
        f"  {run['begun_at'][:16].replace('T', ' ')}  {run['run_id']}: {run['verdict']}" for run in status["runs"]
    ]
    wanted = status["for_a_person"]
    lines += ["for a person", *(f"  - {told}" for told in wanted)] if wanted else ["nothing wants a person"]
    return "\n".join(lines)
