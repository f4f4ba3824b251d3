"""A key that will not sign is reported at once, whether or not a pass phrase is missing."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from porch_tui.errors import RepositoryError
from porch_tui.git.merge.commits import check_signing, wants_signatures
from project import until


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_signing_is_tested_if_it_is_configured(repo):
    before = wants_signatures(repo.opened())
    repo.git("config", "commit.gpgSign", "yes")
    repo.git("config", "gpg.program", "false")

    assert (False, True) == (before, wants_signatures(repo.opened()))
    with pytest.raises(RepositoryError, match="signing fails"):
        check_signing(repo.opened())


def test_a_signing_program_that_waits_for_input_times_out(repo, tmp_path: Path):
    program, pid = tmp_path / "ask", tmp_path / "pid"
    program.write_text(f"#!/bin/sh\necho $$ > {pid}\nsleep 600\n")
    program.chmod(0o755)
    repo.git("config", "gpg.program", str(program))
    begun = time.monotonic()

    with pytest.raises(RepositoryError, match=r"no answer within 0\.5 s"):
        check_signing(repo.opened(), timeout_s=0.5)

    assert time.monotonic() - begun < 60
    until(lambda: not is_alive(int(pid.read_text())), "what was asked to be gone")
