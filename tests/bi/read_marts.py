"""Read marts repeatedly, each time with a new connection, as a BI tool does. Runs in any client's environment.

Arguments: the marts file, "plain" or "pandas", the marts.
"""

import os
import sys
import time
from pathlib import Path

import duckdb

file, how, *marts = sys.argv[1:]
end = time.monotonic() + float(os.environ["IMR_BI_SECONDS"])
reads, versions, sizes = 0, set(), {}
while time.monotonic() < end:
    with duckdb.connect(file, read_only=True) as connection:
        versions.add(Path(file).resolve().parent.name)
        for mart in marts:
            answer = connection.execute(f"SELECT * FROM {mart}")
            rows = len(answer.df()) if how == "pandas" else len(answer.fetchall())
            if sizes.setdefault(mart, rows) != rows or not rows:
                sys.exit(f"{mart}: {rows} rows, {sizes[mart]} before")
            reads += 1
if len(versions) < 2:
    sys.exit(f"only the versions {versions} seen")
print(f"{reads} reads of {len(marts)} marts, {len(versions)} versions seen, duckdb {duckdb.__version__}, no error")
