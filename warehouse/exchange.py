"""Where readers on several machines find what a run has to read, and leave what they made of it.

The machine that scans and loads keeps the run's folder. It lays the arrivals out under the run's name; whoever
reads a chunk brings them to a folder of its own, and brings the chunk's run files back; before the gate all are
gathered. On one machine there is no exchange, and everything here does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import WarehouseError
from warehouse.files import write_bytes
from warehouse.run import Run
from warehouse.schema import SCHEMAS
from warehouse.storage import Folder, Passed, Place, folder_at

_SCAN = "steps/scan.json"


@dataclass(frozen=True)
class Exchange:
    """The exchange at a place (a shared folder's path, or the URL of one on an object store); none at `None`."""

    place: Place | None

    def offer(self, run: Run) -> None:
        """Lay out what a run has to read: its arrivals, the letters that were released, and last its scan."""
        folder = self._of(run)
        if folder is not None:
            self.clear(run)
            for file in (run.arrivals, run.released, run.folder / _SCAN):
                folder.put(_name(run, file), file)

    def fetch(self, run: Run) -> None:
        """Bring what a run has to read to this machine, unless it is here already.

        Raises `WarehouseError` where the run is not laid out.
        """
        folder = self._of(run)
        if folder is None:
            return
        scanned = _read(folder, _SCAN)
        if scanned is None:
            raise WarehouseError(
                f"{folder.location} holds no scan of run {run.run_id}: is IMR_EXCHANGE the same on every machine?"
            )
        here = run.folder / _SCAN
        if here.exists() and here.read_bytes() == scanned:
            return
        for file in (run.arrivals, run.released):
            _bring(folder, _name(run, file), file)
        write_bytes(here, scanned)

    def deliver(self, run: Run, part: str) -> None:
        """Leave the run files of one chunk, and last its step's outcome, which says that they are whole."""
        folder = self._of(run)
        if folder is not None:
            for name in _files_of(part):
                folder.put(name, run.folder / name)

    def gather(self, run: Run, parts: Iterable[str]) -> int:
        """Bring the run files of every chunk that was read elsewhere; return how many chunks that were.

        Raises `WarehouseError` that names a chunk of which nothing was left.
        """
        folder = self._of(run)
        if folder is None:
            return 0
        elsewhere = [part for part in parts if (run.outcome(_step(part)) or {}).get("state") != "done"]
        for part in elsewhere:
            for name in _files_of(part):
                if not _bring(folder, name, run.folder / name):
                    raise WarehouseError(
                        f"{folder.location}/{name} is missing: whoever read {part} has not left it there. Clear that "
                        "task `extract`, then this one"
                    )
        return len(elsewhere)

    def clear(self, run: Run) -> None:
        """Take away what is laid out under a run's name."""
        folder = self._of(run)
        if folder is not None and folder.exists():
            for found in list(folder.walk()):
                if not isinstance(found, Passed):
                    folder.remove(found.name)

    def _of(self, run: Run) -> Folder | None:
        return None if self.place is None else folder_at(self.place / run.run_id)


def _step(part: str) -> str:
    return f"extract/{part}"


def _files_of(part: str) -> list[str]:
    return [*(f"{table}/{part}.parquet" for table in SCHEMAS), f"steps/{_step(part)}.json"]


def _name(run: Run, file: Path) -> str:
    return file.relative_to(run.folder).as_posix()


def _read(folder: Folder, name: str) -> bytes | None:
    try:
        with folder.open(name) as file:
            return file.read()
    except FileNotFoundError:
        return None


def _bring(folder: Folder, name: str, target: Path) -> bool:
    """Copy a file to this machine, whole or not at all; whether there was one."""
    content = _read(folder, name)
    if content is not None:
        write_bytes(target, content)
    return content is not None
