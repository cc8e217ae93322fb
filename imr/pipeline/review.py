"""A person decides on refused letters and reissues: what is offered, what a decision does, who made it."""

from __future__ import annotations

import getpass
import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from extract.reasons import Reason
from imr.inspect.show import printable
from imr.pipeline.steps import store
from imr.settings import Settings
from warehouse.errors import WarehouseError
from warehouse.intake import reviews
from warehouse.intake.review_candidates import REFUSED, REISSUE, ReviewCandidate, offers
from warehouse.intake.reviews import REJECT, RELEASE, RETRY, Review

log = logging.getLogger(__name__)

MOST = 50
"""Files that are asked about at once; the others are asked about when these are decided on."""
ID_LENGTH = 12
"""Characters of a file's hash that stand for it where a person names it."""
MIN_NAME = 6
LATER = "later"
RELEASED_BY_A_PERSON = (Reason.IDENTITY_FOUND,)
"""Refusals that a person can overrule: what was found may be no identity. Of all others nothing would be read."""


@dataclass(frozen=True)
class Decision:
    """What a person has decided: the verdict, why, who they are and when (UTC, without a zone)."""

    verdict: str
    note: str | None
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True)
class Decided:
    """What became of a decision: the files to be read again (hashes), and what to tell, a line a file."""

    again: tuple[str, ...]
    lines: tuple[str, ...]


def list_candidates(settings: Settings) -> list[ReviewCandidate]:
    """Return every file that a person may decide on, the newest first. Raises `WarehouseError` before a version."""
    current = store(settings).require_current()
    return offers(current.full, reviews.latest(settings.reviews, current.full))


def list_open_candidates(settings: Settings) -> list[ReviewCandidate]:
    """Return the files that nobody has decided on, the newest first; none before the first publication."""
    return [o for o in list_candidates(settings) if o.is_open] if store(settings).current() else []


def as_markdown(asked: Sequence[ReviewCandidate], more: int) -> str:
    """Return files as the table that a person decides by; nothing in it is taken for markup."""
    lines = [
        "| id | file | why | page | what was seen | decided before |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{o.sha256[:ID_LENGTH]}` | {_plain(o.source_path)} | {_plain(o.why)} | {o.page or ''} "
            f"| {_plain(o.detail)} | {_plain(_before(o.last))} |"
            for o in asked
        ),
        "",
        "**retry** reads them again. **release** overrules `identity_found`, and confirms a reissue. **reject** "
        "leaves a refused file in the quarantine for good, and lets the older letter of a reissue's case stand. "
        "**later** decides nothing.",
    ]
    if more:
        lines += ["", f"{more} more are asked about when these are decided on."]
    return "\n".join(lines)


def _before(last: Review | None) -> str:
    return f"{last.verdict}, {last.decided_by}, {last.decided_at:%Y-%m-%d}" if last else ""


