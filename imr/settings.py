"""Settings from the environment (`IMR_*`) or a `.env` file, with defaults that work in a fresh checkout."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator
from pydantic_settings import BaseSettings, SettingsConfigDict

from extract.limits import MIB, Limits
from warehouse.storage import Place, as_place

PROJECT_ROOT = Path(__file__).resolve().parent.parent

OWNER_LOCK = "IMR_OWNER_LOCK"
"""Environment variable of Airflow's processes: a file that is locked while the process lives that started them."""

StoragePlace = Annotated[Place, PlainValidator(as_place), PlainSerializer(str)]
"""The path of a folder, or its URL in an object store (`s3://bucket/prefix`)."""


_CHANNEL = re.compile(r"log|smtp:[\w.-]+:[^\s:,/]+@[^\s:,/]+(,[^\s:,/]+@[^\s:,/]+)*|slack:[\w.-]+")
"""Names of Airflow connections and addresses: no URL and no password matches, since settings are printed."""


def _require_known_channels(value: str) -> str:
    if not value.split() or not all(_CHANNEL.fullmatch(channel) for channel in value.split()):
        raise ValueError(
            "use log, smtp:CONNECTION:name@example.org or slack:CONNECTION; secrets belong in the Airflow connection"
        )
    return value


def _none_if_empty(value: object) -> object:
    """Return `None` for an empty value, as `imr config` prints a setting that is not set."""
    return value or None


def _in_home(name: str) -> Callable[[dict[str, Any]], Place]:
    return lambda known: known["home"] / name


class Settings(BaseSettings):
    """Locations and limits. `imr config` prints them with their descriptions."""

    model_config = SettingsConfigDict(
        env_prefix="IMR_", env_file=PROJECT_ROOT / ".env", extra="ignore", hide_input_in_errors=True
    )

    home: Path = Field(default=PROJECT_ROOT / "var", description="Folder of everything that a run writes.")
    inbox: StoragePlace = Field(
        default_factory=_in_home("inbox"),
        description="Folder of new letters, a path or URL. The daily load empties it.",
    )
    archive: StoragePlace = Field(default_factory=_in_home("archive"), description="Loaded letters by content hash.")
    quarantine: StoragePlace = Field(
        default_factory=_in_home("quarantine"), description="Quarantined files by reason, each with a JSON note."
    )
    warehouse: StoragePlace = Field(
        default_factory=_in_home("warehouse"), description="Published versions, and the pointer to the current one."
    )
    shared_runs: Annotated[StoragePlace | None, BeforeValidator(_none_if_empty)] = Field(
        default=None,
        description="Run files on shared storage, a path or URL, for readers on several machines. Local if not set.",
    )
    quiet_seconds: float = Field(
        default=5, ge=0, description="Seconds that a file must stay unchanged before it is loaded."
    )
    max_letters_per_load: int = Field(default=20_000, ge=1, description="Letters of one load; others wait.")
    keep_runs: int = Field(default=60, ge=1, description="Run folders kept, besides those of published versions.")
    poll_seconds: float = Field(default=30, gt=0, description="Seconds between two checks of the inbox for arrivals.")
    backfill_batch: int = Field(default=20_000, ge=1, description="Letters of one batch of a backfill.")
    reading_slots: int = Field(default=2, ge=1, description="Chunks of a backfill read at once, on all machines.")
    chunk_size: int = Field(default=200, ge=1, description="Letters that one extract task reads.")
    max_file_mb: int = Field(
        default=50, ge=1, description="Larger files are quarantined unread, and stay in the inbox."
    )
    max_pages: int = Field(default=200, ge=1, description="Longer letters are quarantined unread.")
    fast_seconds: float = Field(default=5, gt=0, description="Time limit for reading one letter by the fast route.")
    reference_seconds: float = Field(default=30, gt=0, description="Time limit for reading one letter by pdfplumber.")
    worker_memory_mb: int = Field(default=1536, ge=256, description="Address space of a reader process.")
    ocr: bool = Field(default=False, description="Read scans with tesseract (Debian: tesseract-ocr).")
    ocr_seconds: float = Field(default=120, gt=0, description="Time limit for text recognition of one letter.")
    processes: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, description="Reader processes at once.")
    keep_versions: int = Field(default=30, ge=2, description="Published versions kept.")
    notify: Annotated[str, AfterValidator(_require_known_channels)] = Field(
        default="log", description="Channels for notices of failed and late loads, separated by blanks."
    )
    notify_published: bool = Field(default=False, description="Send a notice of each published version, too.")
    late_after_hours: float = Field(
        default=4, gt=0, description="Hours after its start when a working day's load counts as late."
    )
    airflow_port: int = Field(default=8080, description="Port of the Airflow UI on loopback.")

    @property
    def inbox_is_default(self) -> bool:
        """Whether the inbox is the one in `home`, which a load may create; any other must exist."""
        return self.inbox == self.home / "inbox"

    @property
    def version_cache(self) -> Path:
        """Local copies of published versions in an object store."""
        return self.home / "cache" / "versions"

    @property
    def limits(self) -> Limits:
        """Limits for reading one letter."""
        return Limits(
            max_bytes=self.max_file_mb * MIB,
            max_pages=self.max_pages,
            fast_seconds=self.fast_seconds,
            reference_seconds=self.reference_seconds,
            worker_bytes=self.worker_memory_mb * MIB,
            ocr=self.ocr,
            ocr_seconds=self.ocr_seconds,
        )

    @property
    def runs(self) -> Path:
        """Run folders: run files, candidate, report."""
        return self.home / "runs"

    @property
    def reviews(self) -> Path:
        """Review decisions, one JSON file each; the next load writes new ones to raw."""
        return self.home / "reviews"

    @property
    def backfills(self) -> Path:
        """Backfill plans and batch results, one folder a backfill."""
        return self.home / "backfills"

    @property
    def notices(self) -> Path:
        """Notices that were sent, one file an event."""
        return self.home / "notices"

    @property
    def gx_home(self) -> Path:
        """The Great Expectations project: stores and Data Docs."""
        return self.home / "expectations"

    @property
    def data_docs(self) -> Path:
        """The static site of gate results; start at `index.html`."""
        return self.gx_home / "gx" / "uncommitted" / "data_docs" / "local_site"

    @property
    def airflow_home(self) -> Path:
        """Airflow's own folder: configuration, SQLite file, logs, password file."""
        return self.home / "airflow"


def load_settings() -> Settings:
    """Return the settings. Raises pydantic's ValidationError, which names the invalid variable."""
    return Settings()
