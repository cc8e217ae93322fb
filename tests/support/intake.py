"""Files of an inbox and its scan, for the tests of the intake."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from warehouse.intake.folders import LetterFolders
from warehouse.intake.inbox import Arrival, Scan, ScanRules, scan_inbox
from warehouse.intake.ledger import Ledger
from warehouse.storage import Folder, folder_at

PARSER_VERSION = "7"
MAX_BYTES = 1000
LONG_AGO = 1_500_000_000.0
SUFFIXES = (".pdf", ".txt")


def write_letter(path: Path, content: str = "a letter", written_at: float = LONG_AGO) -> Path:
    """Write a file with a time of modification; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (written_at, written_at))
    return path


def as_folder(folder: Folder | Path) -> Folder:
    """Return the folder at a path, or a folder as it is."""
    return folder_at(folder) if isinstance(folder, Path) else folder


def scan_folder(
    folder: Folder | Path,
    *,
    max_files: int = 1000,
    quiet_seconds: float = 1.0,
    ledger: Ledger | None = None,
    returned: Iterable[Arrival] = (),
) -> Scan:
    """Scan an inbox by rules that rarely matter."""
    rules = ScanRules(SUFFIXES, PARSER_VERSION, max_files, quiet_seconds, MAX_BYTES)
    return scan_inbox(as_folder(folder), ledger or Ledger(), rules, returned)


def make_folders(inbox: Folder | Path) -> LetterFolders:
    """Return an inbox with the archive and the quarantine beside it."""
    folder = as_folder(inbox)
    base = Path(folder.location).parent
    return LetterFolders(folder, folder_at(base / "archive"), folder_at(base / "quarantine"))
