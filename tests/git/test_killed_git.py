"""A git that is killed has not answered: it is tried again, and its locks are removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from porch_tui.git import locks
from porch_tui.git.runner import Git, GitKilledError

DIES = """#!/bin/sh
# dies at each of the first {times} calls that have these words, after it was at work as git would be
case "$*" in *"{words}"*)
  if [ "$(wc -l < {deaths})" -lt {times} ]; then echo . >> {deaths}; {damage}; kill -9 $$; fi;;
esac
exec {git} "$@"
"""


@pytest.fixture
def kill(tmp_path, monkeypatch):
    """Kill git the first `times` it is called with some words, after doing some damage."""
    deaths, folder = tmp_path / "deaths", tmp_path / "bin"
    git = shutil.which("git")

    def begin(words: str, times: int = 1, damage: str = ":") -> Path:
        deaths.write_text("")
        folder.mkdir(exist_ok=True)
        script = DIES.format(words=words, times=times, deaths=deaths, damage=damage, git=git)
        (folder / "git").write_text(script)
        (folder / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return deaths

    return begin


def test_a_command_that_is_killed_once_is_tried_again(repo, kill):
    deaths = kill("rev-parse", times=2)

    assert Git(repo.root).text("rev-parse", "--is-inside-work-tree") == "true"
    assert deaths.read_text() == ".\n.\n"


@pytest.mark.parametrize("is_checked", [True, False])
def test_a_command_that_is_killed_each_time_raises_even_without_check(repo, kill, monkeypatch, is_checked):
    monkeypatch.setattr("porch_tui.git.runner._RETRY_AFTER_S", (0.0, 0.0))
    kill("rev-parse", times=9)

    with pytest.raises(GitKilledError, match=r"killed by SIGKILL.*porch resume"):
        Git(repo.root).run("rev-parse", "--verify", "nowhere", check=is_checked)


def test_an_unrepeatable_command_is_not_repeated(repo, kill):
    deaths = kill("commit", times=1)

    with pytest.raises(GitKilledError):
        Git(repo.root).run("commit", "--allow-empty", "-m", "once", is_repeatable=False)

    assert deaths.read_text() == ".\n"


def test_a_command_started_ahead_is_tried_again_too(repo, kill):
    kill("rev-parse")

    assert Git(repo.root).start("rev-parse", "--is-inside-work-tree")().stdout == b"true\n"


@pytest.mark.parametrize(
    ("lock", "command"),
    [
        ("index.lock", ("add", "-A")),
        ("HEAD.lock", ("commit", "-q", "--allow-empty", "-m", "mine")),
        ("refs/heads/new.lock", ("branch", "new")),
        ("packed-refs.lock", ("pack-refs", "--all")),
    ],
)
def test_the_locks_of_a_killed_git_do_not_block_the_next_try(repo, kill, lock, command):
    path = repo.root / ".git" / lock
    deaths = kill(command[0], damage=f": > {path}")

    Git(repo.root).run(*command)

    assert deaths.read_text() == ".\n"
    assert not path.exists()


def test_the_lock_of_a_linked_worktree_goes_as_well(repo, kill, tmp_path):
    repo.git("worktree", "add", "-q", tmp_path / "linked", "-b", "linked")
    lock = Path(repo.git("rev-parse", "--absolute-git-dir", at=tmp_path / "linked")) / "index.lock"
    (tmp_path / "linked" / "new").touch()
    kill("add", damage=f": > {lock}")

    Git(tmp_path / "linked").run("add", "-A")

    assert not lock.exists()


def test_an_older_lock_stays(repo):
    lock = repo.root / ".git" / "index.lock"
    lock.touch()
    began_at = time.time() + 1

    assert locks.made_since([repo.root / ".git"], began_at) == []
    assert locks.remove_stale([lock], began_at, wait_s=0) == ()
    assert lock.exists()


def test_a_lock_stays_while_a_process_has_it_open(repo):
    lock = repo.root / ".git" / "index.lock"
    with lock.open("w"):
        assert locks.remove_stale([lock], time.time() - 1, wait_s=0) == (lock,)

    assert locks.remove_stale([lock], time.time() - 9, wait_s=30) == ()
    assert not lock.exists()


def test_a_lock_stays_while_a_running_git_may_hold_it(repo):
    """A commit holds it while its message is written, although it does not have it open."""
    lock, script = repo.root / ".git" / "index.lock", "touch begun; until test -e done; do sleep 0.05; done"
    repo.write("editor.sh", f'#!/bin/sh\ncd {repo.root}; {script}; echo message > "$1"\n').chmod(0o755)
    began_at = time.time()
    command = ["git", "-c", f"core.editor={repo.root}/editor.sh", "commit", "-q", "-a", "--allow-empty"]
    with subprocess.Popen(command, cwd=repo.root) as commit:
        wait_until((repo.root / "begun").exists)
        assert lock.exists()

        assert locks.remove_stale([lock], began_at, wait_s=0) == (lock,)

        (repo.root / "done").touch()
        assert commit.wait(20) == 0


def test_a_git_in_another_repository_holds_no_lock_of_this_one(repo, tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path / "other"], check=True)
    lock, began_at = repo.root / ".git" / "index.lock", time.time()
    with subprocess.Popen(["git", "hash-object", "--stdin-paths"], cwd=tmp_path / "other", stdin=-1):
        lock.touch()
        assert locks.remove_stale([lock], began_at, wait_s=30) == ()


@pytest.mark.skipif(shutil.which("ps") is None, reason="asks ps")
def test_without_proc_a_running_git_is_seen_too(repo, monkeypatch):
    monkeypatch.setattr(locks, "IS_LINUX", False)
    lock, began_at = repo.root / ".git" / "index.lock", time.time()
    with subprocess.Popen(["git", "update-index", "--stdin"], cwd=repo.root, stdin=subprocess.PIPE) as git:
        lock.touch()
        os.utime(lock, (began_at + 5, began_at + 5))
        assert locks.remove_stale([lock], began_at, wait_s=0) == (lock,)
        git.communicate()

    lock.touch()
    os.utime(lock, (began_at, began_at))
    assert locks.remove_stale([lock], began_at, wait_s=30) == ()
    assert not lock.exists()


def test_configuration_in_the_environment_counts_and_porchs_own_wins(repo, monkeypatch):
    pairs = (("user.name", "Env"), ("gc.auto", "77"), ("core.hooksPath", "/elsewhere"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(pairs)))
    for number, (key, value) in enumerate(pairs):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", value)
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'user.email'='parameters@x'")
    git = Git(repo.root)

    assert git.text("config", "user.name") == "Env"
    assert git.text("config", "user.email") == "parameters@x"
    assert git.text("-c", "core.hooksPath=/dev/null", "config", "core.hooksPath") == "/dev/null"
    assert git.text("config", "gc.auto") == "0"


def wait_until(holds, deadline_s: float = 20.0) -> None:
    """Wait for a condition."""
    end = time.monotonic() + deadline_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
