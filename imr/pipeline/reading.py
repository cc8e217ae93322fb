"""Reads a chunk of arrivals into rows of the run tables; every file gets a ledger row, readable or not."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from extract.letters.identity import identifies_person
from extract.limits import Limits
from extract.pool import ReadResult, read_letters
from extract.reasons import Reason, UnreadableError
from extract.record import PARSER_VERSION, LetterRecord
from extract.set_aside import find_obstacle
from warehouse.intake.inbox import DUPLICATE, Arrival, printable_name

Tables = dict[str, list[dict[str, Any]]]
log = logging.getLogger(__name__)
LOG_SECONDS = 5.0
"""Seconds between two lines of progress in a task's log."""
PROGRESS_SECONDS = 0.5
"""Seconds between two steps of a progress bar."""
NAME_REMOVED = "name removed"
"""Name in the warehouse of a file whose own name identifies a person."""


def name_file(name: str) -> str:
    """Return a file's name as printable text without personal identifiers; file names are published."""
    if identifies_person(name):
        return NAME_REMOVED + PurePosixPath(name).suffix.lower()
    return printable_name(name)


def read_chunk(
    copies: Sequence[tuple[Arrival, Path | None]],
    *,
    run_id: str,
    limits: Limits,
    processes: int,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Tables:
    """Read every arrival from its local copy; return the rows of each run table.

    An unreadable file is quarantined with its reason and never stops the others; one without a copy is too large. So
    is a letter that states what cannot be counted, and one whose file name identifies a person, unless it was
    released. `on_progress` gets the number of letters read, from time to time.
    """
    to_read = {a.sha256: copy for a, copy in copies if a.status != DUPLICATE and copy is not None}
    results = _read_letters(to_read, limits, processes, on_progress)
    results |= {a.sha256: limits.describe_excess(a.size_bytes) for a, copy in copies if copy is None}
    tables: Tables = {"letters": [], "decisions": [], "citations": [], "flags": [], "files": []}
    for arrival, _ in copies:
        result = results.get(arrival.sha256) if arrival.status != DUPLICATE else None
        if isinstance(result, LetterRecord):
            is_released = arrival.sha256 in limits.released
            result = _find_obstacle(result, arrival, is_released=is_released) or result
        tables["files"].append(_make_file_row(arrival, result, run_id))
        if isinstance(result, LetterRecord):
            _add_letter(tables, result, arrival, run_id)
    return tables


def _find_obstacle(record: LetterRecord, arrival: Arrival, *, is_released: bool) -> UnreadableError | None:
    """Return why a letter that was read cannot be loaded; else `None`."""
    if PurePosixPath(arrival.source_path).stem == NAME_REMOVED and not is_released:
        return UnreadableError(Reason.IDENTITY_FOUND, "the file's name may identify a person", field="file name")
    return find_obstacle(record)


def _read_letters(
    copies: Mapping[str, Path], limits: Limits, processes: int, on_progress: Callable[[int], None]
) -> dict[str, ReadResult]:
    """Return the result of reading every file, by its hash; log the progress."""
    results: dict[str, ReadResult] = {}
    logged = shown = time.monotonic()
    hashes = list(copies)
    for index, result in read_letters(list(copies.values()), limits, processes=processes):
        results[hashes[index]] = result
        if time.monotonic() - shown > PROGRESS_SECONDS:
            shown = time.monotonic()
            on_progress(len(results))
        if time.monotonic() - logged > LOG_SECONDS:
            logged = time.monotonic()
            log.info("%d of %d letters read", len(results), len(copies))
    return results


def _make_file_row(arrival: Arrival, result: ReadResult | None, run_id: str) -> dict[str, Any]:
    """Return the ledger row of a file; a file without a result is a duplicate, which was not read."""
    seen = datetime.fromisoformat(arrival.first_seen) if arrival.first_seen else datetime.now(UTC)
    row = {
        "sha256": arrival.sha256,
        "parser_version": PARSER_VERSION,
        "source_path": arrival.source_path,
        "size_bytes": arrival.size_bytes,
        "seen_at": seen.astimezone(UTC).replace(tzinfo=None),
        "run_id": run_id,
        "status": "duplicate" if result is None else "loaded",
        **dict.fromkeys(("reason", "field", "detail", "page")),
    }
    if isinstance(result, UnreadableError):
        row |= {"status": "quarantined", "reason": str(result.reason)}
        row |= {"field": result.field, "detail": result.detail, "page": result.page}
    return row


def _add_letter(tables: Tables, record: LetterRecord, arrival: Arrival, run_id: str) -> None:
    """Add a record's rows to each table; the source name is the one that the file arrived with."""
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
