"""One typed settings object: environment `IMR_*`, a `.env` file, defaults that work in a fresh checkout."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator
from pydantic_settings import BaseSettings, SettingsConfigDict

from extract.limits import MIB, Limits
from warehouse.storage import Place, as_place

PROJECT_ROOT = Path(__file__).resolve().parent.parent

StoragePlace = Annotated[Place, PlainValidator(as_place), PlainSerializer(str)]
"""A folder's path, or the URL of one on an object store (`s3://bucket/prefix`)."""


_CHANNEL = re.compile(r"log|smtp:[\w.-]+:[^\s:,/]+@[^\s:,/]+(,[^\s:,/]+@[^\s:,/]+)*|slack:[\w.-]+")
"""Names of Airflow connections, and addresses: no URL and no password fits, for settings are printed."""


def _known_channels(value: str) -> str:
    if not value.split() or not all(_CHANNEL.fullmatch(channel) for channel in value.split()):
        raise ValueError(
            "say log, smtp:CONNECTION:name@example.org or slack:CONNECTION; a secret is the Airflow connection's"
        )
    return value


def _in_home(name: str) -> Callable[[dict[str, Any]], Place]:
    return lambda known: known["home"] / name


class Settings(BaseSettings):
    """Where things lie and how much is done at once. `imr config` prints it."""

    model_config = SettingsConfigDict(
        env_prefix="IMR_", env_file=PROJECT_ROOT / ".env", extra="ignore", hide_input_in_errors=True
    )

    home: Path = Field(default=PROJECT_ROOT / "var", description="everything that a run writes")
    inbox: StoragePlace = Field(default_factory=_in_home("inbox"), description="the drop folder; a path or URL")
    archive: StoragePlace = Field(default_factory=_in_home("archive"), description="loaded letters by content hash")
    quarantine: StoragePlace = Field(
        default_factory=_in_home("quarantine"), description="refused files by reason, each with a JSON note"
    )
    warehouse: StoragePlace = Field(
        default_factory=_in_home("warehouse"), description="published versions and the pointer to one of them"
    )
    exchange: StoragePlace | None = Field(
        default=None, description="where readers on other machines find a run and leave what they read; a path or URL"
    )
    quiet_seconds: float = Field(default=5, ge=0, description="a file written to this lately is looked at twice")
    max_letters_a_load: int = Field(default=20_000, ge=1, description="letters that one load takes; the rest waits")
    keep_runs: int = Field(default=60, ge=1, description="run folders kept, besides those of kept versions")
    poll_seconds: float = Field(default=30, gt=0, description="how often the inbox is looked at for arrivals")
    backfill_batch: int = Field(default=20_000, ge=1, description="letters of an archive that one load takes")
    reading_slots: int = Field(default=2, ge=1, description="chunks of a backfill that are read at once, everywhere")
    chunk_size: int = Field(default=200, ge=1, description="letters that one extraction task reads")
    max_file_mb: int = Field(default=50, ge=1, description="a larger file is quarantined, unread")
    max_pages: int = Field(default=200, ge=1, description="a longer letter is quarantined, unread")
    fast_seconds: float = Field(default=5, gt=0, description="a letter's reader is killed after this long")
    reference_seconds: float = Field(default=30, gt=0, description="the same for the slow, careful route")
    worker_memory_mb: int = Field(default=1536, ge=256, description="a reader's address space")
    ocr: bool = Field(default=False, description="give scans to tesseract (Debian: tesseract-ocr); seconds a page")
    ocr_seconds: float = Field(default=120, gt=0, description="text recognition of one letter is stopped after this")
    processes: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, description="readers at once")
    keep_versions: int = Field(default=30, ge=2, description="published versions kept on disk")
    notify: Annotated[str, AfterValidator(_known_channels)] = Field(
        default="log", description="who is told of failed and late loads; several with blanks between them"
    )
    notify_published: bool = Field(default=False, description="tell of each published version, too")
    late_after_hours: float = Field(default=4, gt=0, description="a working day's load is late so long after its hour")
    airflow_port: int = Field(default=8080, description="port of the Airflow UI, on loopback")

    @property
    def drop_folder(self) -> Place:
        """The inbox that the daily load reads and empties."""
        return self.inbox

    @property
    def version_cache(self) -> Path:
        """Copies of published versions that lie on an object store."""
        return self.home / "cache" / "versions"

    @property
    def limits(self) -> Limits:
        """What one letter may cost."""
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
        """One folder a run: run files, candidate, report."""
        return self.home / "runs"

    @property
    def reviews(self) -> Path:
        """What people decided of single letters, a JSON file a decision; each load writes the new ones to raw."""
        return self.home / "reviews"

    @property
    def backfills(self) -> Path:
        """How archives were divided into batches, and how each batch ended; one folder a backfill."""
        return self.home / "backfills"

    @property
    def notices(self) -> Path:
        """What people were told of loads, one file an occasion."""
        return self.home / "notices"

    @property
    def gx_home(self) -> Path:
        """Great Expectations' project: stores and Data Docs."""
        return self.home / "expectations"

    @property
    def data_docs(self) -> Path:
        """What the gates found, as a static site; `index.html` is where to begin."""
        return self.gx_home / "gx" / "uncommitted" / "data_docs" / "local_site"

    @property
    def airflow_home(self) -> Path:
        """Airflow's own folder: configuration, SQLite file, logs, password file."""
        return self.home / "airflow"


def load_settings() -> Settings:
    """Return the settings in force. Raises pydantic's ValidationError, which names the bad variable."""
    return Settings()
