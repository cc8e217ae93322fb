"""Files that a person can decide on: quarantined ones, and letters that replaced an older one of their case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from warehouse.intake.reviews import REJECT, RETRY, Review
from warehouse.versions.contents import Contents

QUARANTINED, REISSUE = "quarantined", "reissue"


@dataclass(frozen=True)
class ReviewCandidate:
    """A file to decide on: `kind` is `quarantined` or `reissue`, `why` the quarantine reason or `reissue`.

    `page` and `detail` say where and what; of a reissue `detail` names the case and the older letter. `since` is when
    the file was loaded or quarantined (UTC), `last` the last decision on it.
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
        """Whether a decision is missing; a file that was retried and is still quarantined is open."""
        return self.last is None or self.last.verdict == RETRY


_QUARANTINED = """
SELECT sha256, source_path, reason, page, coalesce(field || ': ', '') || coalesce(detail, '') AS what, loaded_at
FROM raw.files
WHERE status = 'quarantined' AND (sha256, parser_version, source_path) IN (
    SELECT (file_sha256, parser_version, source_path) FROM marts.fct_intake WHERE is_latest_reading
)
"""
# Rejected letters are listed too, so that a rejection can be changed.
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


def find_candidates(contents: Contents, latest: Mapping[str, Review]) -> list[ReviewCandidate]:
    """Return every file of a warehouse file that a person can decide on, newest first.

    `latest` holds the last decision on each file, by hash.
    """
    rejected = [sha256 for sha256, review in latest.items() if review.verdict == REJECT]
    with contents.open() as connection:
        quarantined = connection.execute(_QUARANTINED).fetchall()
        reissues = connection.execute(_REISSUES, {"rejected": rejected}).fetchall()
    found = [
        ReviewCandidate(sha256, QUARANTINED, name, why, page, detail, since, latest.get(sha256))
        for sha256, name, why, page, detail, since in quarantined
    ]
    found += [
        ReviewCandidate(letter, REISSUE, name, REISSUE, None, detail, since, latest.get(letter))
        for letter, name, since, detail in reissues
    ]
    return sorted(found, key=lambda c: (c.since, c.source_path), reverse=True)
