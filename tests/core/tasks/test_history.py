"""Commands that ask git for its history are known, as far as they say so."""

from __future__ import annotations

import pytest

from porch_tui.core.model.plan import from_shell
from porch_tui.core.tasks.history import ask_for_history


@pytest.mark.parametrize(
    "command",
    [
        "git describe --tags > VERSION",
        "cd sub && git -C .. log -1 --format=%h",
        "git diff --name-only main...HEAD | xargs ruff check",
        "git diff HEAD~1 --stat",
        "git show HEAD^:README.md",
        "git merge-base HEAD origin/main",
        'pytest $(git diff --name-only "$PORCH_BASE")',
    ],
)
def test_a_command_that_asks_for_earlier_commits_is_known(command: str):
    assert ask_for_history([("true",), from_shell(command)])


@pytest.mark.parametrize(
    "command",
    [
        "git diff --exit-code",
        "git diff --quiet && make log",
        "make blame",
        "git status --porcelain; echo log",
        "git rev-parse HEAD",
        "ls ../HEAD",
        "git diff ../other",
    ],
)
def test_a_command_that_needs_only_what_is_checked_out_gets_no_history(command: str):
    assert not ask_for_history([from_shell(command)])
