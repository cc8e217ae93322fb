"""How each step of a run ended: one JSON file a step, one dataclass a kind of step.

A step that was killed stays `running`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

RUNNING, DONE, FAILED = "running", "done", "failed"


@dataclass
class StepResult:
    """State, time and error of a step; subclasses add what it found. `begun_at` is ISO, UTC."""

    STEP: ClassVar[str]
    SHARED: ClassVar[bool] = False
    """Whether readers on other machines read or write the file."""

    state: str = RUNNING
    begun_at: str = ""
    seconds: float | None = None
    error: str | None = None

    @property
    def is_done(self) -> bool:
        """Whether the step ended without an error."""
        return self.state == DONE

    @property
    def ended_at(self) -> str | None:
        """When the step ended (ISO, UTC); `None` where it runs or was killed."""
        if self.seconds is None:
            return None
        return (datetime.fromisoformat(self.begun_at) + timedelta(seconds=self.seconds)).isoformat(timespec="seconds")

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Return the result that a step file holds; keys of other versions are ignored.

        A file that is empty or cut off, as after a power cut, is of a step that was killed.
        """
        names = {f.name for f in fields(cls)}
        try:
            content = json.loads(text)
        except ValueError:
            return cls()
        return cls(**{name: value for name, value in content.items() if name in names})

    def as_json(self) -> bytes:
        """Return the content of the step's file."""
        return (json.dumps({"step": self.STEP} | asdict(self), indent=2, default=str) + "\n").encode()


@dataclass
class ScanResult(StepResult):
    """What a scan found, or which stored letters a reparse selected; a rebuild reads none.

    `files_seen` is every arrival, `new` and `duplicate` those to read; `unread` names listed files of a backfill that
    could not be opened; `based_on` is the published version at that time.
    """

    STEP: ClassVar[str] = "scan"
    SHARED: ClassVar[bool] = True

    inbox: str = ""
    files_seen: int = 0
    new: int = 0
    duplicate: int = 0
    known: int = 0
    waiting: int = 0
    waiting_by_reason: dict[str, int] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    ignored: int = 0
    chunk_size: int = 1
    based_on: int | None = None
    is_reparse: bool = False
    is_rebuild: bool = False
    selection: dict[str, Any] = field(default_factory=dict)
    missing: int = 0
    dry_run: bool = False
    accept_withdrawn: bool = False

    @property
    def to_read(self) -> int:
        """How many arrivals the run reads."""
        return self.new + self.duplicate


@dataclass
class ExtractResult(StepResult):
    """How the files of one chunk ended, or of all chunks together; `left` says why others were not read, by name.

    `tasks` is the number of chunks.
    """

    STEP: ClassVar[str] = "extract"
    SHARED: ClassVar[bool] = True

    loaded: int = 0
    duplicate: int = 0
    quarantined: int = 0
    left: dict[str, str] = field(default_factory=dict)
    tasks: int = 1


@dataclass
class CompareResult(StepResult):
    """How many rows a reparse or a rebuild changes."""

    STEP: ClassVar[str] = "compare"

    changes: int = 0
    dry_run: bool = False


@dataclass
class GateStepResult(StepResult):
    """What a gate found; see `expectations.gate.GateResult`."""

    checked: int = 0
    passed: bool = False
    failures: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    data_docs: str | None = None
    accept_drift: bool = False

    def fill(self, found: Mapping[str, Any]) -> None:
        """Take over a gate's result as JSON."""
        for name, value in found.items():
            setattr(self, name, value)


@dataclass
class BatchGateResult(GateStepResult):
    """What the gate before the load found."""

    STEP: ClassVar[str] = "gate_batch"


@dataclass
class LoadResult(StepResult):
    """Rows of each table in the raw part; `based_on` is the version that the candidate builds on."""

    STEP: ClassVar[str] = "load"

    rows: dict[str, int] = field(default_factory=dict)
    load_number: int = 1
    based_on: int | None = None


@dataclass
class TransformResult(StepResult):
    """How many dbt nodes ended in each state."""

    STEP: ClassVar[str] = "transform"

    nodes: dict[str, int] = field(default_factory=dict)


@dataclass
class MartsGateResult(GateStepResult):
    """What the gate before the publication found."""

    STEP: ClassVar[str] = "gate_marts"


@dataclass
class PublishResult(StepResult):
    """The published version and the rows of each mart."""

    STEP: ClassVar[str] = "publish"

    version: int = 0
    rows: dict[str, int] = field(default_factory=dict)


@dataclass
class ArchiveResult(StepResult):
    """How many files went where; `left` says why others stay where they were, by name."""

    STEP: ClassVar[str] = "archive"

    archived: int = 0
    quarantined: int = 0
    removed: int = 0
    left: dict[str, str] = field(default_factory=dict)


STEPS: tuple[type[StepResult], ...] = (
    ScanResult,
    ExtractResult,
    CompareResult,
    BatchGateResult,
    LoadResult,
    TransformResult,
    MartsGateResult,
    PublishResult,
    ArchiveResult,
)
"""Every step in the order of a run."""


def merge_chunks(chunks: list[ExtractResult]) -> ExtractResult | None:
    """Return the results of all chunks as one; `None` for no chunk. Seconds are summed."""
    if not chunks:
        return None
    failed = next((c for c in chunks if not c.is_done), None)
    return ExtractResult(
        state=failed.state if failed else DONE,
        error=failed.error if failed else None,
        begun_at=min(c.begun_at for c in chunks),
        seconds=round(sum(c.seconds or 0 for c in chunks), 2),
        loaded=sum(c.loaded for c in chunks),
        duplicate=sum(c.duplicate for c in chunks),
        quarantined=sum(c.quarantined for c in chunks),
        left={name: why for c in chunks for name, why in c.left.items()},
        tasks=len(chunks),
    )
