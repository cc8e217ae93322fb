"""The `imr` command: its output, and one clear line with a non-zero exit status for an error."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from extract.samples import FILES
from tests.support.command import run_imr
from tests.support.home import Home

COUNTS = "SELECT outcome, count(*) AS decisions FROM fct_decisions GROUP BY outcome ORDER BY outcome"


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_sql_prints_a_table_csv_or_json(published: Home) -> None:
    assert "overturned" in run_imr(published.path, "sql", COUNTS)
    from_csv = read_csv(run_imr(published.path, "sql", "--format", "csv", COUNTS))
    from_json = [json.loads(line) for line in run_imr(published.path, "sql", "--format", "json", COUNTS).splitlines()]
    assert [r["outcome"] for r in from_csv] == [r["outcome"] for r in from_json] == ["overturned", "upheld"]
    assert [int(r["decisions"]) for r in from_csv] == [r["decisions"] for r in from_json]
    shown = run_imr(published.path, "sql", "--format", "csv", "SELECT '=1+1' AS formula, -1 AS number, 'a-b' AS text")
    assert read_csv(shown) == [{"formula": "'=1+1", "number": "-1", "text": "a-b"}], "no formula for a spreadsheet"


@pytest.mark.parametrize("shape", ["table", "json"])
def test_sql_prints_no_character_that_controls_a_terminal(published: Home, shape: str) -> None:
    hostile = "\x1b]0;title\x07\x9b2J\u202e"
    query = "SELECT " + " || ".join(f"chr({ord(c)})" for c in hostile) + " AS treatment"
    shown = run_imr(published.path, "sql", "--format", shape, query)
    assert "title" in shown
    assert not set(hostile) - set("]0;title2J") & set(shown)
    if shape == "json":
        assert json.loads(shown) == {"treatment": hostile}


def test_a_mart_is_found_with_and_without_its_schema_in_both_files(published: Home) -> None:
    counts = {
        run_imr(published.path, "sql", *options, "--format", "json", f"SELECT count(*) AS n FROM {schema}fct_decisions")
        for options in ((), ("--full",))
        for schema in ("", "marts.")
    }
    assert len(counts) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sql", "CREATE TABLE mine (x INT)"), "read-only"),
        (("sql", "COPY (SELECT 1) TO '/tmp/imr-sql.csv'"), "disabled by configuration"),
        (("sql", "EXPORT DATABASE '/tmp/imr-sql'"), "disabled by configuration"),
        (("sql", "ATTACH '/tmp/imr-sql.duckdb'"), "disabled by configuration"),
        (("sql", "FROM read_text('/etc/hostname')"), "disabled by configuration"),
        (("sql", "FROM glob('/etc/*')"), "disabled by configuration"),
        (("sql", "FROM '/etc/hostname'"), "does not exist"),
        (("sql", "--full", "FROM read_text('/etc/hostname')"), "disabled by configuration"),
        (("sql", "--full", "FROM read_parquet('/tmp/*.parquet')"), "disabled by configuration"),
        (("sql", "--full", "COPY raw.letters TO '/tmp/imr-sql.csv'"), "only queries"),
        (("sql", "--full", "SELECT 1; COPY raw.letters TO '/tmp/imr-sql.csv'"), "only queries"),
        (("sql", "--full", "CREATE TABLE mine AS FROM raw.letters"), "only queries"),
        (("sql", "--full", "ATTACH '/tmp/imr-sql.duckdb'"), "only queries"),
        (("sql", "--full", "SET enable_external_access = true"), "only queries"),
        (("sql", "--full", "DROP VIEW raw.letters"), "only queries"),
        (("sql", "--full", "EXPLAIN ANALYZE COPY raw.letters TO '/tmp/imr-sql.csv'"), "only queries"),
        (("sql", "SET enable_external_access = true"), "locked"),
        (("sql", ""), "the query is empty"),
        (("sql", " -- no statement"), "the query is empty"),
        (("sql", "FROM nonsense"), "Query raw tables with --full"),
        (("sql", "--run", "other", "FROM files"), "runs/other: there is no run"),
        (("rollback",), "is the first"),
        (("rollback", "7"), "no version 7"),
    ],
)
def test_an_error_is_explained_and_exits_with_1(published: Home, arguments: tuple[str, ...], message: str) -> None:
    assert message in run_imr(published.path, *arguments, status=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("parse", "missing.pdf"), "missing.pdf"),
        (("parse", "--nonsense"), "--nonsense"),
        (("nonsense",), "nonsense"),
        (("sql",), "QUERY"),
    ],
)
def test_a_wrong_call_exits_with_2(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    assert message in run_imr(tmp_path, *arguments, status=2)


def test_config_prints_no_secret(tmp_path: Path) -> None:
    shown = run_imr(
        tmp_path, "config",
        AIRFLOW_CONN_CHAT="https://hooks.example.org/s3cret",
        AIRFLOW_CONN_MAIL="smtp://user:s3cret@mail.example.org:587",
        AWS_SECRET_ACCESS_KEY="s3cret",  # noqa: S106 - not a real one
        IMR_NOTIFY="slack:chat smtp:mail:a@example.org",
    )  # fmt: skip
    assert "IMR_NOTIFY=slack:chat smtp:mail:a@example.org" in shown
    assert "s3cret" not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMR_CHUNK_SIZE", "s3cret"),
        ("IMR_NOTIFY", "slack:https://hooks.example.org/s3cret"),
        ("IMR_ARCHIVE", "s3://key:s3cret@bucket/archive"),
    ],
)
def test_an_invalid_setting_is_named_without_its_value(tmp_path: Path, name: str, value: str) -> None:
    (line,) = run_imr(tmp_path, "config", status=1, **{name: value}).splitlines()
    assert line.startswith(f"Error: {name}: ")
    assert "s3cret" not in line


def test_parse_keeps_the_order_of_its_arguments_and_continues_after_an_unreadable_file(tmp_path: Path) -> None:
    names = ["CM16-0300003.pdf", "damaged.pdf", "CM16-0300001.pdf"]
    done = subprocess.run(
        [sys.executable, "-m", "imr", "parse", *(FILES / n for n in names)], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert [json.loads(line)["source_name"] for line in done.stdout.splitlines()] == [names[0], names[2]]
    assert "damaged.pdf: damaged" in done.stderr


@pytest.mark.parametrize("command", ["parse", "show", "explain"])
def test_a_relative_path_is_taken_from_the_folder_of_the_call(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(FILES / "CM16-0300001.pdf", tmp_path / "letter.pdf")
    monkeypatch.chdir(tmp_path)
    options = ("-o", "picture.png") if command == "explain" else ()
    shown = run_imr(tmp_path, command, "letter.pdf", *options)
    assert "CM16-0300001" in shown or (tmp_path / "picture.png").stat().st_size > 0


def test_control_characters_of_a_letter_or_its_name_do_not_reach_a_terminal(tmp_path: Path) -> None:
    text = (FILES / "CM14-0300020.txt").read_text().replace("CONTRAST", "CON\x1b[2J\u202eTRAST")
    letter, nameless = tmp_path / "letter.txt", tmp_path / "a\x1b[2J.pdf"
    letter.write_text(text)
    nameless.write_bytes(b"")
    for command in ("parse", "show"):
        assert not re.search("[\x1b\u202e]", run_imr(tmp_path, command, letter))
        assert "\x1b" not in run_imr(tmp_path, command, nameless, status=1)


def test_help_lists_every_command(tmp_path: Path) -> None:
    shown = run_imr(tmp_path, "--help")
    for command in ("backfill", "config", "down", "parse", "reparse", "rollback", "run", "samples", "sql", "up"):
        assert f"\n  {command} " in shown


@pytest.mark.slow
def test_parsing_many_letters_shows_a_progress_bar_in_a_terminal() -> None:
    files = sorted(str(f) for f in FILES.glob("*.pdf"))
    shown = run_in_terminal([sys.executable, "-m", "imr", "parse", *files])
    assert "letters read" in shown
    assert f"/{len(files)}" in shown


def run_in_terminal(command: list[str]) -> str:
    """Return what a command writes to a standard error that is a terminal."""
    ours, its = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=its, env=os.environ | {"TERM": "xterm"}):
        os.close(its)
        shown = b""
        with suppress(OSError):  # reading a terminal whose other side is closed is an error
            while chunk := os.read(ours, 65536):
                shown += chunk
    os.close(ours)
    return shown.decode()
