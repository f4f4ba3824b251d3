"""Many worktrees are made at once while others use the repository, and no command fails."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from porch_tui.errors import PorchError
from porch_tui.git.objects import quarantine
from porch_tui.git.rescue.salvage import snapshot_commit as uncommitted_commit
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree.creation import ensure
from porch_tui.git.worktree.removal import uncommitted_paths
from porch_tui.git.worktree_list import places

THREADS = 16
BYSTANDERS = ("fetch -q {clone}", "branch", "log --all -1", "worktree list")


class Crowd:
    """Processes that use the repository without pause, and their error messages."""

    def __init__(self, repo, clone: Path) -> None:
        self._repo = repo
        self._clone = clone
        self._is_over = threading.Event()
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=self._loop, args=(words,)) for words in BYSTANDERS]

    def _loop(self, words: str) -> None:
        command = ["git", *words.format(clone=self._clone).split()]
        while not self._is_over.is_set():
            done = subprocess.run(command, cwd=self._repo.root, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                self.failures.append(f"{words}: {done.stderr}")

    @contextmanager
    def at_work(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in self._threads:
                thread.join()


def failures_of(repo, tmp_path: Path, make: Callable[[int], None], count: int, is_enough: bool) -> list[str]:
    """Make worktrees from many threads among bystanders; `is_enough`: the first failure will do."""
    repo.git("clone", "-q", repo.root, tmp_path / "clone")
    crowd = Crowd(repo, tmp_path / "clone")

    def made(number: int) -> None:
        if is_enough and crowd.failures:
            return
        try:
            make(number)
        except (PorchError, AssertionError) as error:
            crowd.failures.append(str(error))

    with crowd.at_work(), ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(made, range(count)))
    return crowd.failures


def by_porch(repo, place: Path) -> Callable[[int], None]:
    base, repository = repo.tip(), repo.opened()
    return lambda n: ensure(repository, place / f"t{n}", f"feature/t{n}", base, f"porch r/t{n}")


def by_git(repo, place: Path) -> Callable[[int], None]:
    base = repo.tip()
    return lambda n: repo.git("worktree", "add", "-q", "-b", f"feature/t{n}", place / f"t{n}", base) and None


@pytest.mark.parametrize("count", [64, pytest.param(400, marks=pytest.mark.slow)])
def test_sixteen_threads_make_worktrees_among_bystanders_without_a_failure(repo, tmp_path, count):
    place = tmp_path / "place"

    assert [] == failures_of(repo, tmp_path, by_porch(repo, place), count, is_enough=False)
    assert count == len(list(places(repo.opened())))
    assert all((place / f"t{n}" / "sub/h").exists() for n in range(count))


@pytest.mark.slow
def test_git_worktree_add_fails_at_the_same(repo, tmp_path):
    """Or the test above would prove nothing: on an idle machine six adds at once may well pass."""
    failures = failures_of(repo, tmp_path, by_git(repo, tmp_path / "place"), 1000, is_enough=True)

    assert any(re.search("commondir|gitdir|bad object|not send all necessary", one) for one in failures)


COMMITS = "for n in $(seq 150); do echo $n >> f; touch g; git add -A && git commit -qm $n || exit 1; done"


@pytest.mark.slow
def test_reading_a_worktree_100_times_a_second_breaks_none_of_its_commits(repo, tmp_path):
    there, repository = tmp_path / "place" / "t", repo.opened()
    ensure(repository, there, "feature/t", repo.tip(), "porch r/t")
    before = repo.tip()
    objects = quarantine(repository, tmp_path / "objects")

    with subprocess.Popen(["sh", "-c", COMMITS], cwd=there, stderr=subprocess.PIPE, text=True) as task:
        tree = repository.at(there)
        reader = threading.Thread(target=lambda: while_alive(task, lambda: read_quietly(tree, objects)))
        reader.start()
        looks = while_alive(task, lambda: uncommitted_paths(tree))
        reader.join()
        assert (0, "") == (task.returncode, task.stderr.read() if task.stderr else None)
    assert looks > 15
    assert "150" == repo.git("rev-list", "--count", f"{before}..feature/t")


def while_alive(task: subprocess.Popen[str], look: Callable[[], object]) -> int:
    """Look a hundred times a second, or as often as possible; return how often that was."""
    looks = 0
    while task.poll() is None:
        began = time.monotonic()
        look()
        looks += 1
        time.sleep(max(0.0, began + 0.01 - time.monotonic()))
    return looks


def read_quietly(there: WorkingTree, objects: dict[str, str]) -> None:
    """What a prediction reads; it may fail when the task changes a file at this moment."""
    try:
        uncommitted_commit(there, objects)
    except PorchError:
        return


def test_git_may_remove_the_empty_folder_of_worktrees_at_any_moment(repo, tmp_path):
    base, repository, folder = repo.tip(), repo.opened(), repo.root / ".git" / "worktrees"
    script = f"""
import contextlib, os, time
while True:
    time.sleep(0.003)
    with contextlib.suppress(OSError):
        os.rmdir({str(folder)!r})
"""
    with subprocess.Popen([sys.executable, "-c", script]) as remover:  # as `git gc` does, again and again
        try:
            for n in range(30):
                ensure(repository, tmp_path / f"t{n}", f"feature/t{n}", base, f"porch r/t{n}")
                repo.git("worktree", "remove", "-f", "-f", tmp_path / f"t{n}")
        finally:
            remover.kill()

    assert len(repo.git("branch", "--list", "feature/*").split()) == 30
