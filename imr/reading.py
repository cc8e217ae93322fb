"""A chunk of arrivals into run rows: every file ends with a ledger row, readable or not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from extract.read import read_letter
from extract.reasons import UnreadableError
from extract.record import PARSER_VERSION, LetterRecord
from warehouse.inbox import DUPLICATE, Arrival, hash_file

Tables = dict[str, list[dict[str, Any]]]


def read_chunk(
    arrivals: Iterable[Arrival], *, run_id: str, max_bytes: int, max_pages: int
) -> tuple[Tables, dict[str, int]]:
    """Read every arrival and return the rows of each run table, and how many files ended how.

    An unreadable file is quarantined with its reason and never stops the others. A file that is gone or
    has other bytes since the scan gets no row: the next run finds it as it then is.
    """
    tables: Tables = {"letters": [], "decisions": [], "citations": [], "flags": [], "files": []}
    counts = {"loaded": 0, "duplicate": 0, "quarantined": 0, "changed": 0}
    for arrival in arrivals:
        path = Path(arrival.path)
        if not path.exists() or hash_file(path) != arrival.sha256:
            counts["changed"] += 1
            continue
        outcome: dict[str, Any] = {"status": "duplicate", "reason": None, "field": None, "detail": None, "page": None}
        if arrival.status != DUPLICATE:
            try:
                record = read_letter(path, max_bytes=max_bytes, max_pages=max_pages)
            except UnreadableError as error:
                outcome |= {"status": "quarantined", "reason": str(error.reason), "field": error.field}
                outcome |= {"detail": error.detail, "page": error.page}
            else:
                outcome["status"] = "loaded"
                _add_letter(tables, record, arrival, run_id)
        counts[outcome["status"]] += 1
        tables["files"].append(
            {
                "sha256": arrival.sha256,
                "parser_version": PARSER_VERSION,
                "source_path": arrival.source_path,
                "size_bytes": arrival.size_bytes,
                "seen_at": datetime.now(UTC).replace(tzinfo=None),
                "run_id": run_id,
                **outcome,
            }
        )
    return tables, counts


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
