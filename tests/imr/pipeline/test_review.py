"""A person decides: what is asked about, what each answer does, and that who and when are kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from extract.limits import Limits
from extract.read import read_letter
from extract.reasons import Reason, UnreadableError
from imr.context import Context
from imr.pipeline import reparse, review, steps
from imr.pipeline.reparse import Plan
from imr.settings import Settings
from tests.support.home import Home
from tests.support.letters import draw_letter, named_letters
from warehouse.build.load import load_run, make_candidate
from warehouse.errors import WarehouseError
from warehouse.intake import reviews
from warehouse.intake.inbox import hash_file
from warehouse.intake.review_candidates import ReviewCandidate
from warehouse.intake.selection import Selection
from warehouse.query import query

AT = datetime(2026, 1, 2, 3, 4, 5)


def answer(verdict: str, *files: str, note: str | None = None) -> dict[str, Any]:
    """Return an answer as Airflow hands it on."""
    return {
        "chosen_options": [verdict],
        "params_input": {"note": note, "files": list(files)},
        "responded_at": AT.replace(tzinfo=UTC),
        "responded_by_user": {"id": "7", "name": "ann"},
    }


def asked(settings: Settings) -> dict[str, ReviewCandidate]:
    return {o.source_path: o for o in review.list_open_candidates(Context(settings))}


def all_hashes(settings: Settings) -> list[str]:
    return [o.sha256 for o in review.list_candidates(Context(settings))]


def load_again(settings: Settings, run_id: str, *hashes: str) -> Path:
    """Read letters again and load them into a candidate; return it."""
    for first in reparse.select(Context(settings), run_id, Plan(Selection(sha256=hashes))):
        steps.extract(Context(settings), run_id, first)
    assert reparse.compare(Context(settings), run_id) is True
    steps.load(Context(settings), run_id)
    return Context(settings).open_run(run_id).candidate


def naming_letter(folder: Path) -> Path:
    """Draw a letter that holds a telephone number in its summary."""
    letter = named_letters()["CM16-0300001"]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "names somebody.pdf"
    summary = letter.clinical_case_summary + " Call (415) 555-0134 for the records."
    path.write_bytes(draw_letter(replace(letter, case_number="CM17-0500021", clinical_case_summary=summary)))
    return path


def test_refused_letters_and_reissues_are_asked_about_once_for_all(loaded: Home) -> None:
    offers = asked(loaded.settings)
    assert {name: o.why for name, o in offers.items()} == {
        "damaged.pdf": "damaged",
        "locked.pdf": "password",
        "not a letter.pdf": "unknown_format",
        "scan.pdf": "no_text_layer",
        "CM16-0300002 reissued.pdf": "reissue",
    }
    assert "before: CM16-0300002.pdf" in offers["CM16-0300002 reissued.pdf"].detail
    question = review.make_question(loaded.context)
    assert question is not None
    assert question["subject"].startswith("5 letters to decide on: ")
    assert set(question["hashes"]) == {o.sha256 for o in offers.values()}
    assert all(sha[:12] in question["body"] for sha in question["hashes"])


def test_nothing_is_asked_before_the_first_publication(tmp_path: Path) -> None:
    assert review.make_question(Settings(home=tmp_path)) is None


def test_a_question_is_bounded_and_takes_nothing_for_markup(monkeypatch: pytest.MonkeyPatch, loaded: Home) -> None:
    monkeypatch.setattr(review, "MOST", 3)
    question = review.make_question(loaded.context)
    assert question is not None
    assert len(question["hashes"]) == 3
    assert "2 more are asked about" in question["body"]
    evil = ReviewCandidate("ab" * 32, "refused", "<img src=x>|[a](http://b)\n# h.pdf", "damaged", 3, "`x` " * 500, AT)
    table = review.as_markdown([evil], 0).splitlines()
    (row,) = [line for line in table if line.startswith("| `abababababab`")]
    assert "<" not in row
    assert "\\[a\\]\\(http\\://b\\) \\# h.pdf" in row
    assert row.count("|") - row.count("\\|") == 7
    assert len(row) < 1000


def test_a_rejected_refused_letter_is_recorded_and_not_asked_about_again(loaded: Home) -> None:
    settings = loaded.settings
    before = asked(settings)
    scan = before["scan.pdf"].sha256
    assert (
        review.record_answer(
            Context(settings), all_hashes(settings), answer("reject", scan[:12], note=" a blank sheet ")
        )
        == []
    )
    assert set(asked(settings)) == set(before) - {"scan.pdf"}
    (kept,) = reviews.kept(settings.reviews)
    assert kept == reviews.Review(scan, "reject", "a blank sheet", "ann", AT)
    everything_refused = Plan(Selection(reasons=("no_text_layer",)))
    assert reparse.select(Context(settings), "all", everything_refused) == [], "a rejected letter is left in peace"
    assert reparse.select(Context(settings), "one", Plan(Selection(sha256=(scan,)))) == [0], "unless it is named"


def test_who_decided_what_and_when_is_loaded_with_the_next_rows(loaded: Home) -> None:
    settings = loaded.settings
    scan, damaged = asked(settings)["scan.pdf"].sha256, asked(settings)["damaged.pdf"].sha256
    review.record_answer(Context(settings), all_hashes(settings), answer("reject", scan, damaged, note="no letters"))
    run = Context(settings).open_run("next")
    published = Context(settings).versions.require_current()
    make_candidate(run, published)
    reviews.add_to_run(run, reviews.pending(settings.reviews, published.full))
    load_run(run)
    rows = query(run.candidate, "SELECT sha256, verdict, note, decided_by, decided_at, run_id FROM raw.reviews")
    expected = {"verdict": "reject", "note": "no letters", "decided_by": "ann", "decided_at": AT, "run_id": "next"}
    assert sorted(rows.to_pylist(), key=lambda r: str(r["sha256"])) == [
        {"sha256": sha} | expected for sha in sorted((scan, damaged))
    ]
    assert reviews.pending(settings.reviews, run.candidate) == []
    assert len(reviews.pending(settings.reviews, published.full)) == 2, "after a rollback they are written again"


def test_a_retry_reads_again_and_asks_again_if_it_is_still_refused(loaded: Home) -> None:
    settings = loaded.settings
    damaged = asked(settings)["damaged.pdf"].sha256
    assert review.record_answer(Context(settings), all_hashes(settings), answer("retry", damaged)) == [damaged]
    assert "retry, ann, 2026" in review.as_markdown([asked(settings)["damaged.pdf"]], 0)
    for first in reparse.select(Context(settings), "again", Plan(Selection(sha256=(damaged,)))):
        steps.extract(Context(settings), "again", first)
    assert reparse.compare(Context(settings), "again") is False, "a retry that changes nothing publishes nothing"


def test_there_is_nothing_to_release_in_a_damaged_letter_and_it_is_said(loaded: Home) -> None:
    settings = loaded.settings
    before = asked(settings)
    with pytest.raises(WarehouseError, match=r"(?s)damaged.pdf: there is nothing to release.*fetch the file again"):
        review.record_answer(Context(settings), all_hashes(settings), answer("release", before["damaged.pdf"].sha256))
    assert asked(settings) == before
    told = review.decide(Context(settings), list(before.values()), review.Decision("release", None, "ann", AT))
    assert told.again == (), "a confirmed reissue needs no reading"
    assert sum("there is nothing to release" in line for line in told.lines) == 4
    assert set(asked(settings)) == set(before) - {"CM16-0300002 reissued.pdf"}


def test_an_id_that_is_not_listed_records_nothing(loaded: Home) -> None:
    settings = loaded.settings
    for name in ("0123456789ab", ""):
        with pytest.raises(
            WarehouseError, match=r"0 files to decide on begin with .*damaged\.pdf.*Nothing was recorded"
        ):
            review.record_answer(Context(settings), all_hashes(settings), answer("reject", name))
    assert review.record_answer(Context(settings), all_hashes(settings), answer("later")) == []
    assert reviews.kept(settings.reviews) == []


def test_a_rejected_reissue_is_read_again_so_that_the_marts_follow(loaded: Home) -> None:
    settings = loaded.settings
    reissue = asked(settings)["CM16-0300002 reissued.pdf"].sha256
    assert review.record_answer(Context(settings), all_hashes(settings), answer("reject", reissue)) == [reissue]
    assert "CM16-0300002 reissued.pdf" not in asked(settings)
    assert "CM16-0300002.pdf" not in asked(settings)
    candidate = load_again(settings, "again", reissue)
    assert query(candidate, "SELECT verdict FROM raw.reviews").to_pylist() == [{"verdict": "reject"}]
    told = json.loads(Context(settings).open_run("again").comparison.read_text())
    assert told["rejected"] == 1
    assert told["tables"]["letters"]["changed"] == 0


def test_a_letter_that_names_somebody_is_only_read_once_a_person_has_released_it(tmp_path: Path) -> None:
    path = naming_letter(tmp_path)
    with pytest.raises(UnreadableError) as refused:
        read_letter(path)
    assert refused.value.reason is Reason.IDENTITY_FOUND
    letter = read_letter(path, Limits(released=frozenset({hash_file(path)})))
    (flag,) = [f for f in letter.flags if f.code == "released_by_person"]
    assert flag.detail == f"page {refused.value.page}: {refused.value.detail}"
    assert "555" not in flag.detail
    other = read_letter(path, Limits(released=frozenset({hash_file(path)}))).letter_id
    with pytest.raises(UnreadableError):
        read_letter(path, Limits(released=frozenset({other[::-1]})))


def test_a_release_is_heeded_by_every_later_reading(loaded: Home) -> None:
    settings = loaded.settings
    path = naming_letter(Path(settings.inbox))
    decided = reviews.Review(hash_file(path), "release", "a clinic's number", "ann", AT)
    for run_id, status in (("refused", "quarantined"), ("released", "loaded")):
        for first in steps.scan(Context(settings), run_id):
            counts = steps.extract(Context(settings), run_id, first)
        assert counts[status] == 1
        reviews.keep(settings.reviews, decided)


def test_a_file_that_is_no_decision_is_named(tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_text('{"sha256": "ab"')
    with pytest.raises(WarehouseError, match=r"torn\.json is no decision on a letter"):
        reviews.kept(tmp_path)
