"""Files in = files accounted for, after any sequence of drops, loads, failures, kills and rollbacks."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
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

from imr.pipeline import steps
from imr.settings import Settings
from tests.support.letters import draw_text, named_letters
from warehouse.hashing import hash_file
from warehouse.intake.inbox import archived

LETTER = named_letters()["CM13-0300019"]
STEPS = ("scan", "extract", "load", "publish", "settle")


class Killed(BaseException):
    """What a SIGKILL is to the process it hits: nothing after it runs. (The real signal: `make soak-kills`.)"""


def letter(number: int) -> str:
    """A made-up letter like no other, as text; it prints no case number, so each is a case of its own."""
    first, *others = LETTER.decisions
    numbered = replace(first, rationale=f"{first.rationale} The request has the number {number}.")
    return draw_text(replace(LETTER, decisions=(numbered, *others)))


class House(RuleBasedStateMachine):
    """A house that is dropped into, loads, is killed anywhere, and rolls back; dbt and the gates are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="imr-accounting-"))
        self.settings = Settings(
            home=self.home, chunk_size=2, max_letters_per_load=3, quiet_seconds=0, processes=1, keep_runs=2
        )
        self.numbers = itertools.count()
        self.contents: list[str] = []
        self.everything: set[tuple[str, str]] = set()

    @initialize()
    def inbox(self) -> None:
        Path(self.settings.inbox).mkdir()

    def teardown(self) -> None:
        try:
            self.drain()
        finally:
            shutil.rmtree(self.home)

    def drop(self, name: str, content: str) -> None:
        path = Path(self.settings.inbox) / name
        path.write_text(content)
        self.contents.append(content)
        self.everything.add((name, hash_file(path)))

    @property
    def taken(self) -> set[tuple[str, str]]:
        """What a version has accounted for by now, published or rolled back."""
        rows = set()
        for version in self.context.versions.all():
            with duckdb.connect(str(version.full), read_only=True) as connection:
                rows |= set(connection.execute("SELECT source_path, sha256 FROM raw.files").fetchall())
        return rows

    @rule(count=st.integers(1, 3))
    def letters(self, count: int) -> None:
        for number in itertools.islice(self.numbers, count):
            self.drop(f"{number}.txt", letter(number))

    @rule()
    def no_letter(self) -> None:
        number = next(self.numbers)
        self.drop(f"{number}.txt", f"no letter {number}")

    @precondition(lambda self: self.contents)
    @rule(data=st.data())
    def the_same_bytes_again(self, data: st.DataObject) -> None:
        self.drop(f"{next(self.numbers)}.txt", data.draw(st.sampled_from(self.contents)))

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
            with duckdb.connect(str(self.context.open_run(run_id).candidate)) as connection:
                connection.execute(
                    "CREATE SCHEMA IF NOT EXISTS marts; CREATE OR REPLACE TABLE marts.dim_none AS SELECT 1 AS n"
                )
            do("publish", lambda: steps.publish(self.context, run_id))
        do("settle", lambda: steps.archive(self.context, run_id))

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
        """In the drop folder; or stored, and told by the version that readers see or by one that was rolled back."""
        path = Path(self.settings.inbox) / name
        if path.exists() and hash_file(path) == sha256:
            return True
        stored = archived(sha256, ".txt")
        is_stored = (self.settings.archive / stored).exists() or any(
            (place / stored).exists() for place in Path(self.settings.quarantine).glob("*")
        )
        return is_stored and (name, sha256) in self.taken

    def drain(self) -> None:
        """Load until nothing waits; then the version that readers see tells every file, and tells it once."""
        for _ in range(20):
            self._load(f"run-{next(self.numbers)}", None, False)
            if not steps.scan(self.context, "look"):
                break
        current = self.context.versions.current()
        rows = []
        if current:
            with duckdb.connect(str(current.full), read_only=True) as connection:
                rows = connection.execute("SELECT source_path, sha256 FROM raw.files ORDER BY ALL").fetchall()
                (unread,) = connection.execute(
                    "SELECT count(*) FROM raw.files WHERE status = 'loaded' "
                    "AND sha256 NOT IN (SELECT letter_id FROM raw.letters)"
                ).fetchone()
                assert unread == 0
        assert rows == sorted(self.everything)
        assert not list(Path(self.settings.inbox).iterdir())


def test_every_file_is_accounted_for_whatever_happens() -> None:
    run_state_machine_as_test(
        House,
        settings=settings(
            max_examples=3,
            stateful_step_count=8,
            deadline=None,
            derandomize=True,  # a build must not fail for luck; `make soak-kills` looks further
            suppress_health_check=list(HealthCheck),
        ),
    )
