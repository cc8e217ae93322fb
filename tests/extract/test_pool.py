"""Letters read by real worker processes: a file that hurts its worker costs that one file."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from extract import pool, set_aside
from extract.limits import MIB, Limits
from extract.pool import ReadResult, StartError, read_letters
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from tests.extract import hostile
from tests.extract.conftest import assert_reads_back, draw_until, sample_decision
from tests.support.letters import SampleLetter, draw_letter, draw_text, faults, named_letters
from tests.support.letters.pages import join, make_page, read_pages

pytestmark = pytest.mark.slow

LIMITS = Limits(max_bytes=10 * MIB, max_pages=50, fast_seconds=30, reference_seconds=30, worker_bytes=450 * MIB)
ROOMY = replace(LIMITS, worker_bytes=4096 * MIB, fast_seconds=1)  # so that time runs out first

A_LETTER = draw_letter(named_letters()["CM16-0300005"])
PROSE = draw_text(named_letters()["CM14-0300020"])
SIGNED = PROSE.replace("CLINICAL CASE SUMMARY", "Dear Mr. Sample:\n\nCLINICAL CASE SUMMARY")
TWO_IN_ONE = f"{PROSE}\nMEDICAL PROFESSIONAL REVIEW\nISSUE AT DISPUTE:\nWhether this is one letter.\n"

PAGES = read_pages(draw_letter(named_letters()["CM16-0300003"]))
OTHER_PAGES = read_pages(draw_letter(named_letters()["CM16-0300010"]))
STRANGE_PAGE = make_page(("Pat Q. Sample", "17 Elm Terrace, Unit 4", "Anytown, CA 90000"))
MALFORMED = draw_letter(replace(named_letters()["CM16-0300010"], case_number="CM16-"))
FIXTURES: dict[str, tuple[str, bytes | None, Reason, Limits]] = {
    "no file": ("a.pdf", None, Reason.NOT_OPENED, LIMITS),
    "nothing": ("a.pdf", b"", Reason.ZERO_BYTES, LIMITS),
    "a web page": ("a.pdf", hostile.a_web_page_named_pdf(), Reason.NOT_A_PDF, LIMITS),
    "a garbled table of objects": ("a.pdf", hostile.xref_garbage(), Reason.DAMAGED, LIMITS),
    "a transfer that broke off": ("a.pdf", A_LETTER[: len(A_LETTER) // 2], Reason.DAMAGED, LIMITS),
    "a text with binary": ("a.txt", hostile.a_text_file_with_binary(), Reason.DAMAGED, LIMITS),
    "a password": ("a.pdf", faults.locked(A_LETTER), Reason.PASSWORD, LIMITS),
    "a scan": ("a.pdf", faults.scan(A_LETTER), Reason.NO_TEXT_LAYER, LIMITS),
    "a bomb of 2 GB": ("a.pdf", hostile.a_deflate_bomb(), Reason.TOO_LARGE, LIMITS),
    "a large file": ("a.pdf", A_LETTER + b"%" + bytes(11 * MIB), Reason.TOO_LARGE, LIMITS),
    "2,000 pages": ("a.pdf", hostile.many_pages(), Reason.TOO_MANY_PAGES, LIMITS),
    "a bomb in a bomb": ("a.pdf", hostile.a_bomb_inside_a_bomb(), Reason.CRASHED, LIMITS),
    "a form that draws itself": ("a.pdf", hostile.a_self_referencing_form(), Reason.CRASHED, LIMITS),
    "a fan-out of forms": ("a.pdf", hostile.a_fan_out_of_forms(), Reason.CRASHED, LIMITS),
    "a fan-out with room to grow": ("a.pdf", hostile.a_fan_out_of_forms(), Reason.TIMED_OUT, ROOMY),
    "an invoice": ("a.pdf", faults.not_a_letter(), Reason.UNKNOWN_FORMAT, LIMITS),
    "two letters in one": ("a.txt", TWO_IN_ONE.encode(), Reason.AMBIGUOUS_FORMAT, LIMITS),
    "a letter cut off": ("a.txt", PROSE[: PROSE.rindex("MAXIMUS")].encode(), Reason.INCOMPLETE_LETTER, LIMITS),
    "a letter to somebody": ("a.txt", SIGNED.encode(), Reason.IDENTITY_FOUND, LIMITS),
    "two letters, one behind the other": ("a.pdf", join(PAGES, OTHER_PAGES), Reason.SEVERAL_LETTERS, LIMITS),
    "pages in reverse order": ("a.pdf", join(PAGES[::-1]), Reason.PAGES_OUT_OF_ORDER, LIMITS),
    "a page of names behind a letter": ("a.pdf", join(PAGES, [STRANGE_PAGE]), Reason.FOREIGN_PAGES, LIMITS),
    "a malformed case number": ("a.pdf", MALFORMED, Reason.CASE_NUMBER_MALFORMED, LIMITS),
}


class GoodLetters:
    """Letters in files, to be read beside others; `check` asserts that each is read back."""

    def __init__(self, folder: Path, count: int = 6) -> None:
        self._made = [made for made in named_letters().values() if made.layout == "table_header"][:count]
        self.paths = [write(folder / f"good{n}.pdf", draw_letter(made)) for n, made in enumerate(self._made)]

    def check(self, results: dict[Path, ReadResult]) -> None:
        for path, made in zip(self.paths, self._made, strict=True):
            assert_reads_back(results[path], made)


def write(path: Path, data: bytes | None) -> Path:
    if data is not None:
        path.write_bytes(data)
    return path


def read_all(paths: list[Path], *args: Limits, **kwargs: int) -> dict[Path, ReadResult]:
    """Read letters; return their results in the order in which they were done."""
    return {paths[index]: result for index, result in read_letters(paths, *args, **kwargs)}


def get_reason(result: ReadResult) -> Reason | None:
    return result.reason if isinstance(result, UnreadableError) else None


def find_workers() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if "extract.worker" in p.cmdline()]


@pytest.fixture(autouse=True)
def _leaves_no_process() -> Iterator[None]:
    yield
    assert not find_workers()


@pytest.mark.parametrize("fault", FIXTURES)
def test_a_hostile_file_ends_in_its_reason_and_costs_no_other_letter(fault: str, tmp_path: Path) -> None:
    name, data, expected, limits = FIXTURES[fault]
    good, bad = GoodLetters(tmp_path), write(tmp_path / name, data)
    paths = [*good.paths[:3], bad, *good.paths[3:]]
    results = read_all(paths, limits)
    assert list(results) == paths
    assert get_reason(results[bad]) is expected, results[bad]
    assert results[bad].detail
    good.check(results)


@pytest.mark.parametrize("wanted", list(Reason))
def test_every_reason_has_a_remedy_and_a_file_that_ends_in_it(wanted: Reason) -> None:
    assert wanted.remedy
    of_a_load = set(set_aside.REASONS.values())  # the record is read: tests/imr/pipeline/test_set_aside.py
    assert wanted in {expected for _, _, expected, _ in FIXTURES.values()} | of_a_load


def test_an_inbox_full_of_hostile_files_is_read_by_two_processes(tmp_path: Path) -> None:
    good, bad = GoodLetters(tmp_path), {}
    for number, (name, data, expected, limits) in enumerate(FIXTURES.values()):
        if limits is LIMITS:
            bad[write(tmp_path / f"{number}{Path(name).suffix}", data)] = expected
    results = read_all([*bad, *good.paths], LIMITS, processes=2)
    assert {path: get_reason(results[path]) for path in bad} == bad
    good.check(results)


def test_no_letter_and_more_processes_than_letters(tmp_path: Path) -> None:
    assert read_all([], processes=2) == {}
    good = GoodLetters(tmp_path, 1)
    good.check(read_all(good.paths, processes=4))


def test_a_killed_worker_costs_the_letter_that_it_reads(tmp_path: Path) -> None:
    good, endless = GoodLetters(tmp_path), write(tmp_path / "endless.pdf", hostile.a_fan_out_of_forms())
    paths = [*good.paths[:2], endless, *good.paths[2:]]
    reading = read_letters(paths, replace(ROOMY, fast_seconds=60))
    results = dict([next(reading), next(reading)])
    # The third letter begins when the generator continues, so another process has to kill its worker.
    (worker,) = find_workers()
    killer = subprocess.Popen([sys.executable, "-c", f"import os, time; time.sleep(.4); os.kill({worker.pid}, 9)"])
    results |= dict(reading)
    assert killer.wait() == 0
    assert list(results) == list(range(len(paths)))
    assert get_reason(results[2]) is Reason.CRASHED
    assert "SIGKILL" in results[2].detail
    good.check({paths[index]: result for index, result in results.items()})


def test_a_worker_killed_between_letters_costs_none(tmp_path: Path) -> None:
    good, results = GoodLetters(tmp_path), {}
    for index, result in read_letters(good.paths):
        results[good.paths[index]] = result
        (worker,) = find_workers()
        worker.kill()
        worker.wait()
    good.check(results)


def test_leaving_early_leaves_no_worker_behind(tmp_path: Path) -> None:
    reading = read_letters(GoodLetters(tmp_path).paths, processes=2)
    next(reading)
    assert len(find_workers()) == 2
    reading.close()
    assert not find_workers()


def test_a_worker_outlives_a_killed_supervisor_only_until_its_time_is_up(tmp_path: Path) -> None:
    endless = write(tmp_path / "endless.pdf", hostile.a_fan_out_of_forms())
    supervise = (
        "import sys; from pathlib import Path; from extract.limits import Limits;"
        "from extract.pool import read_letters;"
        "list(read_letters([Path(sys.argv[1])], Limits(fast_seconds=4, worker_bytes=8 << 30)))"
    )
    supervisor = psutil.Popen([sys.executable, "-c", supervise, endless])
    try:
        until = time.monotonic() + 20
        while not (found := supervisor.children()) and time.monotonic() < until:
            time.sleep(0.05)
        (worker,) = found
        time.sleep(1)  # so that it reads the letter
    finally:
        os.kill(supervisor.pid, signal.SIGKILL)
        supervisor.wait()
    assert psutil.wait_procs([worker], timeout=10)[1] == []


def test_a_worker_stays_small_over_many_letters(tmp_path: Path, letter: SampleLetter) -> None:
    rationale = " ".join(["Nothing in the notes says why this visit is needed."] * 60)
    decisions = tuple(sample_decision(f"Visit {n} of a course", rationale=rationale) for n in range(12))
    path = write(tmp_path / "long.pdf", draw_letter(replace(letter, decisions=decisions)))
    sizes = []
    for index, result in read_letters([path] * 80):
        assert isinstance(result, LetterRecord)
        if index in (19, 78):
            sizes.append(find_workers()[0].memory_info().rss)
    assert len(sizes) == 2
    assert sizes[1] < sizes[0] + 10 * MIB
    assert sizes[1] < 150 * MIB


@pytest.fixture
def failing_starts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Make as many workers as the list's first number exit when they start; its second number counts the starts."""
    start, counts = subprocess.Popen, [0, 0]

    def popen(command: list[str], **kwargs: object) -> subprocess.Popen[bytes]:
        counts[1] += 1
        failing = [sys.executable, "-c", "raise SystemExit(3)"]
        return start(failing if counts[1] <= counts[0] else command, **kwargs)

    monkeypatch.setattr(pool.subprocess, "Popen", popen)
    return counts


