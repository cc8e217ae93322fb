"""What a person may decide on: refused files, and letters that replaced an older one of their case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from warehouse.reviews import REJECT, RETRY, Review

REFUSED, REISSUE = "refused", "reissue"


@dataclass(frozen=True)
class Offer:
    """A file to decide on: `kind` is `refused` or `reissue`; `why` is the reason, or `reissue`.

    `page` and `detail` say where and what; of a reissue `detail` names the case and the letter before. `since` is
    when it was loaded or refused (UTC); `last` the decision that holds so far.
    """

    sha256: str
    kind: str
    source_path: str
    why: str
    page: int | None
    detail: str
    since: datetime
    last: Review | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided on it; a letter that was read again and is still refused is open."""
        return self.last is None or self.last.verdict == RETRY


_REFUSED = """
SELECT sha256, source_path, reason, page, coalesce(field || ': ', '') || coalesce(detail, '') AS detail, loaded_at
FROM raw.files
WHERE status = 'quarantined' AND (sha256, parser_version, source_path) IN (
    SELECT (file_sha256, parser_version, source_path) FROM marts.fct_intake WHERE is_latest_reading
)
"""
# A rejected letter is told too, so that whoever rejected it may think again.
_REISSUES = """
WITH letters AS (
    SELECT *, letter_id IN (SELECT unnest($rejected)) AS rejected FROM marts.dim_letters
),
older AS (
    SELECT case_key, letter_id, source_name, decision_date, version_rank FROM letters WHERE NOT rejected
)
SELECT letters.letter_id, letters.source_name, letters.loaded_at,
    'case ' || letters.case_key || ', decided ' || coalesce(letters.decision_date::VARCHAR, 'on no date')
        || '; before: ' || older.source_name || ', ' || coalesce(older.decision_date::VARCHAR, 'no date') AS detail
FROM letters INNER JOIN older ON letters.case_key = older.case_key AND letters.letter_id <> older.letter_id
WHERE letters.is_current OR letters.rejected
QUALIFY row_number() OVER (PARTITION BY letters.letter_id ORDER BY older.version_rank) = 1
"""


def offers(warehouse_file: Path, decisions: Mapping[str, Review]) -> list[Offer]:
    """Return every file of a warehouse file that a person may decide on, the newest first.

    `decisions` holds, by hash, the last decision on each file on which there is one.
    """
    rejected = [sha256 for sha256, review in decisions.items() if review.verdict == REJECT]
    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        refused = connection.execute(_REFUSED).fetchall()
        reissues = connection.execute(_REISSUES, {"rejected": rejected}).fetchall()
    found = [
        Offer(sha256, REFUSED, name, why, page, detail, since, decisions.get(sha256))
        for sha256, name, why, page, detail, since in refused
    ]
    found += [
        Offer(letter, REISSUE, name, REISSUE, None, detail, since, decisions.get(letter))
        for letter, name, since, detail in reissues
    ]
    return sorted(found, key=lambda o: (o.since, o.source_path), reverse=True)
