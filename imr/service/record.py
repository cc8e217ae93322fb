"""The service's record file: which processes are the service's, and how it ended if it gave up."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from imr.service.processes import ProcessId
from warehouse.files import write_owner_only


@dataclass
class Record:
    """What the supervisor writes down for `stop` and `status`."""

    supervisor: ProcessId
    url: str
    processes: set[ProcessId] = field(default_factory=set)
    gave_up: str | None = None
    gave_up_log: str | None = None

    def save(self, path: Path) -> None:
        """Replace the record file in one step."""
        ordered = sorted(self.processes, key=lambda identity: identity.pid)
        write_owner_only(path, asdict(self) | {"processes": [asdict(identity) for identity in ordered]})


def record_path(airflow_home: Path) -> Path:
    """Return where a service's record lies."""
    return airflow_home.resolve() / "service.json"


def read_record(path: Path) -> Record | None:
    """Return the record, or None if no service was started or the last one was stopped."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Record(
        supervisor=ProcessId(**content["supervisor"]),
        url=content["url"],
        processes={ProcessId(**identity) for identity in content["processes"]},
        gave_up=content["gave_up"],
        gave_up_log=content["gave_up_log"],
    )
