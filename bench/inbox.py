"""Time and memory of a scan of a large inbox: 50,000 letters unless stated otherwise."""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from warehouse.intake.inbox import ScanRules, scan_inbox
from warehouse.intake.ledger import Ledger
from warehouse.intake.listing import find_arrivals
from warehouse.storage import folder_at

LETTER_BYTES = 60_000
"""About the size of a real letter."""


def main() -> None:
    """Write synthetic files into folders of a thousand and measure `find_arrivals` and `scan_inbox` over them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--max-files", type=int, default=20_000, help="letters of one load (IMR_MAX_LETTERS_PER_LOAD)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="imr-bench-inbox-") as inbox:
        for number in range(options.files):
            path = Path(inbox, f"{number // 1000:03d}", f"{number:06d}.pdf")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(number.to_bytes(8, "big") * (LETTER_BYTES // 8))
        folder = folder_at(Path(inbox))
        begun = time.perf_counter()
        find_arrivals(folder, None, suffixes=(".pdf",), quiet_seconds=0)
        checked = time.perf_counter()
        found = scan_inbox(folder, Ledger(), ScanRules((".pdf",), "1", options.max_files, 0, LETTER_BYTES))
        scanned = time.perf_counter()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{options.files} files of {LETTER_BYTES} bytes: check for arrivals {checked - begun:.1f} s; "
        f"scan {scanned - checked:.1f} s: {len(found.arrivals)} arrivals, {len(found.waiting)} waiting; "
        f"peak memory {peak_mb:.0f} MB\n"
    )


if __name__ == "__main__":
    main()