def _plain(text: str, most: int = 160) -> str:
    """Return a text for one cell of a Markdown table: bounded, on one line, each mark of Markdown or HTML escaped."""
    line = " ".join(text.split())
    line = line if len(line) <= most else line[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"
    html = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+!|~$:@" else c for c in html)


def pick(among: Sequence[ReviewCandidate], names: Collection[str]) -> list[ReviewCandidate]:
    """Return the offers that a person names by hash or its beginning; all where none is named.

    Raises `WarehouseError` for a name that fits none or several.
    """
    if not names:
        return list(among)
    picked = {}
    for name in names:
        fits = [o for o in among if len(name) >= MIN_NAME and o.sha256.startswith(name.strip().lower())]
        if len(fits) != 1:
            there_are = ", ".join(f"{o.sha256[:ID_LENGTH]} ({o.source_path})" for o in among[:MOST])
            told = f"{len(fits)} files to decide on begin with {name!r}"
            raise WarehouseError(f"{told}; there are {there_are or 'none'}. Nothing was recorded.")
        picked[fits[0].sha256] = fits[0]
    return list(picked.values())


def decide(settings: Settings, chosen: Sequence[ReviewCandidate], decision: Decision) -> Decided:
    """Record a decision on files, and return which of them must be read again for it to take effect.

    Where there is nothing to release in a file, that is told and nothing recorded for it. Raises
    `WarehouseError` where that is so of all of them.
    """
    lines, again = [], []
    able = [o for o in chosen if decision.verdict != RELEASE or o.kind == REISSUE or o.why in RELEASED_BY_A_PERSON]
    lines += [_nothing_to_release(o) for o in chosen if o not in able]
    if chosen and not able:
        raise WarehouseError("\n".join([*lines, "Nothing was recorded."]))
    for offer in able:
        reviews.keep(settings.reviews, Review(offer.sha256, **vars(decision)))
        if needs_reading(offer, decision.verdict):
            again.append(offer.sha256)
        lines.append(f"{offer.source_path}: {decision.verdict} by {decision.decided_by}; {_effect(offer, decision)}")
    return Decided(tuple(again), tuple(lines))


def needs_reading(offer: ReviewCandidate, verdict: str) -> bool:
    """Whether a verdict takes effect by another reading, which also writes it; else the next load just writes it."""
    was_rejected = offer.last is not None and offer.last.verdict == REJECT
    if offer.kind == REFUSED:
        return verdict in (RETRY, RELEASE)
    return verdict in (RETRY, REJECT) or was_rejected


def _effect(offer: ReviewCandidate, decision: Decision) -> str:
    effects = {
        (REFUSED, RETRY): "it is read again",
        (REFUSED, RELEASE): "it is read again and let through, with the flag released_by_person",
        (REFUSED, REJECT): "it stays in the quarantine",
        (REISSUE, RETRY): "it is read again",
        (REISSUE, RELEASE): "it is the current letter of its case",
        (REISSUE, REJECT): "the letter before it is current again",
    }
    return effects[offer.kind, decision.verdict]


def _nothing_to_release(offer: ReviewCandidate) -> str:
    return (
        f"{offer.source_path}: there is nothing to release: it was refused as {offer.why}, and a person can only "
        f"overrule {', '.join(RELEASED_BY_A_PERSON)}. What to do: {Reason(offer.why).remedy}; then retry, or reject it"
    )


def question(settings: Settings) -> dict[str, Any] | None:
    """Return what to ask a person: `subject`, `body` (Markdown) and the `hashes` of the files; `None` if nothing."""
    found = list_open_candidates(settings)
    asked = found[:MOST]
    if not asked:
        return None
    kinds = Counter("reissues" if o.kind == REISSUE else o.why for o in asked)
    told = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    return {
        "subject": f"{len(asked)} letters to decide on: {told}",
        "body": as_markdown(asked, len(found) - len(asked)),
        "hashes": [o.sha256 for o in asked],
    }


def record_answer(settings: Settings, hashes: Collection[str], answer: Mapping[str, Any]) -> list[str]:
    """Carry out what a person answered in Airflow to `question`; return the hashes of the files to read again.

    `answer` is what Airflow hands on: chosen_options, params_input, responded_at, responded_by_user. Raises
    `WarehouseError` as `pick` and `decide` do.
    """
    (verdict,) = answer["chosen_options"]
    said = answer["params_input"] or {}
    if verdict == LATER:
        log.info("nothing was decided: the letters are asked about after the next publication")
        return []
    user = answer["responded_by_user"] or {}
    at = answer["responded_at"]
    decision = Decision(
        verdict=verdict,
        note=(said.get("note") or "").strip() or None,
        decided_by=str(user.get("name") or user.get("id") or "nobody"),
        decided_at=(datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(UTC).replace(tzinfo=None),
    )
    asked = [o for o in list_candidates(settings) if o.sha256 in set(hashes)]
    decided = decide(settings, pick(asked, said.get("files") or ()), decision)
    for line in decided.lines:
        log.info("%s", line)
    return list(decided.again)


def decide_here(settings: Settings, verdict: str, names: Collection[str], note: str | None) -> Decided:
    """Carry out the decision of whoever is logged in on this machine; raises as `pick` and `decide` do."""
    now = datetime.now(UTC).replace(tzinfo=None)
    return decide(settings, pick(list_candidates(settings), names), Decision(verdict, note, getpass.getuser(), now))


def as_rows(settings: Settings, *, everything: bool) -> list[dict[str, Any]]:
    """Return the files that nobody has decided on, or `everything` that one may decide on, for a terminal."""
    return [
        {
            "id": o.sha256[:ID_LENGTH],
            "file": printable(o.source_path),
            "why": o.why,
            "page": o.page,
            "what was seen": printable(o.detail),
            "decided": _before(o.last) or None,
        }
        for o in (list_candidates(settings) if everything else list_open_candidates(settings))
    ]
