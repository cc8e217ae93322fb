"""BI clients that read the marts while loads publish: `make bi-test`. Not part of the suite, as it installs a gigabyte.

The marts of the published version (`make run` first) are published repeatedly in a temporary warehouse while one
client after the other reads five marts. A client passes if no read fails and every read is complete.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imr.bi.superset import CHARTS, write_bundle
from imr.context import Context
from imr.settings import PROJECT_ROOT, Settings, load_settings
from warehouse.versions.base import MARTS, RAW

TOOLS = PROJECT_ROOT / ".tools"
OLD_DUCKDB = "duckdb==1.1.3"
SUPERSET = (
    *("apache-superset==6.1.0", "duckdb-engine==0.17.0", "duckdb==1.5.6"),
    *("flask-caching==2.3.1", "rich", "cachetools"),
)
SECONDS = 20.0
"""How long each client reads."""


def main() -> int:
    """Run every client and print its result; return the number of those that failed."""
    marts = Context(load_settings()).versions.require_current().marts
    failed = 0
    with tempfile.TemporaryDirectory(prefix="imr-bi-") as folder:
        home = Path(folder)
        publish(home, marts)
        current = home / "warehouse" / "current" / MARTS
        clients = {
            "DuckDB 1.1.3": make_reader(make_venv("duckdb-old", OLD_DUCKDB), current, "duckdb"),
            "DuckDB 1.5.6 and pandas": make_reader(Path(sys.executable), current, "pandas"),
            "imr sql": make_reader(Path(sys.executable), current, "imr"),
            "Superset 6.1.0": set_up_superset(home, current),
        }
        for name, command in clients.items():
            with publish_repeatedly(home, marts) as published:
                environment = os.environ | {
                    "IMR_HOME": str(home),
                    "IMR_BI_SECONDS": str(SECONDS),
                    **superset_environment(home),
                }
                done = subprocess.run(
                    command, capture_output=True, text=True, env=environment, timeout=1800, check=False
                )
            failed += bool(done.returncode)
            last = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()[-1:]
            print(f"{name:<26}{'failed' if done.returncode else 'ok':<8}{published[0]} publications; {''.join(last)}")
    return failed


def make_reader(python: Path, marts: Path, how: str) -> list[str]:
    """Return the command that reads the marts in one way."""
    return [str(python), str(PROJECT_ROOT / "tests" / "bi" / "read_marts.py"), str(marts), how, *CHARTS]


def make_venv(name: str, *packages: str) -> Path:
    """Return the Python of a client's environment under `.tools`, created once."""
    python = TOOLS / name / "bin" / "python"
    ready = TOOLS / name / ".ready"
    if not ready.exists():
        print(f"installing {packages[0]} into {TOOLS / name} ...", flush=True)
        uv = str(TOOLS / "bin" / "uv")
        subprocess.run(
            [uv, "venv", "-q", "--allow-existing", "--python", sys.executable, str(TOOLS / name)], check=True
        )
        subprocess.run([uv, "pip", "install", "-q", "--python", str(python), *packages], check=True)
        ready.touch()
    return python


def publish(home: Path, marts: Path) -> int:
    """Publish a copy of a marts file as the next version, as a load does."""
    versions = Context(Settings(home=home)).versions
    staged = home / "staged"
    (staged / RAW).mkdir(parents=True)
    shutil.copyfile(marts, staged / MARTS)
    current = versions.current()
    manifest = {"run_id": "bi", "published_at": time.strftime("%FT%TZ", time.gmtime()), "sha256": {}, "rows": {}}
    return versions.publish(staged, manifest, based_on=current.number if current else None, keep=3).number


@contextmanager
def publish_repeatedly(home: Path, marts: Path) -> Iterator[list[int]]:
    """Publish every second while the block runs; yields a list with the number of publications."""
    stop = threading.Event()
    published = [0]

    def publish_until_stopped() -> None:
        while not stop.wait(1.0):
            publish(home, marts)
            published[0] += 1

    worker = threading.Thread(target=publish_until_stopped)
    worker.start()
    try:
        yield published
    finally:
        stop.set()
        worker.join()


def superset_environment(home: Path) -> dict[str, str]:
    return {"SUPERSET_CONFIG_PATH": str(home / "superset_config.py"), "SUPERSET_HOME": str(home / "superset")}


def set_up_superset(home: Path, marts: Path) -> list[str]:
    """Set up a Superset with the bundle imported; return the command that reads its charts."""
    python = make_venv("superset", *SUPERSET)
    (home / "superset").mkdir()
    (home / "superset_config.py").write_text(
        f"SECRET_KEY = 'a test'\nSQLALCHEMY_DATABASE_URI = 'sqlite:///{home}/superset/superset.db'\n"
        "PREVENT_UNSAFE_DB_CONNECTIONS = False\nWTF_CSRF_ENABLED = False\nTALISMAN_ENABLED = False\n"
    )
    bundle = home / "bundle.zip"
    write_bundle(marts, bundle)
    command = str(python.with_name("superset"))
    admin = ("--username", "admin", "--firstname", "a", "--lastname", "b", "--email", "a@b.c", "--password", "admin")
    for step in (
        ["db", "upgrade"],
        ["fab", "create-admin", *admin],
        ["init"],
        ["import-dashboards", "-p", str(bundle), "-u", "admin"],
    ):
        print(f"superset {step[0]} ...", flush=True)
        done = subprocess.run(
            [command, *step],
            capture_output=True,
            text=True,
            env=os.environ | superset_environment(home),
            timeout=1800,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"superset {step[0]}: {done.stderr[-2000:]}")
    return [str(python), str(PROJECT_ROOT / "tests" / "bi" / "read_superset.py")]


if __name__ == "__main__":
    sys.exit(main())
