"""No locked dependency is older than the first version without a known vulnerability."""

from __future__ import annotations

import tomllib

from packaging.version import Version

from tests.conftest import PROJECT


def test_no_locked_package_is_older_than_its_floor() -> None:
    locked = tomllib.loads((PROJECT / "uv.lock").read_text())["package"]
    floors = tomllib.loads((PROJECT / "tests" / "dependency_floors.toml").read_text())
    checked = [(p["name"], p["version"], *floors[p["name"]]) for p in locked if p["name"] in floors]
    names = {name for name, *_ in checked}
    assert {"apache-airflow", "pdfminer-six", "pillow", "pypdf", "jinja2"} <= names
    assert [c for c in checked if Version(c[1]) < Version(c[2])] == []
