"""Hand a conflicted file to a person's own program: an editor, or git's mergetool in a worktree made for it.

These run in the foreground, on the person's terminal; all else in this room runs without one.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from porch_tui.core.conflict.conflict import (
    Choice,
    Conflict,
    ConflictRecord,
    Decision,
    PathConflict,
    Settled,
    Step,
)
from porch_tui.core.conflict.splice import result
from porch_tui.errors import RepositoryError
from porch_tui.git.merge.resolution import blob, index_lines
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import creation, removal
from porch_tui.process.children import Child
from porch_tui.process.inherited_state import original_umask

_REGULAR = ("100644", "100755")
_UNTOUCHED = ("-c", "rerere.enabled=false", "-c", "core.hooksPath=/dev/null")
"""rerere, once used, would go on to resolve the person's own merges; hooks are for commits of theirs."""
_KNOW_LINES = {"vi", "vim", "nvim", "nano", "emacs", "micro"}
_TOOL = ("-c", "mergetool.keepBackup=false", "-c", "mergetool.writeToTemp=true")


def edit(repository: Repository, file: Path, line: int = 0) -> bool:
    """Open a file in the person's editor, as git would, and wait; False if the editor says to take nothing.

    An editor known to understand `+LINE` begins at that line, unless it is 0.

    Raises RepositoryError if there is no editor to open.
    """
    # in the folder in which git starts an editor, too
    return _edit(repository, repository.main, [file], line)


def edit_there(repository: Repository, folder: WorkingTree, files: Sequence[Path]) -> bool:
    """Open files of a worktree in the person's editor, started there; else as `edit`."""
    return _edit(repository, folder, files)


def _edit(repository: Repository, folder: WorkingTree, files: Sequence[Path], line: int = 0) -> bool:
    told = repository.git.run("var", "GIT_EDITOR", check=False)
    editor = told.stdout.decode("utf-8", "surrogateescape").strip()
    if told.code != 0 or not editor:
        why = f" ({said})" if (said := told.stderr.strip()) else ""
        raise RepositoryError(
            f"{files[0].name} should be edited, but there is no editor for this terminal{why}. "
            "Set GIT_EDITOR, or choose one of the sides."
        )
    places = [f"+{line}"] if line and _program(editor) in _KNOW_LINES else []
    words = ["sh", "-c", f'{editor} "$@"', editor, *places, *map(str, files)]
    asked = Child(words, cwd=folder.path, env=folder.plain_git.environment(), umask=original_umask())
    with asked:
        return asked.wait() == 0


def _program(editor: str) -> str:
    """Return the bare name of an editor that may be a path with options."""
    return Path(editor.split(maxsplit=1)[0]).name


def use_mergetool(
    repository: Repository,
    worktree: Path,
    reason: str,
    *,
    sides: tuple[str, str],
    conflict: Conflict,
    record: ConflictRecord,
    paths: Sequence[PathConflict],
) -> Step:
    """Run `git mergetool` on paths of the merge of `sides` (target, task); return what it decided.

    What the record decides already is decided there too. `worktree` is made for it, and goes
    afterwards, also when the tool is left: then nothing is decided. Raises `RepositoryError`.
    """
    onto, head = sides
    creation.ensure_detached(repository, worktree, onto, reason)
    try:
        git = repository.at(worktree).git
        git.run(*_UNTOUCHED, "merge", "--no-ff", "--no-commit", "-q", head, check=False)
        done = [path for path in conflict.paths if path not in paths and result(path, record) is not None]
        lines = b"".join(index_lines(repository, path, record) for path in done)
        if lines:
            git.run("update-index", "-z", "--index-info", stdin=lines)
            git.run("checkout-index", "-q", "-f", "-a", check=False)
        names = [path.tree_path for path in paths]
        words = git.command(*_UNTOUCHED, *_TOOL, "mergetool", "--no-prompt", "--", *names)
        subprocess.run(words, cwd=worktree, env=git.environment(), check=False, umask=original_umask())
        found = [(path, decided(repository, git, path)) for path in paths]
    finally:
        removal.remove(repository, worktree, removal.uncommitted_paths(repository.at(worktree)))
    return tuple(Settled(path.path, path.stages, one) for path, one in found if one is not None)


def decided(repository: Repository, git: Git, path: PathConflict) -> Decision | None:
    """Return what was made of a path in a worktree; None if it is unmerged still, or is no plain file."""
    literal = ("--literal-pathspecs", "ls-files", "-z")
    if git.lines_z(*literal, "-u", "--", path.path):
        return None
    staged = git.lines_z(*literal, "-s", "--", path.path)
    if not staged:
        return Decision(Choice.NONE)
    mode, oid, _ = staged[0].partition(b"\t")[0].decode().split(" ")
    numbers = {(stage.mode, stage.oid): stage.number for stage in path.stages}
    if (mode, oid) in numbers:
        return Decision({1: Choice.BASE, 2: Choice.MAIN, 3: Choice.TASK}[numbers[mode, oid]])
    return Decision(Choice.TEXT, blob(repository, oid)) if mode in _REGULAR else None
