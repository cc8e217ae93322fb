"""Letters read by the real worker processes: a file that hurts its reader costs that one file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from extract import pool
from extract.limits import MIB, Limits
from extract.pool import ReadResult, StartError, read_letters
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from imr.samples import SampleLetter, draw_letter, draw_text, faults, named_letters
from tests.extract import hostile
from tests.extract.conftest import sample_decision
from tests.extract.test_sample_letters import assert_reads_back

LIMITS = Limits(max_bytes=10 * MIB, max_pages=50, fast_seconds=8, reference_seconds=10, worker_bytes=450 * MIB)
ROOMY = replace(LIMITS, worker_bytes=4096 * MIB, fast_seconds=1)  # so that time runs out first

A_LETTER = draw_letter(named_letters()["CM16-0300005"])
PROSE = draw_text(named_letters()["CM14-0300020"])
SIGNED = PROSE.replace("CLINICAL CASE SUMMARY", "Dear Mr. Sample:\n\nCLINICAL CASE SUMMARY")
TWO_IN_ONE = f"{PROSE}\nMEDICAL PROFESSIONAL REVIEW\nISSUE AT DISPUTE:\nWhether this is one letter.\n"

FIXTURES: dict[str, tuple[str, bytes, Reason, Limits]] = {
    "nothing": ("a.pdf", hostile.zero_bytes(), Reason.ZERO_BYTES, LIMITS),
    "a web page": ("a.pdf", hostile.a_web_page_named_pdf(), Reason.NOT_A_PDF, LIMITS),
    "a garbled table of objects": ("a.pdf", hostile.xref_garbage(), Reason.DAMAGED, LIMITS),
    "a transfer that broke off": ("a.pdf", hostile.truncated(A_LETTER), Reason.DAMAGED, LIMITS),
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
}


def drop(folder: Path, **files: bytes) -> list[Path]:
    paths = [folder / name.replace("__", ".") for name in files]
    for path, data in zip(paths, files.values(), strict=True):
        path.write_bytes(data)
    return paths


def good_letters(folder: Path, count: int = 6) -> tuple[list[Path], list[SampleLetter]]:
    made = [letter for letter in named_letters().values() if letter.layout == "table_header"][:count]
    return drop(folder, **{f"good{n}__pdf": draw_letter(letter) for n, letter in enumerate(made)}), made


def reason(outcome: ReadResult) -> Reason | None:
    return outcome.reason if isinstance(outcome, UnreadableError) else None


def readers() -> list[psutil.Process]:
    """This process's children that are letter readers."""
    return [p for p in psutil.Process().children() if "extract.worker" in p.cmdline()]


@pytest.fixture(autouse=True)
def _leaves_no_process() -> Iterator[None]:
    yield
    assert not readers()


@pytest.mark.parametrize("fault", FIXTURES)
def test_a_hostile_file_ends_in_its_reason_and_costs_no_other_letter(fault: str, tmp_path: Path) -> None:
    name, data, expected, limits = FIXTURES[fault]
    good, made = good_letters(tmp_path)
    hurting = tmp_path / name
    hurting.write_bytes(data)
    began = time.monotonic()
    outcomes = dict(read_letters([*good[:3], hurting, *good[3:]], limits))
    assert time.monotonic() - began < limits.fast_seconds + limits.reference_seconds + 10
    bad = outcomes.pop(3)
    assert (reason(bad), bool(bad.detail)) == (expected, True), bad
    assert list(outcomes) == [0, 1, 2, 4, 5, 6]
    for record, letter in zip(outcomes.values(), made, strict=True):
        assert_reads_back(record, letter)


@pytest.mark.parametrize("wanted", list(Reason))
def test_every_reason_has_a_file_that_ends_in_it(wanted: Reason) -> None:
    assert wanted in {expected for _, _, expected, _ in FIXTURES.values()}


def test_a_drop_full_of_hostile_files_is_read_by_two_processes(tmp_path: Path) -> None:
    good, made = good_letters(tmp_path)
    bad = []
    for number, (name, data, expected, limits) in enumerate(FIXTURES.values()):
        if limits is LIMITS:
            path = tmp_path / f"{number} {name}"
            path.write_bytes(data)
            bad.append((path, expected))
    paths = [path for pair in zip(good, bad[: len(good)], strict=True) for path in (pair[0], pair[1][0])]
    paths += [path for path, _ in bad[len(good) :]]
    outcomes = dict(read_letters(paths, LIMITS, processes=2))
    assert sorted(outcomes) == list(range(len(paths)))
    by_path = {paths[index]: outcome for index, outcome in outcomes.items()}
    assert {path: reason(by_path[path]) for path, _ in bad} == dict(bad)
    for path, letter in zip(good, made, strict=True):
        assert_reads_back(by_path[path], letter)


