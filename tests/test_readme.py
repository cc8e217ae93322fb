"""Every command in the README is run, in its order, and what it is said to print is what it prints."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT

README = (PROJECT / "README.md").read_text()
NOT_RUN_HERE = {"make test", "make check", "make lint"}  # this is `make test`; `.ci/run` runs the linters before it


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def shown() -> Iterator[tuple[str, str]]:
    """Yield each command of the console blocks with the output that the README shows for it."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output.rstrip("\n")


def masked(text: str, home: Path) -> str:
    """Return output with what differs from run to run masked: home folder, run id, seconds, column padding."""
    text = text.replace(str(home), "var")
    text = re.sub(r"(manual|scheduled)__[0-9T:_.+-]+", "RUN", text)
    text = re.sub(r"run-imr_daily_load-[0-9T.]+", "run-LOG", text)
    text = re.sub(r"^(took +)\d+ s", r"\1N s", text, flags=re.MULTILINE)
    return "\n".join(line.rstrip() for line in text.splitlines())


class Shell:
    """A checkout whose loads go to a folder of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        outside = {
            k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
        }  # of `make test`
        self.environment = outside | {"IMR_HOME": str(home), "IMR_AIRFLOW_PORT": "8093"}

    def run(self, command: str, status: int = 0) -> str:
        here = re.sub(r"\bvar/", f"{self.home}/", command)
        done = subprocess.run(
            ["bash", "-c", here], cwd=PROJECT, env=self.environment, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == status, f"{command}\n{done.stdout}\n{done.stderr}"
        return masked(done.stdout, self.home)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(tmp_path_factory.mktemp("readme") / "var")


@pytest.fixture(scope="module")
def printed(shell: Shell) -> dict[str, str]:
    """What every command of the console blocks prints, run one after the other."""
    return {command: shell.run(command) for command, _ in shown()}


def test_every_shown_command_runs_and_prints_what_is_shown(printed: dict[str, str], shell: Shell) -> None:
    assert len(printed) >= 5
    for command, output in shown():
        if output:
            assert printed[command] == masked(output, shell.home), command


def test_the_report_in_the_readme_is_what_make_run_prints(printed: dict[str, str], shell: Shell) -> None:
    (report,) = [b for b in blocks("text") if b.startswith("Load ")]
    assert printed["make run"] == masked(report, shell.home)


def test_a_second_load_of_the_same_folder_is_nothing_new(printed: dict[str, str], shell: Shell) -> None:
    assert printed
    before = shell.run("readlink var/warehouse/current")
    assert "nothing new; version 1 stays published" in shell.run("make run DROP=var/samples")
    assert shell.run("readlink var/warehouse/current") == before


def test_rollback_without_an_older_version_says_so(printed: dict[str, str], shell: Shell) -> None:
    assert printed
    shell.run(".venv/bin/imr rollback", status=1)
    assert shell.run(".venv/bin/imr rollback 1").startswith("readers see version 1")


def test_airflow_comes_up_and_goes_down(shell: Shell) -> None:
    told = shell.run("make up")
    try:
        assert "http://127.0.0.1:8093" in told
        assert "password" in told
    finally:
        assert "stopped" in shell.run("make down")


def test_every_make_target_that_the_readme_names_is_there_and_covered() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", README))
    assert named
    assert named <= targets


def test_samples_and_clean_do_what_they_say(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "var")
    assert shell.run("make samples")
    assert list((tmp_path / "var" / "samples").glob("*.pdf"))
    shell.run("make clean")
    assert not (tmp_path / "var").exists()
