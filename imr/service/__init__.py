"""Airflow as this project runs it: its environment, one DAG run without a service, the service's start and stop.

Nothing in here imports Airflow (that costs four seconds): every Airflow process is a child. But `arrivals_trigger`,
`links` and `pages` are for those processes, and imported only there.
"""

from imr.service.control import ServiceInfo, start, status, stop
from imr.service.environment import airflow_environment
from imr.service.errors import AirflowServiceError
from imr.service.metadata_database import prepare
from imr.service.one_off_run import DagRunResult, run_dag_once

__all__ = [
    "AirflowServiceError",
    "DagRunResult",
    "ServiceInfo",
    "airflow_environment",
    "prepare",
    "run_dag_once",
    "start",
    "status",
    "stop",
]
