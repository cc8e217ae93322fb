"""Read marts repeatedly, each time with a new connection, as a BI tool does. Runs in any client's environment.

Arguments: the marts file, "duckdb", "pandas" or "imr" (reads by `imr sql`), and the marts.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb


def count_rows(file: str, how: str, mart: str) -> int:
    if how == "imr":
        command = [sys.executable, "-m", "imr", "sql", "--format", "json", f"FROM {mart}"]
        return len(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())
    with duckdb.connect(file, read_only=True) as connection:
        answer = connection.execute(f"SELECT * FROM {mart}")
        return len(answer.df()) if how == "pandas" else len(answer.fetchall())


file, how, *marts = sys.argv[1:]
end = time.monotonic() + float(os.environ["IMR_BI_SECONDS"])
reads, versions, sizes = 0, set(), {}
while time.monotonic() < end:
    versions.add(Path(file).resolve().parent.name)
    for mart in marts:
        rows = count_rows(file, how, mart)
        if sizes.setdefault(mart, rows) != rows or not rows:
            sys.exit(f"{mart}: {rows} rows, {sizes[mart]} before")
        reads += 1
if len(versions) < 2:
    sys.exit(f"only the versions {versions} seen")
print(f"{reads} reads of {len(marts)} marts, {len(versions)} versions seen, duckdb {duckdb.__version__}, no error")
