"""The drop folder: what is new in it, and where its files go once their version is published."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from warehouse.errors import WarehouseError
from warehouse.ledger import Ledger
from warehouse.run import Run, write_json

NEW, DUPLICATE, KNOWN = "new", "duplicate", "known"


@dataclass(frozen=True)
class Arrival:
    """One letter file as the scan found it: `path` is where its bytes are, `source_path` its name in the
    drop folder, `status` new, duplicate (its bytes have another name) or known (it is in the ledger).
    """

    path: str
    source_path: str
    size_bytes: int
    sha256: str
    status: str


@dataclass(frozen=True)
class Scan:
    """What a drop folder holds; `left_alone` counts files that are no letters by their name."""

    arrivals: tuple[Arrival, ...]
    left_alone: int

    def count(self, status: str) -> int:
        """Return how many arrivals have a status."""
        return sum(a.status == status for a in self.arrivals)


def scan(
    folder: Path,
    ledger: Ledger,
    *,
    suffixes: tuple[str, ...],
    parser_version: str,
    returned: Iterable[Arrival] = (),
) -> Scan:
    """Look through a drop folder and tell new files from duplicates and known ones.

    Subfolders are walked; links, dot files and `.part` files are not looked at. Of several new files
    with the same bytes the first by name is new. `returned` are archived files that no published
    version holds any more (after a rollback). Raises `WarehouseError` where the folder is not there.
    """
    if not folder.is_dir():
        raise WarehouseError(f"drop folder {folder} is not there: create it, or name another with --drop")
    arrivals: list[Arrival] = []
    left_alone = 0
    taken: set[str] = set()
    for path in _regular_files(folder):
        if path.suffix.lower() not in suffixes:
            left_alone += 1
            continue
        sha256, source_path = hash_file(path), str(path.relative_to(folder))
        if (sha256, parser_version) in ledger.read:
            status = KNOWN if (sha256, source_path) in ledger.seen else DUPLICATE
        else:
            status = DUPLICATE if sha256 in taken else NEW
        taken.add(sha256)
        arrivals.append(Arrival(str(path), source_path, path.stat().st_size, sha256, status))
    for arrival in returned:
        if arrival.sha256 not in taken and (arrival.sha256, parser_version) not in ledger.read:
            taken.add(arrival.sha256)
            arrivals.append(arrival)
    return Scan(tuple(arrivals), left_alone)


def _regular_files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if not name.startswith(".") and not name.endswith(".part") and not path.is_symlink() and path.is_file():
                yield path


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_arrivals(run: Run, arrivals: Iterable[Arrival]) -> None:
    """Keep a scan's arrivals with the run, one JSON object a line."""
    run.folder.mkdir(parents=True, exist_ok=True)
    run.arrivals.write_text("".join(json.dumps(asdict(a)) + "\n" for a in arrivals), "utf-8")


def read_arrivals(run: Run) -> list[Arrival]:
    """Return the arrivals of a run, in the order of the scan."""
    with run.arrivals.open(encoding="utf-8") as lines:
        return [Arrival(**json.loads(line)) for line in lines]


def archived(archive: Path, sha256: str, suffix: str) -> Path:
    """Return where a file's bytes are archived; the stored name says nothing but the content's hash."""
    return archive / sha256[:2] / f"{sha256}{suffix.lower()}"


def settle(
    arrivals: Iterable[Arrival],
    quarantined: dict[str, dict[str, Any]],
    *,
    archive: Path,
    quarantine: Path,
    empty_drop_folder: bool,
) -> dict[str, int]:
    """Bring published files to their place: the archive, or `quarantine/<reason>/` with a JSON note.

    `quarantined` holds the ledger row of each refused file by sha256. With `empty_drop_folder` the file
    then leaves the drop folder; else it is copied and left alone. A file whose bytes have changed since
    the scan stays where it is and is a new arrival of the next run. Can be run again at any point.
    """
    counts = {"archived": 0, "quarantined": 0, "removed": 0, "changed": 0}
    for arrival in arrivals:
        source = Path(arrival.path)
        note = quarantined.get(arrival.sha256)
        home = quarantine / note["reason"] if note else archive
        target = archived(home, arrival.sha256, source.suffix)
        if not source.exists() or source == target:
            continue
        if hash_file(source) != arrival.sha256:
            counts["changed"] += 1
            continue
        if not target.exists():
            _copy_whole(source, target)
            counts["quarantined" if note else "archived"] += 1
        if note:
            write_json(target.with_suffix(".json"), note)
        if empty_drop_folder:
            source.unlink()
            counts["removed"] += 1
    return counts


def _copy_whole(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    part.replace(target)
