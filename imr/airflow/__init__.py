"""Airflow as this project runs it: its environment, one DAG run without a service, the service's start and stop.

Nothing in here imports Airflow (that costs four seconds): every Airflow process is a child. But `arrivals_trigger`,
`links` and `pages` are for those processes, and imported only there.
"""

from imr.airflow.environment import POOL, airflow_environment
from imr.airflow.errors import AirflowServiceError
from imr.airflow.once import DagRunResult, run_dag_once
from imr.airflow.prepare import prepare
from imr.airflow.service import ServiceInfo, start, status, stop

__all__ = [
    "POOL",
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
