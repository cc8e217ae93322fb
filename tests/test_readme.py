"""The commands of the README run in their order and print what it shows."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.support.airflow_api import free_port

README = (PROJECT / "README.md").read_text()


def find_blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def find_commands() -> Iterator[tuple[str, str]]:
    """Yield each command of the console blocks with the output that the README shows for it."""
    for block in find_blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output.rstrip("\n")


def mask(text: str, home: Path) -> str:
    """Return output with home folder, run id, seconds and padding masked."""
    text = text.replace(str(home), "var")
    text = re.sub(r"(manual|scheduled)__[0-9T:_.+-]+", "RUN", text)
    text = re.sub(r"run-imr_daily_load-[0-9T.]+", "run-LOG", text)
    text = re.sub(r"^(took +)\d+ s", r"\1N s", text, flags=re.MULTILINE)
    return "\n".join(line.rstrip() for line in text.splitlines())


class Shell:
    """A shell in this checkout with a home folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = str(free_port())
        outside = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}  # of `make test`
        self.environment = outside | {"IMR_HOME": str(home), "IMR_AIRFLOW_PORT": self.port}

    def run(self, command: str, status: int = 0) -> str:
        command = re.sub(r"\bvar/", f"{self.home}/", command)
        done = subprocess.run(
            ["bash", "-c", command], cwd=PROJECT, env=self.environment, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == status, f"{command}\n{done.stdout}\n{done.stderr}"
        return mask(done.stdout, self.home)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(tmp_path_factory.mktemp("readme") / "var")


@pytest.fixture(scope="module")
def printed(shell: Shell) -> dict[str, str]:
    """The output of every command of the console blocks, run one after the other."""
    return {command: shell.run(command) for command, _ in find_commands()}


@pytest.mark.slow
def test_every_shown_command_prints_the_shown_output(printed: dict[str, str], shell: Shell) -> None:
    assert len(printed) >= 5
    for command, output in find_commands():
        if output:
            assert printed[command] == mask(output, shell.home), command


@pytest.mark.slow
def test_make_run_prints_the_shown_report(printed: dict[str, str], shell: Shell) -> None:
    (report,) = [b for b in find_blocks("text") if b.startswith("Load ")]
    assert printed["make run"] == mask(report, shell.home)


@pytest.mark.slow
def test_a_second_load_of_the_same_folder_is_nothing_new(printed: dict[str, str], shell: Shell) -> None:
    assert printed
    before = shell.run("readlink var/warehouse/current")
    assert "nothing new; version 1 stays published" in shell.run("make run DROP=var/samples")
    assert shell.run("readlink var/warehouse/current") == before


@pytest.mark.slow
def test_a_rollback_needs_an_older_version(printed: dict[str, str], shell: Shell) -> None:
    assert printed
    shell.run(".venv/bin/imr rollback", status=1)
    assert shell.run(".venv/bin/imr rollback 1").startswith("readers see version 1")


@pytest.mark.slow
def test_airflow_starts_and_stops(shell: Shell) -> None:
    output = shell.run("make up")
    try:
        assert f"http://127.0.0.1:{shell.port}" in output
        assert "password" in output
    finally:
        assert "stopped" in shell.run("make down")


def test_every_make_target_named_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", README))
    assert named
    assert named <= targets


@pytest.mark.slow
def test_samples_and_clean(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "var")
    assert shell.run("make samples")
    assert list((tmp_path / "var" / "samples").glob("*.pdf"))
    shell.run("make clean")
    assert not (tmp_path / "var").exists()
