"""Open files in the person's editor, in the foreground, on their terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from porch_tui.errors import RepositoryError
from porch_tui.git.repository import Repository
from porch_tui.git.runner import GitError, clean_environment, output_of
from porch_tui.git.working_tree import WorkingTree
from porch_tui.process.children import Child
from porch_tui.process.inherited_state import original_umask

_KNOW_LINES = {"vi", "vim", "nvim", "nano", "emacs", "micro"}


def edit(
    repository: Repository,
    *files: Path,
    folder: WorkingTree | None = None,
    line: int = 0,
    preferred: str = "",
) -> bool:
    """Open files in the person's editor, and wait; return False if the edit was abandoned.

    The editor is the one they prefer, as a shell command, else the one of git. It is started in `folder`, or
    in the main worktree. If it is known to understand `+LINE` it begins at `line`, unless that is 0. Raises
    RepositoryError if there is no editor.
    """
    tree = folder or repository.main
    editor = preferred or _of_git(repository, files[0])
    return _opened(editor, files, line, tree.path, tree.plain_git.environment())


def edit_anywhere(file: Path, preferred: str = "") -> bool:
    """Open a file that belongs to no repository, in the same way."""
    try:
        editor = preferred or output_of("var", "GIT_EDITOR").strip()
    except GitError as error:
        raise _no_editor(file, error.stderr) from error
    if not editor:
        raise _no_editor(file, "")
    return _opened(editor, [file], 0, file.parent, clean_environment())


def _of_git(repository: Repository, file: Path) -> str:
    configured = repository.git.run("var", "GIT_EDITOR", check=False)
    editor = configured.stdout.decode("utf-8", "surrogateescape").strip()
    if configured.code != 0 or not editor:
        raise _no_editor(file, configured.stderr)
    return editor


def _no_editor(file: Path, said: str) -> RepositoryError:
    why = f" ({said.strip()})" if said.strip() else ""
    return RepositoryError(
        f"{file.name} should be edited, but there is no editor for this terminal{why}. "
        "Set GIT_EDITOR, or editor in your settings (porch help settings)."
    )


def _opened(
    editor: str, files: Sequence[Path], line: int, folder: Path, environment: Mapping[str, str]
) -> bool:
    program = Path(editor.split(maxsplit=1)[0]).name  # it may be a path with options
    at = [f"+{line}"] if line and program in _KNOW_LINES else []
    words = ["sh", "-c", f'{editor} "$@"', editor, *at, *map(str, files)]
    with Child(words, cwd=folder, env=environment, umask=original_umask()) as process:
        return process.wait() == 0
