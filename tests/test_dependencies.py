"""The locked dependencies: none older than the last version that is known to be unsafe."""

from __future__ import annotations

import tomllib

from packaging.version import Version

from tests.conftest import PROJECT


def test_no_locked_package_is_older_than_its_floor() -> None:
    locked = tomllib.loads((PROJECT / "uv.lock").read_text())["package"]
    floors = tomllib.loads((PROJECT / "tests" / "dependency_floors.toml").read_text())
    judged = [(p["name"], p["version"], *floors[p["name"]]) for p in locked if p["name"] in floors]
    names = {name for name, *_ in judged}
    assert {"apache-airflow", "pdfminer-six", "pillow", "pypdf", "jinja2"} <= names
    assert [told for told in judged if Version(told[1]) < Version(told[2])] == []
