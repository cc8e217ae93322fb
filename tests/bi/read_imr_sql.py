"""Read marts repeatedly by `imr sql`, as a script does. Arguments: the marts."""

import os
import subprocess
import sys
import time

end = time.monotonic() + float(os.environ["IMR_BI_SECONDS"])
reads = 0
sizes: dict[str, int] = {}
while time.monotonic() < end:
    for mart in sys.argv[1:]:
        done = subprocess.run(
            [sys.executable, "-m", "imr", "sql", "--format", "json", f"FROM {mart}"], capture_output=True, text=True
        )
        rows = len(done.stdout.splitlines())
        if done.returncode or not rows or sizes.setdefault(mart, rows) != rows:
            sys.exit(f"{mart}: {rows} rows: {done.stderr}")
        reads += 1
print(f"{reads} reads of {len(sizes)} marts, no error")
