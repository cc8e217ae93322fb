"""Airflow's CeleryExecutor with PostgreSQL, Redis and an S3 API on loopback, and workers with separate homes.

Each machine of a deployment is a process with a folder of its own. Needs Debian's packages `postgresql` and
`redis-server`, and the extras `celery` and `s3`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import fsspec
import psutil

from imr.service.environment import LOOPBACK, admin_password, airflow_environment
from imr.settings import PROJECT_ROOT, Settings
from tests.support.airflow_api import Api, free_port, wait_until

BUCKET = "s3://letters"
AWS = {"AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "anything", "AWS_DEFAULT_REGION": "us-east-1"}
PARTS = ("api-server", "dag-processor", "scheduler", "triggerer")
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


class Cluster:
    """The parts of a deployment as processes; a context manager that ends them all."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """Choose ports; `settings` are the project's settings by field name, the same on every machine."""
        self.folder = folder
        self.database, self.broker, self.store, self.api = (free_port() for _ in range(4))
        self.shared = settings
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        os.environ.update(AWS | {"AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{self.store}", "NO_PROXY": LOOPBACK})
        self.airflow = Api(f"http://{LOOPBACK}:{self.api}", lambda: admin_password(self.settings("main")))

    def settings(self, machine: str) -> Settings:
        """Return the settings on one machine."""
        places = {name: f"{BUCKET}/{name}" for name in ("inbox", "archive", "quarantine", "warehouse", "shared_runs")}
        home = self.folder / machine
        return Settings(home=home, airflow_port=self.api, **places, **self.shared)  # type: ignore[arg-type]

    def environment(self, machine: str) -> dict[str, str]:
        """Return the environment of one machine's processes: its home and the shared services."""
        environment = airflow_environment(self.settings(machine))
        main = airflow_environment(self.settings("main"))
        shared = ("FERNET_KEY", "JWT_SECRET", "API__SECRET_KEY", "SIMPLE_AUTH_MANAGER_PASSWORDS_FILE")
        database = f"postgresql+psycopg2://airflow@{LOOPBACK}:{self.database}/airflow"
        return (
            environment
            | {name: value for name, value in main.items() if name.endswith(shared)}
            | {
                "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
                "AIRFLOW__CORE__PARALLELISM": "16",
                "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
                "AIRFLOW__CELERY__BROKER_URL": f"redis://{LOOPBACK}:{self.broker}/0",
                "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{database}",
                # Seconds until a lost machine is noticed; Airflow's defaults are five and ten minutes.
                "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
                "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
                "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "120",
            }
        )

    def __enter__(self) -> Cluster:
        try:
            self._start_all()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start_all(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._start_database()
        self.start("redis", ["redis-server", "--port", str(self.broker), "--bind", LOOPBACK, "--save", ""])
        self.start("s3", [str(Path(sys.executable).with_name("moto_server")), "-H", LOOPBACK, "-p", str(self.store)])
        for port in (self.broker, self.store):
            wait_until(lambda port=port: is_listening(port), 60, f"port {port}")
        fsspec.filesystem("s3").mkdir(BUCKET)
        self.run("main", [sys.executable, "-m", "imr.airflow.metadata"])
        for part in PARTS:
            more = [] if part in ("api-server", "dag-processor") else ["--skip-serve-logs"]
            self.start(part, [sys.executable, "-m", "airflow", part, *more], machine="main")
        wait_until(self._is_healthy, 180, "Airflow")
        self.worker("main", queues="default", concurrency=2)

    def __exit__(self, *_: object) -> None:
        for name in reversed(list(self.processes)):
            self.kill(name)
        _postgres([str(POSTGRES[-1] / "pg_ctl"), "-D", self._data, "-m", "immediate", "stop"])

    def worker(self, machine: str, *, queues: str, concurrency: int = 1) -> None:
        """Start a Celery worker on a machine."""
        command = ["-m", "airflow", "celery", "worker", "-q", queues, "-c", str(concurrency), "-H", machine]
        more = ["--skip-serve-logs", "--without-gossip", "--without-mingle"]
        self.start(f"worker-{machine}", [sys.executable, *command, *more], machine=machine)

    def start(self, name: str, command: Sequence[str], machine: str | None = None) -> None:
        """Start a process with its own log and session."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                list(command),
                env=self.environment(machine) if machine else None,
                cwd=PROJECT_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """Kill a process and its children, as the loss of its machine would."""
        process = self.processes.pop(name)
        try:
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            family = []
        for one in family:
            try:
                one.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        process.wait()

    def run(self, machine: str, command: Sequence[str]) -> None:
        """Run a command on a machine to its end."""
        with (self.folder / "commands.log").open("ab") as log:
            subprocess.run(
                list(command), env=self.environment(machine), cwd=PROJECT_ROOT, check=True, stdout=log, stderr=log
            )

    @property
    def _data(self) -> str:
        return str(self.folder / "postgres")

    def _start_database(self) -> None:
        Path(self._data).mkdir()
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            for path in (self.folder, Path(self._data)):
                shutil.chown(path, "postgres", "postgres")
            self.folder.chmod(0o755)
        tools = POSTGRES[-1]
        _postgres([str(tools / "initdb"), "-D", self._data, "-U", "airflow", "-A", "trust", "--no-sync"])
        options = f"-p {self.database} -k {self._data} -c listen_addresses={LOOPBACK} -c fsync=off"
        _postgres([str(tools / "pg_ctl"), "-D", self._data, "-l", f"{self._data}/log", "-o", options, "-w", "start"])
        _postgres([str(tools / "createdb"), "-h", LOOPBACK, "-p", str(self.database), "-U", "airflow", "airflow"])

    def _is_healthy(self) -> bool:
        try:
            health = self.airflow.call("GET", "/api/v2/monitor/health")
        except (OSError, ValueError):
            return False
        parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
        return all((health.get(part) or {}).get("status") == "healthy" for part in parts)


def _postgres(command: Sequence[str]) -> None:
    """Run one of PostgreSQL's tools. Its output goes to a file, as a server that it starts would keep a pipe open."""
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [*user, *command], cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
        output.seek(0)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {output.read().decode()}")
