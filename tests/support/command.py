"""Runs the `imr` command in this process."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from imr.cli import main


def run_imr(home: Path, *arguments: str | Path, status: int = 0, **environment: str) -> str:
    """Run `imr`; return its standard output, or its standard error if it must fail with `status`."""
    result = CliRunner().invoke(main, [str(a) for a in arguments], env={"IMR_HOME": str(home)} | environment)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result.stdout if status == 0 else result.stderr
