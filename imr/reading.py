"""A chunk of arrivals into run rows: every file ends with a ledger row, readable or not."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from extract.limits import Limits
from extract.pool import ReadResult, read_letters
from extract.reasons import UnreadableError
from extract.record import PARSER_VERSION, LetterRecord
from warehouse.inbox import DUPLICATE, Arrival

Tables = dict[str, list[dict[str, Any]]]
log = logging.getLogger(__name__)
TELL_EVERY = 5.0
"""Seconds between two lines of progress in a task's log."""
SHOW_EVERY = 0.5
"""Seconds between two steps of a bar in a terminal."""


def read_chunk(
    copied: Sequence[tuple[Arrival, Path]],
    *,
    run_id: str,
    limits: Limits,
    processes: int,
    on_progress: Callable[[int], None] = lambda _: None,
) -> tuple[Tables, dict[str, int]]:
    """Read every arrival from its local copy and return the rows of each run table, and how many ended how.

    A copy has the bytes that the scan saw. An unreadable file is quarantined with its reason and never stops
    the others. `on_progress` is told now and then how many letters are read.
    """
    here = [arrival for arrival, _ in copied]
    outcomes = _read({a.sha256: copy for a, copy in copied if a.status != DUPLICATE}, limits, processes, on_progress)
    tables: Tables = {"letters": [], "decisions": [], "citations": [], "flags": [], "files": []}
    counts = {"loaded": 0, "duplicate": 0, "quarantined": 0}
    for arrival in here:
        outcome = outcomes.get(arrival.sha256) if arrival.status != DUPLICATE else None
        file = _file_row(arrival, outcome, run_id)
        counts[file["status"]] += 1
        tables["files"].append(file)
        if isinstance(outcome, LetterRecord):
            _add_letter(tables, outcome, arrival, run_id)
    return tables, counts


def _read(
    copies: Mapping[str, Path], limits: Limits, processes: int, on_progress: Callable[[int], None]
) -> dict[str, ReadResult]:
    """Return the outcome of every file by its hash, telling the log every few seconds how far it is."""
    outcomes: dict[str, ReadResult] = {}
    told = shown = time.monotonic()
    hashes = list(copies)
    for index, outcome in read_letters(list(copies.values()), limits, processes=processes):
        outcomes[hashes[index]] = outcome
        if time.monotonic() - shown > SHOW_EVERY:
            shown = time.monotonic()
            on_progress(len(outcomes))
        if time.monotonic() - told > TELL_EVERY:
            told = time.monotonic()
            log.info("%d of %d letters read", len(outcomes), len(copies))
    return outcomes


def _file_row(arrival: Arrival, outcome: ReadResult | None, run_id: str) -> dict[str, Any]:
    """Return the ledger row of a file; one without an outcome is a duplicate, which nobody read."""
    row = {
        "sha256": arrival.sha256,
        "parser_version": PARSER_VERSION,
        "source_path": arrival.source_path,
        "size_bytes": arrival.size_bytes,
        "seen_at": _first_seen(arrival),
        "run_id": run_id,
        "status": "duplicate" if outcome is None else "loaded",
        **dict.fromkeys(("reason", "field", "detail", "page")),
    }
    if isinstance(outcome, UnreadableError):
        row |= {"status": "quarantined", "reason": str(outcome.reason)}
        row |= {"field": outcome.field, "detail": outcome.detail, "page": outcome.page}
    return row


def _first_seen(arrival: Arrival) -> datetime:
    """Return when a scan first saw a file, UTC: before this load for one that had to wait."""
    seen = datetime.fromisoformat(arrival.first_seen) if arrival.first_seen else datetime.now(UTC)
    return seen.astimezone(UTC).replace(tzinfo=None)


def _add_letter(tables: Tables, record: LetterRecord, arrival: Arrival, run_id: str) -> None:
    """Add a record's rows to each table; the letter is named as it came, not as it is archived."""
    shared = {"letter_id": record.letter_id, "run_id": run_id}
    name = Path(arrival.source_path).name
    tables["letters"].append({**vars(record), "source_name": name, "run_id": run_id})
    for decision in record.decisions:
        numbered = shared | {"decision_number": decision.decision_number}
        tables["decisions"].append(vars(decision) | shared)
        tables["citations"] += [
            vars(citation) | numbered | {"citation_number": number}
            for number, citation in enumerate(decision.citations, 1)
        ]
    tables["flags"] += [vars(flag) | shared for flag in record.flags]
