"""Copies of files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from warehouse.files import copy_file

MEMORY = Path("/dev/shm")  # noqa: S108 - another file system than that of tmp_path


def test_a_copy_has_the_bytes_on_one_file_system(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"new " * 100_000)
    target.write_bytes(b"an older and longer file " * 100_000)
    copy_file(source, target)
    assert target.read_bytes() == source.read_bytes()


@pytest.mark.skipif(not MEMORY.is_dir(), reason="no second file system")
def test_a_copy_has_the_bytes_on_another_file_system(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"new " * 100_000)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        copy_file(source, Path(folder) / "target")
        assert (Path(folder) / "target").read_bytes() == source.read_bytes()
