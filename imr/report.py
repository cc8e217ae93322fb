"""A run's report: what came in, what came out, what was refused and why, gates, timings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from extract.reasons import Reason
from imr import reparse
from imr.freshness import last_freshness
from imr.report_details import details, ended
from imr.settings import Settings
from warehouse import run_files
from warehouse.files import write_json
from warehouse.query import query
from warehouse.run import Run
from warehouse.versions import Version, VersionStore

STEPS = ("scan", "extract", "compare", "gate_batch", "load", "transform", "gate_marts", "publish", "settle")

GATES = ("gate_batch", "gate_marts")

REFUSED_SHOWN = 10

Report = dict[str, Any]


def make_report(run: Run, versions: VersionStore, settings: Settings) -> Report:
    """Return everything a person asks of a run, from its step outcomes, run files and the published marts."""
    outcomes = {step: _outcome(run, step) for step in STEPS}
    scanned = outcomes["scan"] or {}
    current = versions.current()
    files = run_files.read_table(run, "files").to_pylist()
    decisions = run_files.read_table(run, "decisions").select(["outcome"]).to_pylist()
    return {
        "run_id": run.run_id,
        "verdict": _verdict(run, outcomes, current),
        "failed": [f"{step}: {o['error'] or 'killed'}" for step, o in outcomes.items() if o and o["state"] != "done"],
        "drop_folder": scanned.get("drop_folder") if scanned.get("kind") != reparse.KIND else None,
        "comparison": json.loads(run.comparison.read_text("utf-8")) if run.comparison.exists() else None,
        "files": {
            "seen": scanned.get("files_seen", 0),
            "loaded" if (outcomes["publish"] or {}).get("state") == "done" or not files else "read, not loaded": _count(
                files, "loaded"
            ),
            "duplicate": _count(files, "duplicate"),
            "quarantined": _count(files, "quarantined"),
            "already known": scanned.get("known", 0),
            "waiting": scanned.get("waiting", 0),
            "left alone": scanned.get("left_alone", 0),
        },
        "refused": [_refusal(f) for f in files if f["status"] == "quarantined"],
        "reasons": dict(sorted(Counter(f["reason"] for f in files if f["status"] == "quarantined").items())),
        "outcomes": dict(Counter(d["outcome"] for d in decisions).most_common()),
        "flags": dict(sorted(Counter(run_files.read_table(run, "flags")["code"].to_pylist()).items())),
        "gates": {gate: _gate(o) for gate in GATES if (o := outcomes[gate])},
        "seconds": {step: o.get("seconds") for step, o in outcomes.items() if o},
        "version": current.number if current else None,
        "warehouse": _warehouse(current) if current else None,
        "places": _places(run, versions, settings),
        "freshness": last_freshness(settings),
        **details(run, outcomes),
    }


def _outcome(run: Run, step: str) -> dict[str, Any] | None:
    """Return a step's outcome; the mapped step's chunks are told as one."""
    if step != "extract":
        return run.outcome(step)
    chunks = [
        o
        for f in sorted(run.step_file("extract").with_suffix("").glob("*.json"))
        if (o := run.outcome(f"extract/{f.stem}"))
    ]
    if not chunks:
        return None
    failed = [c for c in chunks if c["state"] != "done"]
    return {
        "begun_at": min(c["begun_at"] for c in chunks),
        "ended_at": max(filter(None, map(ended, chunks)), default=None),  # chunks are read side by side
        "tasks": len(chunks),
        "state": failed[0]["state"] if failed else "done",
        "error": failed[0].get("error") if failed else None,
        "seconds": round(sum(c.get("seconds", 0) for c in chunks), 2),
        "changed": sum(c.get("changed", 0) for c in chunks),
    }


def _gate(outcome: dict[str, Any]) -> dict[str, Any]:
    """Return what a gate found; one that was killed, or could not look, has found nothing."""
    return {
        "checked": outcome.get("checked", 0),
        "failures": outcome.get("failures", []),
        "warnings": outcome.get("warnings", []),
        "remarks": outcome.get("remarks", []),
        "accept_drift": outcome.get("accept_drift", False),
    }


def _verdict(run: Run, outcomes: dict[str, dict[str, Any] | None], current: Version | None) -> str:
    published = outcomes["publish"]
    stays = f"version {current.number} stays published" if current else "nothing is published"
    broken = next((step for step in STEPS if (o := outcomes[step]) and o["state"] != "done"), None)
    if broken and not (published and published["state"] == "done"):
        return f"stopped at {broken}; {stays}"
    if published and published["state"] == "done":
        return f"published version {published['version']}" + (f", but {broken} failed" if broken else "")
    if told := reparse.verdict(run, stays):
        return told
    if outcomes["scan"] and outcomes["extract"] is None:
        return f"nothing new; {stays}"
    return f"did not finish; {stays}"


def _count(files: Iterable[dict[str, Any]], status: str) -> int:
    return sum(f["status"] == status for f in files)


def _refusal(file: dict[str, Any]) -> dict[str, Any]:
    shown = {key: file[key] for key in ("source_path", "reason", "field", "detail", "page")}
    return shown | {"remedy": Reason(file["reason"]).remedy}


def _warehouse(version: Version) -> Report:
    """Return what readers see: cases and decisions in all, and the treatments disputed most often."""
    totals = query(
        version.marts,
        "SELECT count(DISTINCT case_key) AS cases, count(*) AS decisions, "
        "count(*) FILTER (outcome = 'upheld') AS upheld, count(*) FILTER (is_overturned) AS overturned "
        "FROM fct_decisions",
    ).to_pylist()[0]
    top = query(
        version.marts,
        "SELECT any_value(coalesce(disputed_request, treatment_requested)) AS treatment, count(*) AS decisions, "
        "count(*) FILTER (is_overturned) AS overturned FROM fct_decisions "
        "GROUP BY lower(coalesce(disputed_request, treatment_requested)) ORDER BY decisions DESC, treatment LIMIT 5",
    ).to_pylist()
    return totals | {"top_treatments": top}


def _places(run: Run, versions: VersionStore, settings: Settings) -> dict[str, str]:
    places = {
        "report": run.report,
        "data docs": settings.data_docs / "index.html",
        "dbt docs": run.dbt / "static_index.html",
    }
    there = {name: str(path) for name, path in places.items() if path.exists() or name == "report"}
    published = {"warehouse": versions.readers_place} if versions.current() else {}
    refused = {"quarantine": str(settings.quarantine)} if settings.quarantine.exists() else {}
    return published | there | refused


def short(path: Path | str) -> str:
    """Return a path as a person at this folder would type it."""
    return str(Path(path).relative_to(Path.cwd()) if Path(path).is_relative_to(Path.cwd()) else path)


def write_report(run: Run, report: Report) -> None:
    """Write the report beside the run files, as JSON and as a page."""
    write_json(run.report.with_suffix(".json"), report)
    run.report.write_text(as_page(report), "utf-8")


def as_page(report: Report, *, linked: bool = False) -> str:
    """Return the report as a page; letter text is escaped in it. With `linked` its places are addresses to follow."""
    pages = Environment(
        loader=PackageLoader("imr"), autoescape=select_autoescape(default_for_string=True, default=True)
    )
    return pages.get_template("report.html.j2").render(report, linked=linked)


def as_text(report: Report) -> str:
    """Return the report as a terminal shows it."""
    files = report["files"]
    reasons = ", ".join(f"{reason} {count}" for reason, count in report["reasons"].items())
    lines = [f"Load {report['run_id']}: {report['verdict']}", ""]
    lines += [
        f"  {name:<22}{count:>6}{'   ' + reasons if name == 'quarantined' and reasons else ''}"
        for name, count in ((f"files {name}" if name == "seen" else name, count) for name, count in files.items())
    ]
    if report["outcomes"]:
        lines += ["", f"  {'decisions in this load':<22}{sum(report['outcomes'].values()):>6}"]
        lines += [f"    {outcome:<20}{count:>6}" for outcome, count in report["outcomes"].items()]
    lines += [f"  flagged: {code} {count}" for code, count in report["flags"].items()]
    refused = report["refused"]
    lines += [f"  refused: {f['source_path']}: {f['reason']}: {f['detail']:.140}" for f in refused[:REFUSED_SHOWN]]
    if len(refused) > REFUSED_SHOWN:
        lines.append(f"  and {len(refused) - REFUSED_SHOWN} more: see the report")
    lines += ["", *reparse.as_lines(report["comparison"])] if report["comparison"] else []
    lines += ["", *report["failed"]] if report["failed"] else []
    for gate in report["gates"].values():
        lines += ["", *gate["warnings"]] if gate["warnings"] else []
        lines += ["", *gate["remarks"]] if gate["remarks"] else []
    if report["warehouse"]:
        held = report["warehouse"]
        lines += [
            "",
            f"Readers see version {report['version']}: {held['cases']} cases, {held['decisions']} decisions, "
            f"{held['upheld']} upheld, {held['overturned']} overturned. Disputed most often:",
        ]
        lines += [
            f"  {t['decisions']:>4} ({t['overturned']} overturned)  {t['treatment']:.90}"
            for t in held["top_treatments"]
        ]
    lines += ["", *(f"{name:<11} {short(path)}" for name, path in report["places"].items())]
    return "\n".join(lines)
