"""A creation interrupted by kill -9 or a full disk is completed later, or leaves nothing."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from killing import in_child, kill_at

from porch_tui.errors import PorchError
from porch_tui.git.worktree.creation import ensure, ensure_detached
from porch_tui.git.worktree.registration import Batcher, WorktreeRequest, register_all
from porch_tui.git.worktree_list import Register, list_worktrees

pytestmark = pytest.mark.slow

REASON = "porch run/auth"


@pytest.fixture
def there(tmp_path):
    return tmp_path / "place" / "app-auth"


def is_tidy(repo) -> bool:
    """Whether git works for everyone, and nothing half made or locked is in porch's own folder."""
    repo.git("worktree", "list")
    repo.git("log", "--all", "-1")
    left = [*(repo.root / ".git/porch").glob("entry-*"), *(repo.root / ".git").glob("**/*.lock")]
    return [] == [one for one in left if one.name != "worktrees.lock"]


@pytest.mark.parametrize("kind", ["branch", "detached", "clone"])
def test_a_creation_killed_at_any_step_is_completed_by_the_next(repo, tmp_path, kind):
    repository, base = repo.opened(), repo.tip()
    steps = 0
    while True:
        there, branch = tmp_path / "place" / f"t{steps}", f"feature/t{steps}"

        def make(there=there, branch=branch) -> None:
            if kind == "detached":
                ensure_detached(repository, there, base, REASON)
            else:
                ensure(repository, there, branch, base, REASON, is_clone=kind == "clone")

        code = in_child(lambda make=make, step=steps: (kill_at(step), make()))
        repo.git("log", "--all", "-1")
        repo.git("worktree", "list")
        began = time.monotonic()
        make()
        assert time.monotonic() - began < 10  # a lock without an owner is not waited for
        assert (base, "") == (
            repo.git("rev-parse", "HEAD", at=there),
            repo.git("status", "--porcelain", "--ignored", at=there),
        )
        assert is_tidy(repo)
        if code == 0:
            break
        assert -signal.SIGKILL == code
        steps += 1

    assert steps > 10
    assert steps + 2 == len(list_worktrees(repository))


def test_a_checkout_that_outlives_its_porch_is_waited_for(repo, there, tmp_path):
    """Porch is killed by a filter in the middle of the checkout, which continues."""
    marks = tmp_path / "marks"
    marks.mkdir()
    smudge = f"kill -9 $PORCH_PID; sleep 0.5; touch {marks}/$(ls {marks} | wc -l); cat"
    repo.git("config", "filter.slow.smudge", smudge)
    repo.commit({".gitattributes": "f filter=slow\n", "f": "x\n"})
    repository, base = repo.opened(), repo.tip()

    def make() -> None:
        os.environ["PORCH_PID"] = str(os.getpid())
        ensure(repository, there, "feature/auth", base, REASON)

    assert -signal.SIGKILL == in_child(make)
    os.environ["PORCH_PID"] = "none"
    ensure(repository, there, "feature/auth", base, REASON)

    assert 1 == len(list(marks.iterdir()))  # its work was taken over, not begun beside it
    assert "" == repo.git("status", "--porcelain", at=there)


def nothing_is_left(repo, there) -> bool:
    return (
        not os.path.lexists(there)
        and 1 == len(list_worktrees(repo.opened()))
        and "" == repo.git("branch", "--list", "feature/*")
        and is_tidy(repo)
    )


@pytest.mark.parametrize("is_clone", [False, True])
def test_a_file_that_does_not_fit_leaves_neither_worktree_nor_branch(repo, there, is_clone):
    repo.commit({"big": b"x" * 4_000_000})
    repository, base = repo.opened(), repo.tip()

    def make() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        ensure(repository, there, "feature/auth", base, REASON, is_clone=is_clone)

    assert 1 == in_child(make)
    assert nothing_is_left(repo, there)
    ensure(repository, there, "feature/auth", base, REASON)
    assert "" == repo.git("status", "--porcelain", at=there)


@pytest.mark.parametrize("is_clone", [False, True])
def test_a_full_disk_leaves_neither_worktree_nor_branch(repo, there, is_clone):
    """Of a clone it is the objects that do not fit: another file system takes copies, not links."""
    repo.commit({"big": os.urandom(4_000_000)})
    there.parent.mkdir(exist_ok=True)
    disk = there.parent / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("may not mount a small disk here")
    try:
        with pytest.raises((PorchError, OSError), match="No space left" if is_clone else "reset --hard"):
            ensure(repo.opened(), disk / "auth", "feature/auth", repo.tip(), REASON, is_clone=is_clone)
        assert nothing_is_left(repo, disk / "auth")
        assert [] == list(disk.iterdir())
    finally:
        subprocess.run(["umount", disk], check=True)


def test_an_unwritable_place_leaves_neither_worktree_nor_branch(repo, there):
    repo.write("place-is-a-file", "", at=there.parent)
    inside = there.parent / "place-is-a-file" / "auth"

    with pytest.raises((PorchError, OSError)):
        ensure(repo.opened(), inside, "feature/auth", repo.tip(), REASON)
    assert nothing_is_left(repo, inside)


def test_an_unwritable_git_directory_leaves_no_branch(repo, there):
    repo.write(".git/worktrees", "in the way")

    with pytest.raises(PorchError, match="could not"):
        ensure(repo.opened(), there, "feature/auth", repo.tip(), REASON)
    assert "" == repo.git("branch", "--list", "feature/*")
    assert not there.exists()


def test_several_at_once_are_one_transaction_and_one_clash_fails_alone(repo, tmp_path):
    log, place, base = tmp_path / "log", tmp_path / "place", repo.tip()
    hook = repo.write(
        ".git/hooks/reference-transaction", f'#!/bin/sh\n[ "$1" = committed ] && wc -l >> {log}\n:\n'
    )
    hook.chmod(0o755)
    wanted = [WorktreeRequest(place / f"t{n}", f"porch r/t{n}", base, f"feature/t{n}") for n in range(5)]

    repository = repo.opened()
    known = Register(repository)

    assert [True] * 3 == [entry.is_new for entry in register_all(repository, wanted[:3], known)]
    assert ["3"] == log.read_text().split()
    repo.git("branch", "feature/t4")
    clean, clash = register_all(repository, wanted[3:], known)
    assert (True, True) == (clean.is_new, "one already" in str(clash))


def test_every_thread_gets_its_own_answer_or_error():
    arrived, turns = threading.Barrier(8), []

    def answer(wishes):
        turns.append(len(wishes))
        return [PorchError(f"not {wish}") if wish == 3 else wish * 10 for wish in wishes]

    gathering = Batcher(answer)

    def ask(wish):
        arrived.wait()
        try:
            return gathering.ask(wish)
        except PorchError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))

    assert [0, 10, 20, "not 3", 40, 50, 60, 70] == answers
    assert 8 == sum(turns)
