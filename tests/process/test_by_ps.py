"""What `ps` and `lsof` tell of processes."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from porch_tui.process import by_ps
from porch_tui.process.processes import from_ps


@pytest.mark.skipif(not (shutil.which("ps") and shutil.which("lsof")), reason="no ps, or no lsof")
def test_a_process_is_found_with_its_session_and_where_it_works(tmp_path: Path):
    with subprocess.Popen(["sleep", "1000"], cwd=tmp_path) as process:
        found = {one.pid: one for one in from_ps()}[process.pid]
        process.kill()

    assert (found.name, found.cwd, found.session) == ("sleep", tmp_path, os.getsid(0))


@pytest.mark.parametrize(
    ("line", "cpu_s"),
    [
        ("  7   1   0:01.23   2048 Ss   /sbin/launchd", 1.23),  # macOS
        ("  7   1 1-02:03:04  2048 S    two words", 93_784.0),  # Linux
        ("  7   1   123:04.50 2048 R+   x", 7_384.5),
    ],
)
def test_times_are_read_as_each_system_writes_them(
    line: str, cpu_s: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    program = tmp_path / "ps"
    program.write_text(f"#!/bin/sh\necho '  9 of something'\necho '{line}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    (found,) = by_ps.listed()

    assert (found.pid, found.parent, found.cpu_s, found.rss_bytes) == (7, 1, cpu_s, 2048 << 10)
    assert found.name in {"launchd", "two words", "x"}


def test_without_these_programs_no_process_is_seen_and_what_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert not list(by_ps.listed())
    with pytest.raises(OSError, match="there is no lsof, which tells what processes do; install it"):
        list(from_ps())
