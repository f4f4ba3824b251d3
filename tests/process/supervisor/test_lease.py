"""The lease of an attempt, as its supervisor counts it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from porch_tui.process import supervisor

sys.path.append(str(Path(supervisor.__file__).parent))  # it imports the files beside it
from porch_tui.process.supervisor.lease import Lease


def lease_begun(folder: Path, after_s: float) -> Lease:
    """Return a lease of ten seconds whose supervisor began so long after it was renewed last."""
    (folder / "lease").touch()
    os.utime(folder / "lease", (1_000_000, 1_000_000))
    return Lease(str(folder), 10.0, 1_000_000 + after_s)


def test_the_time_before_its_supervisor_began_counts(tmp_path: Path):
    assert lease_begun(tmp_path, 11).why_over()
    assert not lease_begun(tmp_path, 1).why_over()


def test_a_renewal_counts_from_when_it_is_seen(tmp_path: Path):
    lease = lease_begun(tmp_path, 11)

    (tmp_path / "lease").touch()

    assert not lease.why_over()


def test_a_log_from_before_the_lease_was_renewed_counts_as_none(tmp_path: Path):
    assert not lease_begun(tmp_path, -5).why_over()
