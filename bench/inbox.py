"""How long a look at a drop folder takes, and what it needs: 50,000 letters in one drop unless told otherwise."""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from warehouse.intake.inbox import Intake, scan, worth_a_load
from warehouse.intake.ledger import Ledger
from warehouse.storage import folder_at

LETTER_BYTES = 60_000
"""About the size of a real letter."""


def main() -> None:
    """Write made-up files into folders of a thousand and time `scan` and `worth_a_load` over them."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--files", type=int, default=50_000)
    asked.add_argument("--most", type=int, default=20_000, help="letters that a load takes (IMR_MAX_LETTERS_A_LOAD)")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="imr-bench-inbox-") as drop:
        for number in range(options.files):
            path = Path(drop, f"{number // 1000:03d}", f"{number:06d}.pdf")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(number.to_bytes(8, "big") * (LETTER_BYTES // 8))
        folder = folder_at(Path(drop))
        begun = time.perf_counter()
        worth_a_load(folder, None, suffixes=(".pdf",), quiet_seconds=0)
        looked = time.perf_counter()
        found = scan(folder, Ledger(), Intake((".pdf",), "1", options.most, 0))
        scanned = time.perf_counter()
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{options.files} files of {LETTER_BYTES} bytes: worth a load? {looked - begun:.1f} s; "
        f"scan {scanned - looked:.1f} s: {len(found.arrivals)} taken, {len(found.waiting)} waiting; "
        f"at most {most_mb:.0f} MB of memory\n"
    )


if __name__ == "__main__":
    main()
