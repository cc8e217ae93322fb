"""Review: which files a person can decide on, what each verdict does, and how it is recorded."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from extract.limits import Limits
from extract.read import read_letter
from extract.reasons import Reason, UnreadableError
from imr.context import Context
from imr.pipeline import reparse, review, steps
from imr.pipeline.reparse import Plan
from imr.settings import Settings
from tests.support.command import run_imr
from tests.support.drawn_letters import LETTER, write_letter
from tests.support.home import Home, find_loaded
from tests.support.sample_outcomes import QUARANTINED
from warehouse.errors import WarehouseError
from warehouse.hashing import hash_file
from warehouse.intake import reviews
from warehouse.intake.review_candidates import ReviewCandidate
from warehouse.intake.reviews import Review
from warehouse.intake.selection import Selection
from warehouse.query import query_contents

AT = datetime(2026, 1, 2, 3, 4, 5)
REISSUE = "CM16-0300002 reissued.pdf"


def answer(context: Context, verdict: str, *ids: str, note: str | None = None) -> list[str]:
    """Record an answer in the form that Airflow passes on; return the files to read again."""
    hashes = [c.sha256 for c in review.list_candidates(context)]
    form = {
        "chosen_options": [verdict],
        "params_input": {"note": note, "files": list(ids)},
        "responded_at": AT.replace(tzinfo=UTC),
        "responded_by_user": {"id": "7", "name": "ann"},
    }
    return review.record_answer(context, hashes, form)


def list_open(context: Context) -> dict[str, ReviewCandidate]:
    return {c.source_path: c for c in review.list_open_candidates(context)}


def read_again(context: Context, run_id: str, selection: Selection) -> bool:
    for first in reparse.select(context, run_id, Plan(selection)):
        steps.extract(context, run_id, first)
    return reparse.compare(context, run_id)


def write_letter_with_identity(folder: Path) -> Path:
    """Draw a letter with a telephone number in its summary."""
    summary = LETTER.clinical_case_summary + " Call (415) 555-0134 for the records."
    return write_letter(folder, "identity.pdf", "CM17-0500021", clinical_case_summary=summary)


def test_quarantined_files_and_reissues_are_asked_about_in_one_bounded_question(
    loaded: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates = list_open(loaded.context)
    assert {name: c.why for name, c in candidates.items()} == QUARANTINED | {REISSUE: "reissue"}
    assert "before: CM16-0300002.pdf" in candidates[REISSUE].detail
    question = review.make_question(loaded.context)
    assert question is not None
    assert question["subject"].startswith(f"{len(candidates)} letters to decide on: ")
    assert set(question["hashes"]) == {c.sha256 for c in candidates.values()}
    assert all(sha[:12] in question["body"] for sha in question["hashes"])
    monkeypatch.setattr(review, "MAX_ASKED", 3)
    bounded = review.make_question(loaded.context)
    assert bounded is not None
    assert len(bounded["hashes"]) == 3
    assert "2 more files follow" in bounded["body"]


def test_nothing_is_asked_before_the_first_publication(tmp_path: Path) -> None:
    assert review.make_question(Context(Settings(home=tmp_path))) is None


def test_a_question_escapes_html_and_markdown() -> None:
    name = "<img src=x>|[a](http://b)\n# h.pdf"
    candidate = ReviewCandidate("ab" * 32, "quarantined", name, "damaged", 3, "`x` " * 500, AT)
    table = review.format_markdown([candidate], 0).splitlines()
    (row,) = [line for line in table if line.startswith("| `abababababab`")]
    assert "<" not in row
    assert "\\[a\\]\\(http\\://b\\) \\# h.pdf" in row
    assert row.count("|") - row.count("\\|") == 7
    assert len(row) < 1000


def test_a_rejected_file_is_not_asked_about_or_read_again(loaded: Home) -> None:
    context = loaded.context
    before = list_open(context)
    scan = before["scan.pdf"].sha256
    assert answer(context, "reject", scan[:12], note=" a blank sheet ") == []
    assert set(list_open(context)) == set(before) - {"scan.pdf"}
    assert context.reviews.read_folder() == [Review(scan, "reject", "a blank sheet", "ann", AT)]
    assert reparse.select(context, "by reason", Plan(Selection(reasons=("no_text_layer",)))) == []
    assert reparse.select(context, "by hash", Plan(Selection(sha256=(scan,)))) == [0]


def test_verdicts_are_loaded_with_their_author_and_time(loaded: Home) -> None:
    context = loaded.context
    hashes = sorted(list_open(context)[name].sha256 for name in ("scan.pdf", "damaged.pdf"))
    answer(context, "reject", *hashes, note="no letters")
    steps.load(context, "next")
    candidate = find_loaded(context, "next")
    rows = query_contents(
        candidate, "SELECT * EXCLUDE (load_number, loaded_at) FROM raw.reviews ORDER BY sha256"
    ).to_pylist()
    expected = {"verdict": "reject", "note": "no letters", "decided_by": "ann", "decided_at": AT, "run_id": "next"}
    assert rows == [{"sha256": sha} | expected for sha in hashes]
    assert reviews.ReviewLog(context.settings.reviews, candidate).find_pending() == []
    assert len(context.reviews.find_pending()) == 2, "after a rollback they are written again"


def test_a_retried_file_that_is_still_quarantined_is_asked_about_again(loaded: Home) -> None:
    context = loaded.context
    damaged = list_open(context)["damaged.pdf"].sha256
    assert answer(context, "retry", damaged) == [damaged]
    assert "retry, ann, 2026" in review.format_markdown([list_open(context)["damaged.pdf"]], 0)
    assert read_again(context, "again", Selection(sha256=(damaged,))) is False, "nothing changed"


def test_a_damaged_file_cannot_be_released(loaded: Home) -> None:
    context = loaded.context
    before = list_open(context)
    with pytest.raises(WarehouseError, match=r"(?s)damaged.pdf: cannot be released.*fetch the file again"):
        answer(context, "release", before["damaged.pdf"].sha256)
    assert list_open(context) == before
    recorded = review.record_verdict(context, list(before.values()), review.Verdict("release", None, "ann", AT))
    assert recorded.read_again == (), "a confirmed reissue needs no reading"
    assert sum("cannot be released" in line for line in recorded.lines) == len(QUARANTINED)
    assert set(list_open(context)) == set(before) - {REISSUE}


def test_an_unknown_id_records_nothing(loaded: Home) -> None:
    for name in ("0123456789ab", ""):
        with pytest.raises(WarehouseError, match=r"0 files to decide on begin.*damaged\.pdf.*Nothing was recorded"):
            answer(loaded.context, "reject", name)
    assert answer(loaded.context, "later") == []
    assert loaded.context.reviews.read_folder() == []


def test_a_rejected_reissue_is_read_again_so_that_the_marts_change(loaded: Home) -> None:
    context = loaded.context
    reissue = list_open(context)[REISSUE].sha256
    assert answer(context, "reject", reissue) == [reissue]
    assert not {REISSUE, "CM16-0300002.pdf"} & set(list_open(context))
    assert read_again(context, "again", Selection(sha256=(reissue,))) is True
    steps.load(context, "again")
    verdicts = query_contents(find_loaded(context, "again"), "SELECT verdict FROM raw.reviews").to_pylist()
    assert verdicts == [{"verdict": "reject"}]
    comparison = json.loads(context.open_run("again").comparison.read_text())
    assert comparison["rejected"] == 1
    assert comparison["tables"]["letters"]["changed"] == 0


def test_a_letter_with_an_identity_is_read_only_if_released(tmp_path: Path) -> None:
    path = write_letter_with_identity(tmp_path)
    with pytest.raises(UnreadableError) as quarantined:
        read_letter(path)
    assert quarantined.value.reason is Reason.IDENTITY_FOUND
    sha256 = hash_file(path)
    letter = read_letter(path, Limits(released=frozenset({sha256})))
    (flag,) = [f for f in letter.flags if f.code == "released_by_person"]
    assert flag.detail == f"page {quarantined.value.page}: {quarantined.value.detail}"
    assert "555" not in flag.detail
    with pytest.raises(UnreadableError):
        read_letter(path, Limits(released=frozenset({sha256[::-1]})))


def test_a_release_holds_for_every_later_reading(tmp_path: Path) -> None:
    home = Home(tmp_path)
    path = write_letter_with_identity(home.letters)
    for run_id, counts in (("before", (0, 1)), ("released", (1, 0))):
        (first,) = steps.scan(home.context, run_id, home.letters)
        result = steps.extract(home.context, run_id, first)
        assert (result.loaded, result.quarantined) == counts
        home.context.reviews.add(Review(hash_file(path), "release", "a clinic's number", "ann", AT))


def test_an_invalid_decision_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_text('{"sha256": "ab"')
    with pytest.raises(WarehouseError, match=r"torn\.json: not a review decision"):
        reviews.ReviewLog(tmp_path, None).read_folder()


def test_the_command_lists_candidates_and_records_verdicts(loaded: Home) -> None:
    assert "scan.pdf" in run_imr(loaded.path, "review", "list")
    scan = list_open(loaded.context)["scan.pdf"].sha256[:12]
    assert "scan.pdf: reject by " in run_imr(loaded.path, "review", "reject", scan, "--note", "a blank sheet")
    assert "scan.pdf" not in run_imr(loaded.path, "review", "list")
    assert "scan.pdf" in run_imr(loaded.path, "review", "list", "--all")


def test_a_decision_after_the_clock_was_set_back_is_the_last_one(published: Home) -> None:
    log = published.context.reviews
    log.add(Review("ab" * 32, reviews.REJECT, None, "ann", AT))
    log.add(Review("ab" * 32, reviews.RETRY, None, "ann", datetime(2020, 1, 1)))
    assert log.find_latest()["ab" * 32].verdict == reviews.RETRY
    assert len(log.find_pending()) == 2
