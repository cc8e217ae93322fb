"""The environment of Airflow's processes."""

from __future__ import annotations

import stat

import pytest

from imr.service import airflow_environment
from imr.settings import Settings


def test_environment_keeps_the_callers_and_hides_the_keys(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMETHING_ELSE", "kept")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    first = airflow_environment(settings)
    assert first["SOMETHING_ELSE"] == "kept"
    assert first["PYTHONPATH"].endswith(":/elsewhere")
    assert first["IMR_HOME"] == str(settings.home)
    assert str(settings.airflow_port) in first["AIRFLOW__API__BASE_URL"]
    assert first == airflow_environment(settings), "keys are made once"
    assert stat.S_IMODE(settings.airflow_home.stat().st_mode) == 0o700
    secrets = list(settings.airflow_home.glob("[!.]*.json*"))
    assert len(secrets) >= 2
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
