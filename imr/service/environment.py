"""The environment that makes any Airflow process one of this checkout's."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from upath import UPath

from imr.settings import PROJECT_ROOT, Settings
from warehouse.files import owner_only_folder, read_or_create

USER = "admin"
LOOPBACK = "127.0.0.1"
DAG_REFRESH_SECONDS = 30


def airflow_environment(settings: Settings, dags_folder: Path | None = None) -> dict[str, str]:
    """Return the caller's environment plus what Airflow needs; the DAG folder is the project's unless given.

    Makes Airflow's home, its keys and the admin's password on the first call. Raises OSError if the home
    cannot be written.
    """
    home = owner_only_folder(settings.airflow_home.resolve())
    password_file, _ = _password(home)
    environment = dict(os.environ)
    environment.update(_settings_as_variables(settings))
    environment.update(_airflow_variables(home, (dags_folder or PROJECT_ROOT / "dags").resolve()))
    environment.update(_address_variables(settings.airflow_port))
    environment.update(_keys(home))
    environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] = str(password_file)
    environment["PYTHONPATH"] = _with(str(PROJECT_ROOT), environment.get("PYTHONPATH"), os.pathsep)
    for name in ("NO_PROXY", "no_proxy"):  # tasks speak to the API on loopback: no proxy in between
        environment[name] = _with(f"{LOOPBACK},localhost", environment.get(name), ",")
    environment["DO_NOT_TRACK"] = "1"
    return environment


def admin_password(settings: Settings) -> str:
    """Return the admin's generated password. Raises OSError if Airflow's home cannot be written."""
    return _password(owner_only_folder(settings.airflow_home.resolve()))[1]


def base_url(port: int) -> str:
    """Return the address of the UI and the API on a port."""
    return f"http://{LOOPBACK}:{port}"


def log_port(port: int) -> int:
    """Return the log server's port: far from the UI's, so that checkouts on neighbouring ports do not meet."""
    return port + 10_000 if port < 50_000 else port - 10_000


def host_name() -> str:
    """Return what Airflow shall call this machine (it reads this by its dotted name)."""
    return LOOPBACK


def _settings_as_variables(settings: Settings) -> dict[str, str]:
    """Return the settings as `IMR_*`, so that tasks see what the caller had: also values not from the environment."""
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
        "AIRFLOW_CONFIG": str(home / "airflow.cfg"),  # a caller's other configuration would mix in
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "2",
        # All is on loopback: no name service is asked (a machine without a resolvable name would wait for it at
        # every task), and the log of a running task is fetched from where our log server listens.
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "imr.service.environment.host_name",
        "AIRFLOW__CORE__AUTH_MANAGER": (
            "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
        ),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        # Five seconds is Airflow's own; on a busy machine a task that only begins would fail by it, retries or not.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": str(DAG_REFRESH_SECONDS),
        # A file that has changed is read again at once; the others need it seldom, and all of them are seconds of work.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL": "600",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home / "logs" / "dag_processor"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "http.access=WARNING",  # the UI asks several times a second
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
    """Return the keys that all of a home's processes must share, made once."""
    return read_or_create(
        home / "keys.json",
        lambda: {
            "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
            "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(64),
        },
    )


def _password(home: Path) -> tuple[Path, str]:
    """Return the password file and the admin's password; made here, else Airflow prints it to a log."""
    path = home / "simple_auth_manager_passwords.json.generated"
    return path, read_or_create(path, lambda: {USER: secrets.token_urlsafe(16)})[USER]


def _with(first: str, rest: str | None, separator: str) -> str:
    return f"{first}{separator}{rest}" if rest else first
