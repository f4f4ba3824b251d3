"""A key that will not sign is told at once, whoever is to give its pass phrase."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from porch_tui.errors import RepositoryError
from porch_tui.git.merge.commits import check_signing, wants_signatures
from project import until


def is_alive(pid: int) -> bool:
    """Say whether the process runs; one that nobody has collected yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_signing_is_asked_for_and_tried(repo):
    before = wants_signatures(repo.opened())
    repo.git("config", "commit.gpgSign", "yes")
    repo.git("config", "gpg.program", "false")

    assert (False, True) == (before, wants_signatures(repo.opened()))
    with pytest.raises(RepositoryError, match="signing fails"):
        check_signing(repo.opened())


def test_who_asks_and_gets_no_answer_is_not_waited_for_for_ever(repo, tmp_path: Path):
    program, pid = tmp_path / "ask", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\necho $$ > {pid}\nsleep 600\n")
    program.chmod(0o755)
    repo.git("config", "gpg.program", str(program))
    begun = time.monotonic()

    with pytest.raises(RepositoryError, match=r"no answer within 0\.5 s"):
        check_signing(repo.opened(), timeout_s=0.5)

    assert time.monotonic() - begun < 60
    until(lambda: not is_alive(int(pid.read_text())), "what was asked to be gone")