def test_a_worker_that_does_not_start_is_replaced(tmp_path: Path, failing_starts: list[int]) -> None:
    failing_starts[0] = 1
    good = GoodLetters(tmp_path, 1)
    good.check(read_all(good.paths))
    assert failing_starts[1] == 2


def test_no_letter_is_to_blame_if_no_worker_starts(tmp_path: Path, failing_starts: list[int]) -> None:
    failing_starts[0] = 99
    with pytest.raises(StartError, match="exit status 3"):
        read_all(GoodLetters(tmp_path, 2).paths, LIMITS)


def test_a_worker_that_hangs_while_it_starts_counts_as_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "START_SECONDS", 0.05)
    with pytest.raises(StartError, match="SIGKILL"):
        read_all(GoodLetters(tmp_path, 1).paths, LIMITS)


def test_an_audit_that_takes_too_long_is_flagged_and_the_letter_kept(tmp_path: Path, letter: SampleLetter) -> None:
    data = draw_until(letter, audited=True)
    ((_, record),) = read_letters([write(tmp_path / "a.pdf", data)], replace(LIMITS, reference_seconds=0.001))
    assert_reads_back(record, letter_of(record, letter))
    assert [flag.code for flag in record.flags] == ["audit_unfinished"]


def test_one_call_audits_a_few_letters_however_many_it_reads(tmp_path: Path, letter: SampleLetter) -> None:
    path = write(tmp_path / "a.pdf", draw_until(letter, audited=True))
    results = read_letters([path] * (pool.AUDITS + 3), replace(LIMITS, reference_seconds=0.001))
    flagged = [result for _, result in results if isinstance(result, LetterRecord) and result.flags]
    assert len(flagged) == pool.AUDITS


def letter_of(record: ReadResult, letter: SampleLetter) -> SampleLetter:
    """The drawn letter, whose summary has a sentence more."""
    assert isinstance(record, LetterRecord)
    return replace(letter, clinical_case_summary=record.clinical_case_summary)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_has_no_secrets_and_no_way_to_more_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "a secret")
    paths = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    for path in paths:
        path.write_bytes(A_LETTER)
    results = read_letters(paths, LIMITS)
    assert isinstance(next(results)[1], LetterRecord)
    (worker,) = [child for child in psutil.Process().children() if "extract.worker" in child.cmdline()]
    process = Path(f"/proc/{worker.pid}")
    assert b"a secret" not in (process / "environ").read_bytes()
    assert re.search(r"^NoNewPrivs:\s+1$", (process / "status").read_text(), re.MULTILINE)
    assert re.search(r"^Max core file size\s+0\s+0\s", (process / "limits").read_text(), re.MULTILINE)
    assert isinstance(next(results)[1], LetterRecord)
    assert list(results) == []
