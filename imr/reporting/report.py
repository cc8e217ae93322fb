"""A run's report: files in and out, quarantined ones with reasons, gates and timings."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from extract.reasons import Reason
from imr.context import Context
from imr.reporting.freshness import read_last_freshness
from imr.reporting.runbook import find_chapter
from warehouse.files import read_json, write_bytes, write_json
from warehouse.intake import inbox
from warehouse.query import query
from warehouse.runs import run_files
from warehouse.runs.run import Run
from warehouse.runs.step_results import (
    STEPS,
    ArchiveResult,
    CompareResult,
    ExtractResult,
    GateStepResult,
    LoadResult,
    PublishResult,
    ScanResult,
    StepResult,
    TransformResult,
)
from warehouse.versions.base import Version

Results = dict[type[StepResult], StepResult]

WHAT_STEPS_DO = {
    "scan": "scanned the inbox",
    "extract": "read the letters",
    "compare": "compared with the published version",
    "gate_batch": "checked the batch",
    "load": "wrote the raw rows and the ledger",
    "transform": "built the marts with dbt",
    "gate_marts": "checked the marts",
    "publish": "published the version",
    "archive": "archived the files",
}


@dataclass(frozen=True)
class Report:
    """The content of `report.json`; times are ISO, UTC.

    `files` and `outcomes` are counts to be shown in their order. `failed` holds `step: error` for each step that did
    not end well, `next_steps` what the runbook says to do about it.
    """

    run_id: str
    verdict: str
    failed: list[str]
    inbox: str | None
    comparison: dict[str, Any] | None
    files: dict[str, int]
    quarantined: list[dict[str, Any]]
    reasons: dict[str, int]
    waiting_by_reason: dict[str, int]
    outcomes: dict[str, int]
    flags: dict[str, int]
    gates: dict[str, dict[str, Any]]
    version: int | None
    warehouse: dict[str, Any] | None
    places: dict[str, str]
    freshness: dict[str, Any] | None
    begun_at: str | None
    ended_at: str | None
    built_on: int | None
    timings: list[dict[str, Any]]
    raw_rows: dict[str, int]
    dbt_nodes: dict[str, int]
    mart_rows: dict[str, int]
    next_steps: list[dict[str, str]]
    left: dict[str, str] = field(default_factory=dict)
    """Files that stay where they are, by name, and why: unreadable, changed, not to be removed, too large."""

    @classmethod
    def read(cls, run: Run) -> Self | None:
        """Return the report of a run; `None` before it was written, or where it is cut off."""
        content = read_json(run.report.with_suffix(".json"))
        return cls(**content) if content else None


def make_report(context: Context, run: Run) -> Report:
    """Return a run's report, from its step results, its run files and the published marts."""
    results: Results = {kind: found for kind in STEPS if (found := run.find_result(kind)) is not None}
    scan = run.find_result(ScanResult) or ScanResult()
    load, publish = run.find_result(LoadResult), run.find_result(PublishResult)
    transform = run.find_result(TransformResult)
    current = context.current
    files = run_files.read_table(run, "files").to_pylist()
    quarantined = [f for f in files if f["status"] == "quarantined"]
    return Report(
        run_id=run.run_id,
        verdict=_find_verdict(run, results, current),
        failed=[f"{kind.STEP}: {r.error or 'killed'}" for kind, r in results.items() if not r.is_done],
        inbox=None if scan.is_reparse else scan.inbox or None,
        comparison=json.loads(run.comparison.read_text("utf-8")) if run.comparison.exists() else None,
        files=_count_files(scan, files, is_loaded=run.has_done(PublishResult) or not files),
        quarantined=[_describe_quarantined(f) for f in quarantined],
        reasons=dict(sorted(Counter(f["reason"] for f in quarantined).items())),
        waiting_by_reason=scan.waiting_by_reason,
        outcomes=dict(_count_values(run, "decisions", "outcome").most_common()),
        flags=dict(sorted(_count_values(run, "flags", "code").items())),
        gates={r.STEP: asdict(r) for r in results.values() if isinstance(r, GateStepResult)},
        version=current.number if current else None,
        warehouse=_summarise_marts(current) if current else None,
        places=_find_places(context, run),
        freshness=read_last_freshness(context.settings),
        begun_at=min((r.begun_at for r in results.values()), default=None),
        ended_at=max((r.ended_at for r in results.values() if r.ended_at), default=None),
        built_on=scan.based_on,
        timings=_list_timings(results),
        raw_rows=load.rows if load else {},
        dbt_nodes=transform.nodes if transform else {},
        mart_rows=publish.rows if publish else {},
        next_steps=[
            {"step": kind.STEP, "heading": chapter.heading, "todo": chapter.todo}
            for kind, r in results.items()
            if not r.is_done and (chapter := find_chapter(r.error or ""))
        ],
        left=find_left_files(run),
    )


def find_left_files(run: Run) -> dict[str, str]:
    """Return why files stay where they are, by name: those that the scan, the reading or the archiving left."""
    left = {name: f"{why}: {detail}" for name, why, detail in inbox.list_waiting(run) if detail}
    for result in (run.find_result(ExtractResult), run.find_result(ArchiveResult)):
        left |= result.left if result else {}
    return left


