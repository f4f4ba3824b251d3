"""The repository checks of `porch doctor`: whether porch can sign commits, lock files and make worktrees."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from porch_tui.errors import RepositoryError
from porch_tui.git.discovery import discover
from porch_tui.git.merge import commits
from porch_tui.housekeeping.findings import Finding, Weight
from porch_tui.housekeeping.repository_checks import repository_findings
from project import Project


@pytest.fixture
def check(project: Project) -> Callable[[str], Finding]:
    """Check the repository, and return the finding about one thing."""

    def check_one(what: str) -> Finding:
        [found] = [one for one in repository_findings(discover(project.root)) if one.what == what]
        return found

    return check_one


Check = Callable[[str], Finding]


def test_signing_is_checked_where_commits_are_signed(
    project: Project, check: Check, monkeypatch: pytest.MonkeyPatch
):
    project.git("config", "commit.gpgSign", "true")
    monkeypatch.setattr(commits, "check_signing", lambda _: None)
    assert Weight.FINE is check("signing").weight

    def fail(_: object) -> None:
        raise RepositoryError("no key")

    monkeypatch.setattr(commits, "check_signing", fail)
    assert (Weight.ADVICE, "no key") == (check("signing").weight, check("signing").do)


def test_a_file_system_without_locks_is_a_problem(check: Check, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)

    found = check("file system")

    assert (Weight.PROBLEM, True) == (
        found.weight,
        found.text.endswith("cannot be locked: No locks available"),
    )


def test_a_folder_where_no_worktree_can_be_made_is_a_problem(check: Check, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "access", lambda *_: False)

    assert Weight.PROBLEM is check("disk").weight


def test_a_disk_that_is_nearly_full_is_reported(check: Check, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=10**12, used=0, free=10**10))
    found = check("disk")
    assert (Weight.ADVICE, "10GB free") == (found.weight, found.text[:9])

    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_files=10**6, f_favail=12))
    assert "only 12 more files fit there" == check("disk").text
