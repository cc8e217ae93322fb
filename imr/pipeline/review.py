"""Review of quarantined letters and reissues: what a person can decide, and what a decision does."""

from __future__ import annotations

import getpass
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from extract.reasons import Reason
from imr.context import Context
from imr.text import printable
from warehouse.errors import WarehouseError
from warehouse.intake.review_candidates import QUARANTINED, REISSUE, ReviewCandidate, find_candidates
from warehouse.intake.reviews import REJECT, RELEASE, RETRY, Review

log = logging.getLogger(__name__)

MAX_ASKED = 50
"""Files in one question; the others are in the question after these are decided."""
ID_LENGTH = 12
"""Characters of a file's hash that serve as its id for people."""
MIN_ID_LENGTH = 6
LATER = "later"
RELEASABLE = (Reason.IDENTITY_FOUND,)
"""Reasons that a person can overrule, since what was found may be no identity. For others there is nothing to load."""
EFFECTS = {
    (QUARANTINED, RETRY): "it is read again",
    (QUARANTINED, RELEASE): "it is read again and loaded, with the flag released_by_person",
    (QUARANTINED, REJECT): "it stays in the quarantine",
    (REISSUE, RETRY): "it is read again",
    (REISSUE, RELEASE): "it is the current letter of its case",
    (REISSUE, REJECT): "the letter before it is current again",
}


@dataclass(frozen=True)
class Verdict:
    """A verdict with its note, author and time (UTC, without a time zone)."""

    verdict: str
    note: str | None
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class RecordedVerdict:
    """The files to read again (hashes), and a message line for each file."""

    read_again: tuple[str, ...]
    lines: tuple[str, ...]


def list_candidates(context: Context) -> list[ReviewCandidate]:
    """Return every file that a person can decide on, newest first. Raises `WarehouseError` before a publication."""
    return find_candidates(context.versions.require_current().contents, context.reviews.find_latest())


def list_open_candidates(context: Context) -> list[ReviewCandidate]:
    """Return the files without a decision, newest first; none before the first publication."""
    return [c for c in list_candidates(context) if c.is_open] if context.current else []


def format_markdown(asked: Sequence[ReviewCandidate], more: int) -> str:
    """Return files as a Markdown table, with their texts escaped; `more` files are left out."""
    lines = [
        "| id | file | why | page | what was found | last decision |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{c.sha256[:ID_LENGTH]}` | {_escape(c.source_path)} | {_escape(c.why)} | {c.page or ''} "
            f"| {_escape(c.detail)} | {_escape(_describe_last(c.last))} |"
            for c in asked
        ),
        "",
        "**retry** reads the files again. **release** overrules `identity_found`, and confirms a reissue. **reject** "
        "leaves a quarantined file in the quarantine, and makes the older letter of a reissue's case current. "
        "**later** decides nothing.",
    ]
    if more:
        lines += ["", f"{more} more files follow once these are decided."]
    return "\n".join(lines)


def _describe_last(last: Review | None) -> str:
    return f"{last.verdict}, {last.decided_by}, {last.decided_at:%Y-%m-%d}" if last else ""


def _escape(text: str, max_length: int = 160) -> str:
    """Return a text for one cell of a Markdown table: shortened, on one line, with Markdown and HTML escaped."""
    line = " ".join(text.split())
    line = line if len(line) <= max_length else line[: max_length - 1] + "\N{HORIZONTAL ELLIPSIS}"
    html = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+!|~$:@" else c for c in html)


def pick_candidates(candidates: Sequence[ReviewCandidate], ids: Collection[str]) -> list[ReviewCandidate]:
    """Return the candidates whose hashes begin with the ids; all where no id is given.

    Raises `WarehouseError` for an id that matches none or several.
    """
    if not ids:
        return list(candidates)
    picked = {}
    for name in ids:
        found = [c for c in candidates if len(name) >= MIN_ID_LENGTH and c.sha256.startswith(name.strip().lower())]
        if len(found) != 1:
            known = ", ".join(f"{c.sha256[:ID_LENGTH]} ({c.source_path})" for c in candidates[:MAX_ASKED])
            raise WarehouseError(
                f"{len(found)} files to decide on begin with {name!r}; known are {known or 'none'}. "
                "Nothing was recorded."
            )
        picked[found[0].sha256] = found[0]
    return list(picked.values())


