"""A run's report as text for a terminal."""

from __future__ import annotations

from imr.reporting.comparison import format_comparison
from imr.reporting.report import Report, shorten_path

QUARANTINED_SHOWN = 10


def format_text(report: Report) -> str:
    """Return the report as lines for a terminal."""
    lines = [f"Load {report.run_id}: {report.verdict}", "", *_format_files(report)]
    lines += [f"  flagged: {code} {count}" for code, count in report.flags.items()]
    lines += [
        f"  quarantined: {f['source_path']}: {f['reason']}: {f['detail']:.140}"
        for f in report.quarantined[:QUARANTINED_SHOWN]
    ]
    if len(report.quarantined) > QUARANTINED_SHOWN:
        lines.append(f"  and {len(report.quarantined) - QUARANTINED_SHOWN} more: see the report")
    lines += list_left_files(report.left)
    if report.comparison:
        lines += ["", *format_comparison(report.comparison)]
    if report.failed:
        lines += ["", *report.failed]
    for gate in report.gates.values():
        for messages in (gate["warnings"], gate["remarks"]):
            lines += ["", *messages] if messages else []
    lines += _format_marts(report)
    lines += ["", *(f"{name:<11} {shorten_path(path)}" for name, path in report.places.items())]
    return "\n".join(lines)


def list_left_files(left: dict[str, str]) -> list[str]:
    """Return a line for each file that stays where it is, with the reason; at most ten."""
    lines = [f"  stays: {name}: {why}" for name, why in list(left.items())[:QUARANTINED_SHOWN]]
    return lines + ([f"  and {len(left) - len(lines)} more: see the report"] if len(left) > len(lines) else [])


def _format_files(report: Report) -> list[str]:
    reasons = ", ".join(f"{reason} {count}" for reason, count in report.reasons.items())
    lines = []
    for name, count in report.files.items():
        label = "files seen" if name == "seen" else name
        suffix = f"   {reasons}" if name == "quarantined" and reasons else ""
        lines.append(f"  {label:<22}{count:>6}{suffix}")
    if report.outcomes:
        lines += ["", f"  {'decisions in this load':<22}{sum(report.outcomes.values()):>6}"]
        lines += [f"    {outcome:<20}{count:>6}" for outcome, count in report.outcomes.items()]
    return lines


def _format_marts(report: Report) -> list[str]:
    if report.warehouse is None:
        return []
    counts = report.warehouse
    return [
        "",
        f"Readers see version {report.version}: {counts['cases']} cases, {counts['decisions']} decisions, "
        f"{counts['upheld']} upheld, {counts['overturned']} overturned. Disputed most often:",
        *(
            f"  {t['decisions']:>4} ({t['overturned']} overturned)  {t['procedure_name']}"
            for t in counts["top_procedures"]
        ),
        *_format_inferred(counts.get("inferred", 0)),
    ]


def _format_inferred(count: int) -> list[str]:
    return [f"Outcomes inferred from prose, left out of every rate: {count}."] if count else []
