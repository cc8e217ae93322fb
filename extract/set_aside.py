"""Which flags keep a letter out of a load: what it states cannot be counted."""

from __future__ import annotations

from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord

REASONS = {
    "outcome_not_understood": Reason.OUTCOME_NOT_UNDERSTOOD,
    "implausible_fact": Reason.IMPLAUSIBLE_FACT,
}
"""The quarantine reason of each such flag. Every other flag leaves a letter loaded."""
MAX_DETAIL = 120


def find_obstacle(record: LetterRecord) -> UnreadableError | None:
    """Return why a letter cannot be loaded, by the first of its flags that forbids it; else `None`."""
    flag = next((flag for flag in record.flags if flag.code in REASONS), None)
    if flag is None:
        return None
    decision = next((d for d in record.decisions if d.decision_number == flag.decision_number), None)
    return UnreadableError(
        REASONS[flag.code],
        flag.detail[:MAX_DETAIL],
        field=f"decision {decision.decision_number}" if decision else None,
        page=decision.page if decision else None,
    )