def record_verdict(context: Context, picked: Sequence[ReviewCandidate], verdict: Verdict) -> RecordedVerdict:
    """Record a verdict on files, and return which of them must be read again for it to take effect.

    Files that cannot be released get a message and no record. Raises `WarehouseError` where that is so for all.
    """
    able = [
        c for c in picked if verdict.verdict != RELEASE or c.kind == REISSUE or c.why in [str(r) for r in RELEASABLE]
    ]
    lines = [_explain_not_releasable(c) for c in picked if c not in able]
    if picked and not able:
        raise WarehouseError("\n".join([*lines, "Nothing was recorded."]))
    read_again = []
    for candidate in able:
        context.reviews.add(Review(candidate.sha256, **vars(verdict)))
        if needs_reading(candidate, verdict.verdict):
            read_again.append(candidate.sha256)
        effect = EFFECTS[candidate.kind, verdict.verdict]
        lines.append(f"{candidate.source_path}: {verdict.verdict} by {verdict.decided_by}; {effect}")
    return RecordedVerdict(tuple(read_again), tuple(lines))


def needs_reading(candidate: ReviewCandidate, verdict: str) -> bool:
    """Whether a verdict takes effect only when the file is read again; otherwise the next load writes it."""
    was_rejected = candidate.last is not None and candidate.last.verdict == REJECT
    if candidate.kind == QUARANTINED:
        return verdict in (RETRY, RELEASE)
    return verdict in (RETRY, REJECT) or was_rejected


def _explain_not_releasable(candidate: ReviewCandidate) -> str:
    return (
        f"{candidate.source_path}: cannot be released: it is quarantined as {candidate.why}, and only "
        f"{', '.join(RELEASABLE)} can be overruled. What to do: {Reason(candidate.why).remedy}; then retry it, "
        "or reject it"
    )


def make_question(context: Context) -> dict[str, Any] | None:
    """Return the question to a person: `subject`, `body` (Markdown) and `hashes` of the files; `None` for no files."""
    candidates = list_open_candidates(context)
    asked = candidates[:MAX_ASKED]
    if not asked:
        return None
    kinds = Counter("reissues" if c.kind == REISSUE else c.why for c in asked)
    counts = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    return {
        "subject": f"{len(asked)} letters to decide on: {counts}",
        "body": format_markdown(asked, len(candidates) - len(asked)),
        "hashes": [c.sha256 for c in asked],
    }


def record_answer(context: Context, hashes: Collection[str], answer: Mapping[str, Any]) -> list[str]:
    """Record a person's answer to `make_question` in Airflow; return the hashes of the files to read again.

    `answer` is Airflow's: chosen_options, params_input, responded_at, responded_by_user. Raises `WarehouseError` as
    `pick_candidates` and `record_verdict` do.
    """
    (choice,) = answer["chosen_options"]
    params = answer["params_input"] or {}
    if choice == LATER:
        log.info("nothing was decided: the question is asked again after the next publication")
        return []
    user = answer["responded_by_user"] or {}
    at = answer["responded_at"]
    verdict = Verdict(
        verdict=choice,
        note=(params.get("note") or "").strip() or None,
        decided_by=str(user.get("name") or user.get("id") or "unknown"),
        decided_at=(datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(UTC).replace(tzinfo=None),
    )
    asked = [c for c in list_candidates(context) if c.sha256 in set(hashes)]
    recorded = record_verdict(context, pick_candidates(asked, params.get("files") or ()), verdict)
    for line in recorded.lines:
        log.info("%s", line)
    return list(recorded.read_again)


def record_own_verdict(context: Context, verdict: str, ids: Collection[str], note: str | None) -> RecordedVerdict:
    """Record a verdict of the user of this machine; raises as `pick_candidates` and `record_verdict` do."""
    now = datetime.now(UTC).replace(tzinfo=None)
    picked = pick_candidates(list_candidates(context), ids)
    return record_verdict(context, picked, Verdict(verdict, note, getpass.getuser(), now))


def list_rows(context: Context, *, everything: bool) -> list[dict[str, Any]]:
    """Return the files without a decision, or all candidates, as rows for a terminal."""
    return [
        {
            "id": c.sha256[:ID_LENGTH],
            "file": printable(c.source_path),
            "why": c.why,
            "page": c.page,
            "what was found": printable(c.detail),
            "decided": _describe_last(c.last) or None,
        }
        for c in (list_candidates(context) if everything else list_open_candidates(context))
    ]