def _count_values(run: Run, table: str, column: str) -> Counter[str]:
    return Counter(str(value) for value in run_files.read_table(run, table)[column].to_pylist())


def _find_verdict(run: Run, results: Results, current: Version | None) -> str:
    published = results.get(PublishResult)
    stays = f"version {current.number} stays published" if current else "nothing is published"
    stopped = next((kind.STEP for kind, r in results.items() if not r.is_done), None)
    if isinstance(published, PublishResult) and published.is_done:
        return f"published version {published.version}" + (f", but {stopped} failed" if stopped else "")
    if stopped:
        return f"stopped at {stopped}; {stays}"
    if found := _find_compare_verdict(run):
        return f"{found}; {stays}"
    if ScanResult in results and ExtractResult not in results:
        return f"nothing new; {stays}"
    return f"did not finish; {stays}"


def _find_compare_verdict(run: Run) -> str | None:
    """Return how a reparse or a rebuild ended that was not to publish; `None` for any other run."""
    scan, compared = run.find_result(ScanResult), run.find_result(CompareResult)
    if scan is None or not (scan.is_reparse or scan.is_rebuild):
        return None
    if scan.is_reparse and not scan.files_seen:
        return "no stored letter was selected"
    if compared is None:
        return None
    if not compared.changes:
        return "nothing changed"
    return f"a dry run: {compared.changes} rows would change" if compared.dry_run else None


def _count_files(scan: ScanResult, files: list[dict[str, Any]], *, is_loaded: bool) -> dict[str, int]:
    counts = Counter(f["status"] for f in files)
    return {
        "seen": scan.files_seen,
        "loaded" if is_loaded else "read, not loaded": counts["loaded"],
        "duplicate": counts["duplicate"],
        "quarantined": counts["quarantined"],
        "already known": scan.known,
        "waiting": scan.waiting,
        "ignored": scan.ignored,
    }


def _describe_quarantined(file: dict[str, Any]) -> dict[str, Any]:
    shown = {key: file[key] for key in ("source_path", "reason", "field", "detail", "page")}
    return shown | {"remedy": Reason(file["reason"]).remedy}


def _summarise_marts(version: Version) -> dict[str, Any]:
    """Return the cases and decisions that readers see, and the procedures disputed most often.

    `inferred` counts the outcomes, also of superseded letters, that were inferred from prose and are in no rate.
    """
    (totals,) = query(
        version.marts,
        "SELECT count(DISTINCT case_key) AS cases, count(*) AS decisions, "
        "count(*) FILTER (outcome = 'upheld') AS upheld, count(*) FILTER (is_overturned) AS overturned "
        "FROM fct_decisions",
    ).to_pylist()
    top = query(
        version.marts,
        "SELECT procedure_name, count(*) AS decisions, count(*) FILTER (is_overturned) AS overturned "
        "FROM fct_decisions INNER JOIN dim_procedures USING (procedure) "
        "GROUP BY procedure_name ORDER BY decisions DESC, procedure_name LIMIT 5",
    ).to_pylist()
    (flags,) = query(
        version.marts, "SELECT count(*) AS inferred FROM fct_flags WHERE flag_kind = 'outcome_inferred'"
    ).to_pylist()
    return {**totals, **flags, "top_procedures": top}


def _find_places(context: Context, run: Run) -> dict[str, str]:
    settings = context.settings
    places = {
        "report": run.report,
        "data docs": settings.data_docs / "index.html",
        "dbt docs": run.dbt / "static_index.html",
    }
    existing = {name: str(path) for name, path in places.items() if path.exists() or name == "report"}
    published = {"warehouse": context.versions.readers_place} if context.current else {}
    quarantine = {"quarantine": str(settings.quarantine)} if settings.quarantine.exists() else {}
    return published | existing | quarantine


def _list_timings(results: Results) -> list[dict[str, Any]]:
    """Return each step with its seconds, and its share of the longest in percent."""
    longest = max((r.seconds or 0 for r in results.values()), default=0)
    return [
        {
            "step": kind.STEP,
            "what": WHAT_STEPS_DO[kind.STEP],
            "state": r.state,
            "seconds": r.seconds,
            "tasks": r.tasks if isinstance(r, ExtractResult) else 1,
            "percent": round(100 * (r.seconds or 0) / longest, 1) if longest else 0,
        }
        for kind, r in results.items()
    ]


def write_report(run: Run, report: Report) -> None:
    """Write the report beside the run files, as JSON and as a page."""
    write_json(run.report.with_suffix(".json"), asdict(report))
    write_bytes(run.report, format_page(report).encode())


def format_page(report: Report, *, linked: bool = False) -> str:
    """Return the report as a page, letter text escaped. With `linked`, its places are links."""
    pages = Environment(
        loader=PackageLoader("imr.reporting"),
        autoescape=select_autoescape(default_for_string=True, default=True),
        undefined=StrictUndefined,
    )
    return pages.get_template("report.html.j2").render(asdict(report), linked=linked)


def shorten_path(path: Path | str) -> str:
    """Return a path relative to the current folder, if it is inside."""
    return str(Path(path).relative_to(Path.cwd()) if Path(path).is_relative_to(Path.cwd()) else path)
