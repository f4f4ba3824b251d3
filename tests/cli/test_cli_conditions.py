"""Which errors are told as conditions of the machine, and which are bugs."""

from __future__ import annotations

import errno
import os

import pytest

from porch_tui.cli.error_report import condition
from porch_tui.errors import RepositoryError, limit_met


def error(number: int, file: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), *([file] if file else []))


@pytest.mark.parametrize(
    ("met", "told"),
    [
        (error(errno.EAGAIN), "no more processes or threads"),
        (RuntimeError("can't start new thread"), "no more processes or threads"),
        (error(errno.EMFILE), "no more open files"),
        (error(errno.ENOMEM), "not enough memory"),
        (MemoryError(), "not enough memory"),
        (error(errno.ENOSPC, "/a"), "the disk of /a is full"),
        (error(errno.EROFS, "/a"), "/a: Read-only file system; fix that, then try again"),
        (error(errno.EIO, "/a"), "/a: Input/output error"),
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"), "set TMPDIR"),
    ],
    ids=repr,
)
def test_a_limit_or_a_condition_is_told_in_a_condition(met: Exception, told: str):
    assert told in condition(met)


def test_a_limit_is_known_by_what_it_came_from():
    try:
        try:
            raise error(errno.EMFILE)
        except OSError as cause:
            raise RepositoryError("git could not be started") from cause
    except RepositoryError as met:
        assert "no more open files" in limit_met(met)


BUGS = [ValueError("x"), error(errno.EBADF), error(errno.EINVAL), KeyError("x")]


@pytest.mark.parametrize("bug", BUGS, ids=repr)
def test_what_no_machine_is_to_blame_for_is_a_bug(bug: Exception):
    assert condition(bug) == ""
