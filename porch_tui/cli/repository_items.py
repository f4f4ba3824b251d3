"""The items of `each`, as a repository answers for them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from porch_tui.core.model.plan import CommandLine
from porch_tui.git.repository import Repository
from porch_tui.git.runner import GitError
from porch_tui.planfile.each.items import ItemsError
from porch_tui.process.environment import task_environment
from porch_tui.process.printed import CommandError, printed


class RepositoryItems:
    """Reads tracked files, and runs commands in the main worktree, each once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._known: dict[CommandLine | str, Sequence[str]] = {}

    def tracked_files(self, commit: str | None) -> Sequence[str]:
        """Return the files of a commit, or of HEAD. ItemsError if there is no such commit."""
        name = commit or "HEAD"
        if name not in self._known:
            words = ("ls-tree", "-r", "-z", "--full-tree", "--name-only", f"{name}^{{commit}}")
            try:
                self._known[name] = self._repository.git.paths(*words)
            except GitError:
                raise ItemsError(f"found no commit {name} to look for files in; expected one") from None
        return self._known[name]

    def printed_items(self, command: CommandLine) -> Sequence[str]:
        """Return what a command prints: its lines, or what NUL bytes end. Empty ones are none. ItemsError."""
        if command not in self._known:
            try:
                output = printed(command, self._repository.root, task_environment(os.environ, {}))
            except CommandError as error:
                raise ItemsError(f"the command {error}") from None
            self._known[command] = split_items(output)
        return self._known[command]


def split_items(content: bytes) -> list[str]:
    """Return the items in a text: its lines, or what NUL bytes end if there are any. Empty ones are none."""
    parts = content.split(b"\0") if b"\0" in content else content.split(b"\n")
    return [os.fsdecode(part) for part in parts if part]
