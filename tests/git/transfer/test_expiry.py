"""A host forgets what it no longer needs, and nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import time
from itertools import count
from pathlib import Path

import pytest
from killing import in_child, kill_at

from porch_tui.git.transfer import copies, packs
from porch_tui.git.transfer.expiry import UNUSED_S, forget_bases, forget_copies
from porch_tui.git.transfer.packs import Choice, Kind
from tests.git.transfer.conftest import Host, give

LONG_AGO = time.time() - 2 * UNUSED_S


@pytest.fixture
def two(repo, host) -> tuple[str, str]:
    """Two bases on the host, a large one of long ago and a small one of today."""
    old = repo.commit({"large": os.urandom(1 << 20)})
    give(repo.opened(), host.opened, old)
    new = repo.commit({"large": "small by now\n"})
    give(repo.opened(), host.opened, new)
    age(host, old)
    return old, new


def age(host: Host, base: str) -> None:
    os.utime(packs.stamp_of(host.opened, base), (LONG_AGO, LONG_AGO))


def test_a_base_that_was_not_used_for_long_goes_with_its_objects(host, two):
    old, new = two

    forgotten = forget_bases(host.opened, (), is_idle=True)

    assert forgotten.bases == (old,)
    assert forgotten.freed_bytes > 1 << 20
    assert not packs.has(host.opened, old)
    assert packs.has(host.opened, new)
    assert host.git("cat-file", "-t", old, fails=True) == ""
    assert (host.opened.common_dir / "shallow").read_text() == f"{new}\n"
    assert "missing" not in host.git("fsck", "--full")


def test_a_base_that_was_asked_for_lately_stays(host, two):
    old, _ = two
    assert packs.has(host.opened, old)

    assert forget_bases(host.opened, (), is_idle=True).bases == ()


def test_the_base_of_an_attempt_stays_however_old_it_is(host, two):
    old, _ = two

    assert forget_bases(host.opened, [old], is_idle=True).bases == ()

    assert host.git("cat-file", "-t", f"{old}:large") == "blob"


def test_while_attempts_run_no_object_is_deleted(host, two):
    old, _ = two
    written = host.git("hash-object", "-w", host.root / ".git" / "HEAD")  # a task's, before it has a ref

    assert forget_bases(host.opened, (), is_idle=False).bases == (old,)

    assert host.git("cat-file", "-t", written) == "blob"
    assert host.git("cat-file", "-t", f"{old}:large") == "blob"


def test_work_on_a_forgotten_base_that_was_not_fetched_yet_stays_whole(host, two):
    old, _ = two
    head = host.commit(host.worktree(old), {"mine": "x\n"})
    host.git("update-ref", "refs/porch/run/head/auth", head)

    assert forget_bases(host.opened, (), is_idle=True).bases == (old,)

    assert host.git("rev-list", head).split() == [head, old]
    assert host.git("show", f"{head}:mine") == "x"
    assert "missing" not in host.git("fsck", "--full")


def test_a_forgotten_base_can_be_had_again(repo, host, two):
    old, new = two
    forget_bases(host.opened, (), is_idle=True)

    assert give(repo.opened(), host.opened, old) == Choice(Kind.THIN, (new,))

    assert packs.has(host.opened, old)


def test_a_history_is_forgotten_with_its_base(repo, host):
    base = repo.tip()
    give(repo.opened(), host.opened, base, is_full=True)
    age(host, base)

    assert forget_bases(host.opened, (), is_idle=True).bases == (base,)

    assert packs.tips(host.opened) == packs.Tips()
    assert host.git("count-objects").startswith("0 objects")


def test_a_base_of_which_no_one_knows_when_it_was_used_stays_for_now(host, two):
    old, _ = two
    packs.stamp_of(host.opened, old).unlink()

    assert forget_bases(host.opened, (), is_idle=True).bases == ()
    assert packs.stamp_of(host.opened, old).stat().st_mtime > LONG_AGO + UNUSED_S


@pytest.mark.slow
def test_a_host_that_is_killed_while_it_forgets_is_whole(repo, host, two, tmp_path):
    old, new = two
    for step in count(0, 2):
        root = tmp_path / f"host-{step}"
        shutil.copytree(host.root, root)
        other = Host(root)

        def forget(other: Host = other, step: int = step) -> None:
            kill_at(step)
            forget_bases(other.opened, (), is_idle=True)

        code = in_child(forget)
        other.again()
        assert packs.has(other.opened, new)
        give(repo.opened(), other.opened, old)
        assert packs.has(other.opened, old)
        assert "missing" not in other.git("fsck", "--full")
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert step > 2


def test_copies_that_were_not_used_for_long_go(tmp_path: Path):
    for name in ("old", "used", "new", ".arriving-x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_text("12345")
    for name in ("old", "used", ".arriving-x"):
        os.utime(tmp_path / name, (LONG_AGO, LONG_AGO))

    forgotten = forget_copies(tmp_path, ["used"])

    assert (forgotten.copies, forgotten.freed_bytes) == (("old",), 5)
    assert sorted(one.name for one in tmp_path.iterdir()) == [".arriving-x", "new", "used"]


def test_copies_that_are_asked_for_again_count_as_used(tmp_path: Path):
    (tmp_path / "digest").mkdir()
    os.utime(tmp_path / "digest", (LONG_AGO, LONG_AGO))

    with (tmp_path / "none").open("w+b") as file:
        copies.unpack(file, "digest", tmp_path / "digest")

    assert forget_copies(tmp_path, ()).copies == ()
