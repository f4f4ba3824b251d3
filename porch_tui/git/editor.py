"""Open files in the person's editor, in the foreground, on their terminal."""

from __future__ import annotations

from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.git.working_tree import WorkingTree
from porch_tui.process.children import Child
from porch_tui.process.inherited_state import original_umask

_KNOW_LINES = {"vi", "vim", "nvim", "nano", "emacs", "micro"}


def edit(repository: Repository, *files: Path, folder: WorkingTree | None = None, line: int = 0) -> bool:
    """Open files in the person's editor, as git would, and wait; return False if the edit was abandoned.

    The editor is started in `folder`, or in the main worktree. If it is known to understand `+LINE` it
    begins at `line`, unless that is 0. Raises RepositoryError if there is no editor.
    """
    configured = repository.git.run("var", "GIT_EDITOR", check=False)
    editor = configured.stdout.decode("utf-8", "surrogateescape").strip()
    if configured.code != 0 or not editor:
        why = f" ({message})" if (message := configured.stderr.strip()) else ""
        raise RepositoryError(
            f"{files[0].name} should be edited, but there is no editor for this terminal{why}. "
            "Set GIT_EDITOR, or choose one of the sides."
        )
    program = Path(editor.split(maxsplit=1)[0]).name  # it may be a path with options
    at = [f"+{line}"] if line and program in _KNOW_LINES else []
    tree = folder or repository.main
    words = ["sh", "-c", f'{editor} "$@"', editor, *at, *map(str, files)]
    with Child(words, cwd=tree.path, env=tree.plain_git.environment(), umask=original_umask()) as process:
        return process.wait() == 0
