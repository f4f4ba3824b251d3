"""A failing post-checkout hook: the checkout is complete, so the run continues and reports it."""

from __future__ import annotations

import pytest

from porch_tui.git.runner import GitError
from porch_tui.git.worktree.creation import ensure, ensure_detached


@pytest.fixture
def hook(repo):
    def install(text):
        file = repo.write(".git/hooks/post-checkout", f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    return install


def test_a_failing_hook_is_reported_and_the_worktree_is_complete(repo, hook, tmp_path):
    hook('echo "no network in $PWD" >&2; exit 3')
    there, place = tmp_path / "place" / "app-auth", tmp_path / "place" / "validate-1"
    second = repo.made(repo.tip(), {"f": "two\n"})

    message = ensure(repo.opened(), there, "feature/auth", repo.tip(), "porch run/auth")
    first = ensure_detached(repo.opened(), place, repo.tip())
    again = ensure_detached(repo.opened(), place, second)

    assert "post-checkout hook failed" in message and "no network in ." in message
    assert message == first == again
    assert "" == repo.git("status", "--porcelain", at=there)
    assert second == repo.git("rev-parse", "HEAD", at=place)
    assert "two\n" == (place / "f").read_text()


def test_a_successful_hook_is_not_reported(repo, hook, tmp_path):
    hook("echo hello")
    place = tmp_path / "place" / "validate-1"

    assert "" == ensure_detached(repo.opened(), place, repo.tip())
    assert "" == ensure_detached(repo.opened(), place, repo.made(repo.tip(), {"f": "two\n"}))


def test_a_checkout_that_fails_itself_is_no_failing_hook(repo, hook, tmp_path):
    hook("exit 1")
    place = tmp_path / "place" / "validate-1"
    ensure_detached(repo.opened(), place, repo.tip())

    with pytest.raises(GitError):
        ensure_detached(repo.opened(), place, "0" * 40)
