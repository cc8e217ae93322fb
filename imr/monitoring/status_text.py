"""The `imr status` report as text for a terminal."""

from __future__ import annotations

from imr.monitoring.status import Status
from imr.text import printable_lines


def format_text(status: Status) -> str:
    """Return the status as lines for a terminal."""
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
    writing = f", {inbox['being_written']} still being written" if inbox["being_written"] else ""
    lines.append(f"  {'waiting':<14}{inbox['waiting']:>8}   in {inbox['place']}{writing}")
    lines += _format_reviews(status["reviews"])
    lines += _format_freshness(status["freshness"])
    lines += ["runs"] if status["runs"] else []
    lines += [
        f"  {run['begun_at'][:16].replace('T', ' ')}  {run['run_id']}: {run['verdict']}" for run in status["runs"]
    ]
    lines += [f"  publishing now: {status['publishing']}"] if status["publishing"] else []
    problems = status["problems"]
    lines += ["problems", *(f"  - {problem}" for problem in problems)] if problems else ["no problems"]
    return printable_lines("\n".join(lines))


def _format_reviews(reviews: Status) -> list[str]:
    if not reviews["open"] and not reviews["decided"] and not reviews["next_load_writes"]:
        return []
    pending = [
        f"  next load writes: {review['verdict']} {review['source_path'] or review['sha256']}, by "
        f"{review['decided_by']}, {review['decided_at']:%Y-%m-%d %H:%M}"
        + (f": {review['note'].replace(chr(10), ' ')}" if review["note"] else "")
        for review in reviews["next_load_writes"]
    ]
    return [f"reviews     {reviews['open']} open (`imr review list`), {reviews['decided']} decided", *pending]


def _format_freshness(freshness: Status | None) -> list[str]:
    if freshness is None:
        return []
    ages = ", ".join(f"{s['table']} {s['last_loaded'] or 'never'} ({s['state']})" for s in freshness["sources"])
    return [f"freshness   as of {freshness['checked_at'][:16].replace('T', ' ')}: {ages}"]
