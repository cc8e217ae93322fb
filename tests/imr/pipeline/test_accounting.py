"""Every file is accounted for after any sequence of arrivals, loads, kills and rollbacks."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings
from tests.support.home import build_stand_in_marts
from tests.support.letters import draw_text, named_letters
from warehouse.hashing import hash_file
from warehouse.intake.inbox import name_in_archive
from warehouse.query import query_contents
from warehouse.versions.base import Version

LETTER = named_letters()["CM13-0300019"]
STEPS = ("scan", "extract", "load", "publish", "archive")


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it runs. (`make soak-kills` sends the real signal.)"""


def write_unique_letter(number: int) -> str:
    """Return the text of a synthetic letter; it prints no case number, so each is a case of its own."""
    first, *others = LETTER.decisions
    numbered = replace(first, rationale=f"{first.rationale} The request has the number {number}.")
    return draw_text(replace(LETTER, decisions=(numbered, *others)))


class WarehouseMachine(RuleBasedStateMachine):
    """Gets files, loads them, is killed at any step, and rolls back; without dbt and gates."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="imr-accounting-"))
        limits = {"chunk_size": 2, "max_letters_per_load": 3, "keep_runs": 2}
        self.context = Context(Settings(home=self.home, quiet_seconds=0, processes=1, **limits))
        self.inbox = self.home / "inbox"
        self.numbers = itertools.count()
        self.contents: list[str] = []
        self.everything: set[tuple[str, str]] = set()

    @initialize()
    def make_inbox(self) -> None:
        self.inbox.mkdir()

    def teardown(self) -> None:
        try:
            self.drain()
        finally:
            shutil.rmtree(self.home)

    def put(self, name: str, content: str) -> None:
        path = self.inbox / name
        path.write_text(content)
        self.contents.append(content)
        self.everything.add((name, hash_file(path)))

    @property
    def ledgers(self) -> set[tuple[str, str]]:
        """Name and hash of every file in a version's ledger, published or rolled back."""
        return {row for version in self.context.versions.all() for row in read_ledger(version)}

    @rule(count=st.integers(1, 3))
    def add_letters(self, count: int) -> None:
        for number in itertools.islice(self.numbers, count):
            self.put(f"{number}.txt", write_unique_letter(number))

    @rule()
    def add_another_file(self) -> None:
        number = next(self.numbers)
        self.put(f"{number}.txt", f"no letter {number}")

    @precondition(lambda self: self.contents)
    @rule(data=st.data())
    def add_same_bytes_again(self, data: st.DataObject) -> None:
        self.put(f"{next(self.numbers)}.txt", data.draw(st.sampled_from(self.contents)))

    @rule(killed_in=st.sampled_from((None, None, *STEPS)), after=st.booleans())
    def load(self, killed_in: str | None, after: bool) -> None:
        with suppress(Killed):
            self._load(f"run-{next(self.numbers)}", killed_in, after)

    def _load(self, run_id: str, killed_in: str | None, after: bool) -> None:
        def do(step: str, work: Callable[[], Any]) -> Any:
            if step == killed_in and not after:
                raise Killed
            done = work()
            if step == killed_in:
                raise Killed
            return done

        chunks = do("scan", lambda: steps.scan(self.context, run_id))
        if chunks:
            for first in chunks:
                do("extract", lambda first=first: steps.extract(self.context, run_id, first))
            do("load", lambda: steps.load(self.context, run_id))
            build_stand_in_marts(self.context, run_id)
            do("publish", lambda: steps.publish(self.context, run_id))
        do("archive", lambda: steps.archive(self.context, run_id))

    @precondition(lambda self: len(self.context.versions.all()) > 1)
    @rule()
    def rollback(self) -> None:
        versions = self.context.versions
        if versions.require_current().manifest["based_on"] is not None:
            versions.rollback()

    @invariant()
    def every_file_is_accounted_for(self) -> None:
        lost = {f for f in self.everything if not self._is_accounted_for(*f)}
        assert not lost

    def _is_accounted_for(self, name: str, sha256: str) -> bool:
        """Whether a file is in the inbox, or stored and in a ledger."""
        path = self.inbox / name
        if path.exists() and hash_file(path) == sha256:
            return True
        stored = name_in_archive(sha256, name)
        folders = [self.home / "archive", *(self.home / "quarantine").glob("*")]
        return any((folder / stored).exists() for folder in folders) and (name, sha256) in self.ledgers

    def drain(self) -> None:
        """Load until nothing waits; then the published ledger has every file once."""
        for _ in range(20):
            self._load(f"run-{next(self.numbers)}", None, False)
            if not steps.scan(self.context, "last"):
                break
        current = self.context.current
        assert sorted(read_ledger(current) if current else []) == sorted(self.everything)
        if current:
            unread = "FROM raw.files WHERE status = 'loaded' AND sha256 NOT IN (SELECT letter_id FROM raw.letters)"
            assert query_contents(current.contents, unread).num_rows == 0
        assert not list(self.inbox.iterdir())


def read_ledger(version: Version) -> list[tuple[str, str]]:
    return [
        (row["source_path"], row["sha256"]) for row in query_contents(version.contents, "FROM raw.files").to_pylist()
    ]


@pytest.mark.slow
def test_every_file_is_accounted_for_whatever_happens() -> None:
    run_state_machine_as_test(
        WarehouseMachine,
        settings=settings(
            max_examples=3,
            stateful_step_count=8,
            deadline=None,
            derandomize=True,  # `make soak-kills` is random
            suppress_health_check=list(HealthCheck),
        ),
    )
