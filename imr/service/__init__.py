"""Starts Airflow from outside: its environment, one-off DAG runs, and the service.

Nothing here imports the `airflow` package, which takes four seconds: each Airflow process is a child.
"""

from imr.service.control import ServiceInfo, start, status, stop
from imr.service.environment import airflow_environment
from imr.service.errors import AirflowServiceError
from imr.service.metadata_database import prepare_database
from imr.service.one_off_run import DagRunResult, run_dag_once

__all__ = [
    "AirflowServiceError",
    "DagRunResult",
    "ServiceInfo",
    "airflow_environment",
    "prepare_database",
    "run_dag_once",
    "start",
    "status",
    "stop",
]
