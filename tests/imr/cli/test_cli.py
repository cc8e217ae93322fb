"""The command: what it prints, and one clear line with a non-zero exit where it cannot."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from extract.samples import write_samples
from tests.support.home import Home


def imr(home: Path, *arguments: str | Path, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "imr", *arguments],
        env=os.environ | {"IMR_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def test_sql_prints_a_table_csv_or_json(loaded: Home) -> None:
    query = "SELECT outcome, count(*) AS decisions FROM fct_decisions GROUP BY outcome ORDER BY outcome"
    assert "overturned" in imr(loaded.path, "sql", query)
    from_csv = list(csv.DictReader(io.StringIO(imr(loaded.path, "sql", "--format", "csv", query))))
    from_json = [json.loads(line) for line in imr(loaded.path, "sql", "--format", "json", query).splitlines()]
    assert [r["outcome"] for r in from_csv] == [r["outcome"] for r in from_json] == ["overturned", "upheld"]
    assert [int(r["decisions"]) for r in from_csv] == [r["decisions"] for r in from_json]


def test_a_mart_is_found_with_and_without_its_schema_in_both_files(loaded: Home) -> None:
    for query in ("SELECT count(*) AS n FROM fct_decisions", "SELECT count(*) AS n FROM marts.fct_decisions"):
        told = {imr(loaded.path, "sql", *options, "--format", "json", query) for options in ((), ("--full",))}
        assert len(told) == 1


def test_sql_as_csv_runs_no_formula(loaded: Home) -> None:
    told = imr(loaded.path, "sql", "--format", "csv", "SELECT '=1+1' AS formula, -1 AS number, 'a-b' AS text")
    assert list(csv.DictReader(io.StringIO(told))) == [{"formula": "'=1+1", "number": "-1", "text": "a-b"}]


def test_sql_cannot_write(loaded: Home) -> None:
    assert "read-only" in imr(loaded.path, "sql", "CREATE TABLE mine (x INT)", status=1)


def test_a_query_on_a_table_that_is_not_there_names_those_that_are(loaded: Home) -> None:
    told = imr(loaded.path, "sql", "FROM nonsense", status=1)
    assert "fct_decisions" in told
    assert "--full" in told


def test_versions_and_rollback(loaded: Home) -> None:
    assert imr(loaded.path, "versions").splitlines()[-1].startswith("->")
    assert "is the first" in imr(loaded.path, "rollback", status=1)
    assert "no version 7" in imr(loaded.path, "rollback", "7", status=1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("parse", "nowhere.pdf"), "nowhere.pdf"),
        (("parse", "--nonsense"), "--nonsense"),
        (("nonsense",), "nonsense"),
        (("sql",), "QUERY"),
    ],
)
def test_a_wrong_call_is_told_and_exits_with_2(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    assert told in imr(tmp_path, *arguments, status=2)


def test_a_setting_that_is_no_number_is_one_clear_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "imr", "config"],
        env=os.environ | {"IMR_HOME": str(tmp_path), "IMR_CHUNK_SIZE": "many"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "IMR_CHUNK_SIZE" in done.stderr
    assert "Traceback" not in done.stderr


def test_parse_reads_in_the_order_asked_for_and_goes_on_after_a_bad_file(loaded: Home) -> None:
    names = ["CM16-0300003.pdf", "damaged.pdf", "CM16-0300001.pdf"]
    done = subprocess.run(
        [sys.executable, "-m", "imr", "parse", *(loaded.letters / n for n in names)], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert [json.loads(line)["source_name"] for line in done.stdout.splitlines()] == [names[0], names[2]]
    assert "damaged.pdf: damaged" in done.stderr


def test_help_names_every_command(tmp_path: Path) -> None:
    told = imr(tmp_path, "--help")
    for command in ("config", "down", "parse", "rollback", "run", "samples", "sql", "up", "versions"):
        assert f"\n  {command} " in told


def test_parsing_many_letters_shows_a_bar_in_a_terminal(tmp_path: Path) -> None:
    files = [str(f) for f in write_samples(tmp_path / "samples") if f.suffix == ".pdf"]
    assert len(files) > 20
    shown = run_in_terminal([sys.executable, "-m", "imr", "parse", *files])
    assert "letters read" in shown
    assert f"/{len(files)}" in shown


def run_in_terminal(command: list[str]) -> str:
    """Return what a command writes to a standard error that is a terminal."""
    ours, its = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=its, env=os.environ | {"TERM": "xterm"}):
        os.close(its)
        shown = b""
        with suppress(OSError):  # a terminal whose other side has gone reads as an error
            while chunk := os.read(ours, 65536):
                shown += chunk
    os.close(ours)
    return shown.decode()