def test_no_letter_and_more_processes_than_letters(tmp_path: Path) -> None:
    assert list(read_letters([], processes=2)) == []
    good, _ = good_letters(tmp_path, 1)
    (only,) = read_letters(good, processes=4)
    assert isinstance(only[1], LetterRecord)


def test_a_missing_file_costs_itself(tmp_path: Path) -> None:
    good, made = good_letters(tmp_path, 1)
    outcomes = dict(read_letters([tmp_path / "gone.pdf", *good]))
    assert reason(outcomes[0]) is Reason.DAMAGED
    assert_reads_back(outcomes[1], made[0])


def test_a_killed_worker_costs_the_letter_that_it_was_at(tmp_path: Path) -> None:
    good, made = good_letters(tmp_path)
    endless = tmp_path / "endless.pdf"
    endless.write_bytes(hostile.a_fan_out_of_forms())
    reading = read_letters([*good[:2], endless, *good[2:]], replace(ROOMY, fast_seconds=60))
    outcomes = dict([next(reading), next(reading)])
    # The third letter begins when the generator goes on, so the kill has to come from beside it.
    (reader,) = readers()
    killer = subprocess.Popen([sys.executable, "-c", f"import os, time; time.sleep(.4); os.kill({reader.pid}, 9)"])
    outcomes |= dict(reading)
    assert killer.wait() == 0
    assert reason(outcomes[2]) is Reason.CRASHED
    assert "SIGKILL" in outcomes[2].detail
    del outcomes[2]
    assert list(outcomes) == [0, 1, 3, 4, 5, 6]
    for record, letter in zip(outcomes.values(), made, strict=True):
        assert_reads_back(record, letter)


def test_a_worker_killed_while_it_has_no_letter_costs_none(tmp_path: Path) -> None:
    good, made = good_letters(tmp_path)
    outcomes = {}
    for index, outcome in read_letters(good):
        outcomes[index] = outcome
        (reader,) = readers()
        reader.kill()
        reader.wait()
    assert len(outcomes) == len(made)
    for index, letter in enumerate(made):
        assert_reads_back(outcomes[index], letter)


def test_leaving_early_leaves_no_reader_behind(tmp_path: Path) -> None:
    good, _ = good_letters(tmp_path)
    reading = read_letters(good, processes=2)
    next(reading)
    assert len(readers()) == 2
    reading.close()
    assert not readers()


def test_a_worker_outlives_a_killed_supervisor_only_until_its_time_is_up(tmp_path: Path) -> None:
    endless = tmp_path / "endless.pdf"
    endless.write_bytes(hostile.a_fan_out_of_forms())
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
        (reader,) = found
        time.sleep(1)  # it is at the letter now
    finally:
        os.kill(supervisor.pid, signal.SIGKILL)
        supervisor.wait()
    assert psutil.wait_procs([reader], timeout=10)[1] == []


def test_a_worker_stays_small_over_many_letters(tmp_path: Path, letter: SampleLetter) -> None:
    long = replace(letter, decisions=tuple(sample_decision(f"Visit {n} of a course", rationale=" ".join(
        ["Nothing in the notes says why this visit is needed."] * 60)) for n in range(12)))  # fmt: skip
    path = tmp_path / "long.pdf"
    path.write_bytes(draw_letter(long))
    sizes = []
    for index, outcome in read_letters([path] * 80):
        assert isinstance(outcome, LetterRecord)
        if index in (19, 78):
            sizes.append(readers()[0].memory_info().rss)
    assert len(sizes) == 2
    assert sizes[1] < sizes[0] + 10 * MIB
    assert sizes[1] < 150 * MIB


def fails_to_start(monkeypatch: pytest.MonkeyPatch, times: int) -> list[object]:
    """Let the first readers end at once, as on a machine that is out of memory; returns all that were started."""
    start, started = subprocess.Popen, []

    def popen(command: list[str], **how: object) -> subprocess.Popen[bytes]:
        started.append(command)
        return start([sys.executable, "-c", "raise SystemExit(3)"] if len(started) <= times else command, **how)

    monkeypatch.setattr(pool.subprocess, "Popen", popen)
    return started


def test_a_reader_that_does_not_start_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, made = good_letters(tmp_path, 1)
    started = fails_to_start(monkeypatch, times=1)
    (only,) = read_letters(good)
    assert len(started) == 2
    assert_reads_back(only[1], made[0])


def test_no_letter_is_blamed_where_no_reader_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, _ = good_letters(tmp_path, 2)
    fails_to_start(monkeypatch, times=99)
    with pytest.raises(StartError, match="exit status 3"):
        list(read_letters(good, LIMITS))
