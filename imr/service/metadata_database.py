"""Airflow's metadata database, made once for each version of Airflow."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from imr.pools import define_pools
from imr.service.environment import airflow_environment
from imr.service.errors import AirflowServiceError, log_tail
from imr.settings import Settings
from warehouse.files import exclusive, owner_only_folder, write_owner_only

PREPARE_SECONDS = 300


def prepare(settings: Settings) -> None:
    """Make or migrate the SQLite metadata database and the pools; does nothing if it is done.

    Raises AirflowServiceError, with the log's last lines, if Airflow could not do it.
    """
    home = owner_only_folder(settings.airflow_home.resolve())
    with exclusive(home / ".prepare.lock"):
        stamp = home / "prepared.json"
        pools = [asdict(pool) for pool in define_pools(settings.reading_slots)]
        wanted = {"airflow": version("apache-airflow"), "pools": pools}
        if (home / "airflow.db").exists() and _content(stamp) == wanted:
            return
        _migrate(settings, home)
        write_owner_only(stamp, wanted)


def _content(stamp: Path) -> dict[str, Any]:
    if not stamp.exists():
        return {}
    content: dict[str, Any] = json.loads(stamp.read_text(encoding="utf-8"))
    return content


def _migrate(settings: Settings, home: Path) -> None:
    log = log_folder(settings) / "airflow-prepare.log"
    with log.open("wb") as output:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "imr.airflow.metadata"],
                env=airflow_environment(settings),
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=PREPARE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise AirflowServiceError(f"Airflow's database took over {PREPARE_SECONDS} s. See {log}") from error
    if done.returncode:
        raise AirflowServiceError(
            f"Airflow's database {home / 'airflow.db'} could not be prepared. See {log}\n{log_tail(log)}"
        )


def log_folder(settings: Settings) -> Path:
    """Return the folder of the logs that people read, made if need be."""
    return owner_only_folder(settings.home.resolve() / "logs")
