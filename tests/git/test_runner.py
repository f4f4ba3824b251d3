"""One git command: its environment, its bytes, its failures."""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path

import pytest

from porch_tui.errors import RepositoryError
from porch_tui.git.locks import exclusive
from porch_tui.git.runner import _ALSO_LEAKING, _HARMLESS, Git, GitError, clean_environment, records


@pytest.mark.parametrize(
    "leak", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"]
)
def test_a_leaked_variable_sends_no_command_elsewhere(repo, tmp_path, monkeypatch, leak):
    """As when porch is started from a hook or a git alias."""
    monkeypatch.setenv(leak, str(tmp_path / "elsewhere"))

    assert str(repo.root) == Git(repo.root).text("rev-parse", "--show-toplevel")
    assert "" == Git(repo.root).text("status", "--porcelain")
    assert leak not in clean_environment()


def test_what_people_set_is_none_of_what_leads_git_elsewhere(repo):
    listed = repo.git("rev-parse", "--local-env-vars").split()

    assert listed
    assert [name for name in (*listed, *_ALSO_LEAKING) if name.startswith(_HARMLESS)] == []


def test_commands_take_no_optional_locks_and_never_ask(repo):
    variables = Git(repo.root).environment()

    assert ("0", "0", "C") == (
        variables["GIT_OPTIONAL_LOCKS"],
        variables["GIT_TERMINAL_PROMPT"],
        variables["LC_ALL"],
    )


def test_an_error_has_command_code_and_message(repo):
    with pytest.raises(
        GitError, match=r"rev-parse --verify nowhere.*128.*Needed a single revision"
    ) as raised:
        Git(repo.root).run("rev-parse", "--verify", "nowhere")

    assert (128, ("rev-parse", "--verify", "nowhere")) == (raised.value.code, raised.value.command)


def test_a_missing_folder_is_reported(tmp_path):
    with pytest.raises(RepositoryError, match="no such folder"):
        Git(tmp_path / "gone").run("status")


def test_missing_git_is_reported(repo, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(RepositoryError, match="Install git"):
        Git(repo.root).run("status")


def test_paths_are_returned_as_they_are_on_disk(repo, odd_name):
    repo.commit({odd_name: "x"})

    assert odd_name in Git(repo.root).paths("ls-files", "-z")
    assert all(os.path.lexists(repo.root / name) for name in Git(repo.root).paths("ls-files", "-z"))


def test_no_output_has_no_records():
    assert [] == records(b"")
    assert [b"a", b"", b"b"] == records(b"a\0\0b\0")


def test_a_lock_held_too_long_names_its_file(tmp_path):
    lock = tmp_path / "x.lock"

    with exclusive(lock, "wait"), pytest.raises(RepositoryError, match=r"wants to land.*x\.lock"):
        exclusive(lock, "land", wait_s=0.05).__enter__()


def test_a_status_that_could_not_be_collected_is_an_error_and_never_success(repo):
    """Python's own Popen says 0 where the kernel has thrown the status away."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with pytest.raises(RepositoryError, match="exit status could not be collected"):
            Git(repo.root).run("rev-parse", "--verify", "nowhere", check=False)
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_pwd_is_the_folder_in_which_git_and_its_hooks_run(repo, monkeypatch):
    monkeypatch.setenv("OLDPWD", "/somewhere")
    repo.root.joinpath(".git/hooks/post-commit").write_text("#!/bin/sh\nenv | grep PWD= > seen\n")
    repo.root.joinpath(".git/hooks/post-commit").chmod(0o755)

    Git(repo.root).run("commit", "--allow-empty", "-q", "-m", "x")

    assert f"PWD={repo.root}\n" == (repo.root / "seen").read_text()


@pytest.mark.slow
def test_a_program_that_cannot_start_leaves_no_descriptor_open(repo):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    Git(repo.root).run("status")
    opened = len(list(Path("/dev/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (opened + 4, before[1]))
    try:
        with pytest.raises(RepositoryError, match="git could not be started: the system allows no more open"):
            Git(repo.root).run("status")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert len(list(Path("/dev/fd").iterdir())) == opened
