"""A home folder of the project, and loads in it without a scheduler."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from imr.context import Context
from imr.pipeline import steps
from imr.settings import Settings
from warehouse.build.load import load_run
from warehouse.intake import inbox
from warehouse.query import query_contents
from warehouse.runs.run import Run
from warehouse.storage import Place
from warehouse.versions.contents import Contents

STAND_IN_MARTS = """
CREATE OR REPLACE TABLE bi.fct_decisions AS
SELECT letters.case_number AS case_key, decisions.outcome, decisions.outcome = 'overturned' AS is_overturned,
    decisions.treatment_requested, decisions.disputed_request, decisions.treatment_requested AS procedure
FROM raw.decisions AS decisions INNER JOIN raw.letters AS letters ON decisions.letter_id = letters.letter_id;
CREATE OR REPLACE TABLE bi.dim_procedures AS
SELECT DISTINCT procedure, procedure AS procedure_name FROM bi.fct_decisions;
CREATE OR REPLACE TABLE bi.dim_letters AS
SELECT letter_id, source_name, case_number AS case_key, decision_date, load_number, loaded_at, TRUE AS is_current,
    row_number() OVER (PARTITION BY case_number ORDER BY decision_date DESC) AS version_rank
FROM raw.letters;
CREATE OR REPLACE TABLE bi.fct_flags AS
SELECT letter_id, decision_number, code AS flag_kind, detail AS flag_detail, FALSE AS is_contradiction FROM raw.flags;
CREATE OR REPLACE TABLE bi.fct_intake AS
SELECT sha256 AS file_sha256, parser_version, source_path, size_bytes, status AS file_status, status AS latest_status,
    reason AS quarantine_reason, seen_at, run_id, load_number, loaded_at,
    (SELECT format FROM raw.letters WHERE letter_id = sha256) AS letter_format,
    status <> 'duplicate'
        AND row_number() OVER (PARTITION BY sha256 ORDER BY status = 'duplicate', load_number DESC, seen_at DESC) = 1
        AS is_latest_reading,
    row_number() OVER (
        PARTITION BY sha256, source_path ORDER BY status = 'duplicate', load_number DESC, seen_at DESC
    ) = 1 AS is_latest_attempt
FROM raw.files
"""
"""The marts and columns that the steps, a run's report and `imr status` query; dbt takes ten seconds longer."""


def find_loaded(context: Context, run_id: str) -> Contents:
    """Return the raw rows of a run's candidate, whose marts are not built yet."""
    base = context.versions.find_base()
    return Contents((*(base.contents.parts if base else ()), context.open_run(run_id).part))


def build_stand_in_marts(context: Context, run_id: str) -> None:
    """Build stand-in marts in a run's candidate, after its load."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{context.open_run(run_id).marts}' AS bi")
        find_loaded(context, run_id).attach(connection, "imr")
        connection.execute("USE imr")
        connection.execute(STAND_IN_MARTS)


@dataclass(frozen=True)
class Home:
    """A home folder with a folder of letters beside its inbox."""

    path: Path

    @property
    def settings(self) -> Settings:
        return Settings(home=self.path, chunk_size=10, quiet_seconds=0)

    @cached_property
    def context(self) -> Context:
        return Context(self.settings)

    @property
    def letters(self) -> Path:
        """The folder that `load` loads by default."""
        return self.path / "letters"

    @property
    def version(self) -> int:
        """The number of the published version."""
        return self.context.versions.require_current().number

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Return rows of the published warehouse."""
        return query_contents(self.context.versions.require_current().contents, sql).to_pylist()

    def read(self, run_id: str, inbox: Place | None = None) -> list[int]:
        """Scan and extract; return the chunks."""
        chunks = steps.scan(self.context, run_id, inbox or self.letters)
        for first in chunks:
            steps.extract(self.context, run_id, first)
        return chunks

    def load(self, run_id: str, inbox: Place | None = None) -> int | None:
        """Run every step as the DAG does; return the published version, `None` where nothing was new."""
        chunks = steps.scan(self.context, run_id, inbox or self.letters)
        version = steps.run_load(self.context, run_id, chunks)
        steps.report(self.context, run_id)
        return version

    def copy_candidate(self, run_id: str) -> Run:
        """Return a run without arrivals whose candidate equals the published version."""
        run, current = self.context.open_run(run_id), self.context.versions.require_current()
        inbox.write_arrivals(run, [])
        load_run(run, current.contents, current.load_number + 1)
        shutil.copyfile(current.marts, run.marts)
        return run

    def publish(self, run_id: str) -> int:
        """Load and publish what a run has read, with stand-in marts and without gates; return the version."""
        assert steps.acquire_publish_lock(self.context, run_id)
        steps.load(self.context, run_id)
        build_stand_in_marts(self.context, run_id)
        return steps.publish(self.context, run_id)

    def load_quickly(self, run_id: str, inbox: Place | None = None) -> int:
        """Run every step but dbt and the gates; return the published version."""
        assert self.read(run_id, inbox)
        version = self.publish(run_id)
        steps.archive(self.context, run_id)
        steps.report(self.context, run_id)
        return version
