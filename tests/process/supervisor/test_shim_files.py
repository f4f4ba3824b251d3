"""Damaged files of a shim."""

from __future__ import annotations

import fcntl

import pytest

from porch_tui.process import control
from porch_tui.process.liveness import Alive, Lost, LostWhy, Progress, find, leader_of, progress_of, shim_of
from porch_tui.process.orphans import Claim, claim_of, orphans
from porch_tui.process.supervisor import spool

DAMAGED = [
    "",
    "nothing",
    "[]",
    "{}",
    "3",
    '{"pid": 4}',
    '{"pid": "4", "ticks": [], "boot": 1}',
    '{"pid": 4, "tic',
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_counts_as_missing(tmp_path, content):
    for name in ("run.json", "lock"):
        (tmp_path / name).write_text(content)

    assert (None, None) == (shim_of(tmp_path), leader_of(tmp_path))
    assert Claim(tmp_path) == claim_of(tmp_path)
    assert [] == orphans(tmp_path.parent)
    assert Lost(LostWhy.REBOOT) == find(tmp_path)
    assert () == control.end_leftovers(tmp_path, grace_s=0)


@pytest.mark.parametrize("content", [*DAMAGED, '{"stuck": [[1]]}', '{"seq": "9"}', '{"is_paused": 3}'])
def test_damaged_progress_counts_as_none(tmp_path, content):
    (tmp_path / "state.json").write_text(content)

    assert Progress() == progress_of(tmp_path)


def test_an_attempt_with_a_taken_lock_is_alive_whatever_its_files_say(tmp_path, monkeypatch):
    monkeypatch.setattr("porch_tui.process.liveness.UNSURE_S", 0.05)
    spool.put(f"{tmp_path}/run.json", {"pid": "none"})

    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert isinstance(find(tmp_path), Alive)
