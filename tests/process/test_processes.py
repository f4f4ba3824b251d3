"""All processes there are: whose they are, where they work, and which files they have open."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import pytest

from porch_tui.process import processes
from porch_tui.process.supervisor import kernel

pytestmark = pytest.mark.skipif(not kernel.IS_LINUX, reason="no /proc here")


def test_who_has_a_file_open_is_found(tmp_path: Path):
    file, other = tmp_path / "file", tmp_path / "other"
    other.touch()

    with file.open("w"):
        found = processes.open_in([file, other])

    assert {file: [os.getpid()], other: []} == {
        path: [one.pid for one in them] for path, them in found.items()
    }


def test_the_folders_in_which_an_attempt_works_are_found(begin, running, tmp_path: Path):
    (tmp_path / "deeper").mkdir()
    directory = begin("cd deeper; touch ../ready; sleep 1000")

    shim = running(directory).shim_pid

    assert tmp_path / "deeper" in processes.working_directories(shim)


def test_the_owner_and_the_ancestors_of_a_process_are_known():
    assert getpass.getuser() == kernel.owner_of(os.getpid())
    assert {os.getpid(), os.getppid()} <= processes.ancestors()
    with os.popen("echo $$") as shell:
        gone = int(shell.read())
    assert ("?", "?", 0, []) == (
        kernel.owner_of(gone),
        kernel.name_of(gone),
        kernel.born(gone),
        kernel.stat_fields(gone),
    )
