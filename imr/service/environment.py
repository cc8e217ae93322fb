"""Environment variables of every Airflow process of this checkout."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from upath import UPath

from imr.settings import PROJECT_ROOT, Settings
from warehouse.files import OWNER_FILE, locked, make_owner_only_folder, read_json, write_json

USER = "admin"
LOOPBACK = "127.0.0.1"
DAG_REFRESH_SECONDS = 30


def airflow_environment(settings: Settings, dags_folder: Path | None = None) -> dict[str, str]:
    """Return the caller's environment with the variables of Airflow; `dags_folder` defaults to the project's.

    The first call creates Airflow's home, its keys and the admin's password. Raises OSError if the home cannot be
    written.
    """
    home = airflow_home(settings)
    password_file, _ = _password(home)
    environment = dict(os.environ)
    environment.update(_settings_as_variables(settings))
    environment.update(_airflow_variables(home, (dags_folder or PROJECT_ROOT / "dags").resolve()))
    environment.update(_address_variables(settings.airflow_port))
    environment.update(_keys(home))
    environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] = str(password_file)
    environment["PYTHONPATH"] = _prepend(str(PROJECT_ROOT), environment.get("PYTHONPATH"), os.pathsep)
    for name in ("NO_PROXY", "no_proxy"):  # tasks call the API on loopback
        environment[name] = _prepend(f"{LOOPBACK},localhost", environment.get(name), ",")
    environment["DO_NOT_TRACK"] = "1"
    return environment


def airflow_home(settings: Settings) -> Path:
    """Return the absolute path of Airflow's home; it is created if missing and open to its owner only."""
    return make_owner_only_folder(settings.airflow_home.resolve())


def log_folder(settings: Settings) -> Path:
    """Return the folder of the service's and the one-off runs' logs; it is created if missing."""
    return make_owner_only_folder(settings.home.resolve() / "logs")


def admin_password(settings: Settings) -> str:
    """Return the admin's generated password. Raises OSError if Airflow's home cannot be written."""
    return _password(airflow_home(settings))[1]


def base_url(port: int) -> str:
    """Return the address of the UI and the API on a port."""
    return f"http://{LOOPBACK}:{port}"


def log_port(port: int) -> int:
    """Return the log server's port, far from the UI's so that checkouts on neighbouring ports do not collide."""
    return port + 10_000 if port < 50_000 else port - 10_000


def host_name() -> str:
    """Return Airflow's name for this machine. Airflow calls this function by its dotted name."""
    return LOOPBACK


def _settings_as_variables(settings: Settings) -> dict[str, str]:
    """Return the settings as `IMR_*` variables, also those that were not set by the environment."""
    variables = {}
    for name, value in settings:
        if isinstance(value, Path):
            variables[f"IMR_{name.upper()}"] = str(value.resolve())  # tasks have another working folder
        elif isinstance(value, UPath):
            variables[f"IMR_{name.upper()}"] = str(value)
        elif value is not None:
            variables[f"IMR_{name.upper()}"] = value if isinstance(value, str) else json.dumps(value)
    return variables


def _airflow_variables(home: Path, dags_folder: Path) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW_CONFIG": str(home / "airflow.cfg"),  # overrides a configuration file of the caller
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "2",
        # Without a name lookup, for which a machine without a resolvable name waits at every task. The log of a
        # running task is fetched from this address, where the log server listens.
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "imr.service.environment.host_name",
        "AIRFLOW__CORE__AUTH_MANAGER": (
            "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        # Airflow's default is 5; on a busy machine a task fails at its start by that, in spite of retries.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        # Airflow's default is 300: so long a load whose process was killed would keep the next one waiting.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": str(DAG_REFRESH_SECONDS),
        # A changed file is parsed at once; parsing the unchanged ones takes seconds and is seldom needed.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL": "600",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home / "logs" / "dag_processor"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "http.access=WARNING",  # the UI sends several requests a second
        "AIRFLOW__LOGGING__UVICORN_LOGGING_LEVEL": "WARNING",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }


def _address_variables(port: int) -> dict[str, str]:
    return {
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__BASE_URL": base_url(port),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{base_url(port)}/execution/",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(log_port(port)),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(log_port(port)),
    }


def _keys(home: Path) -> dict[str, str]:
    """Return the keys that all processes of a home share."""
    return _read_or_create(
        home / "keys.json",
        lambda: {
            "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
            "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(64),
        },
    )


def _password(home: Path) -> tuple[Path, str]:
    """Return the password file and the admin's password; Airflow would print one of its own to a log."""
    path = home / "simple_auth_manager_passwords.json.generated"
    return path, _read_or_create(path, lambda: {USER: secrets.token_urlsafe(16)})[USER]


def _read_or_create(path: Path, create: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Return the content of a JSON file of secrets, which the first process creates."""
    with locked(path.with_name(f".{path.name}.lock")):
        content: dict[str, str] | None = read_json(path)
        if content is None:
            content = create()
            write_json(path, content)
        path.chmod(OWNER_FILE)
    return content


def _prepend(first: str, rest: str | None, separator: str) -> str:
    return f"{first}{separator}{rest}" if rest else first
