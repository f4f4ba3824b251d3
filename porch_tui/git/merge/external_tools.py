"""Open a conflicted file in the person's own program: an editor, or git's mergetool in a new worktree.

These run in the foreground, on the person's terminal; everything else in this room runs without one.
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
from porch_tui.git.changes import REGULAR
from porch_tui.git.merge.resolution import blob, index_lines
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import creation, removal
from porch_tui.process.children import Child
from porch_tui.process.inherited_state import original_umask

_UNAFFECTED = ("-c", "rerere.enabled=false", "-c", "core.hooksPath=/dev/null")
"""rerere, once used, would also resolve the person's own merges; hooks are for the person's own commits."""
_KNOW_LINES = {"vi", "vim", "nvim", "nano", "emacs", "micro"}
_TOOL = ("-c", "mergetool.keepBackup=false", "-c", "mergetool.writeToTemp=true")


def edit(repository: Repository, *files: Path, folder: WorkingTree | None = None, line: int = 0) -> bool:
    """Open files in the person's editor, as git would, and wait; return False if the edit was abandoned.

    The editor is started in `folder`, or in the main worktree. If it is known to understand `+LINE` it
    begins at `line`, unless that is 0. Raises RepositoryError if there is no editor.
    """
    asked = repository.git.run("var", "GIT_EDITOR", check=False)
    editor = asked.stdout.decode("utf-8", "surrogateescape").strip()
    if asked.code != 0 or not editor:
        why = f" ({message})" if (message := asked.stderr.strip()) else ""
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

    What the record decides is already resolved there. `worktree` is made for it and removed afterwards, also
    when the tool is left: then nothing is decided. Raises `RepositoryError`.
    """
    onto, head = sides
    creation.ensure_detached(repository, worktree, onto, reason)
    try:
        git = repository.at(worktree).git
        git.run(*_UNAFFECTED, "merge", "--no-ff", "--no-commit", "-q", head, check=False)
        done = [path for path in conflict.paths if path not in paths and result(path, record) is not None]
        lines = b"".join(index_lines(repository, path, record) for path in done)
        if lines:
            git.run("update-index", "-z", "--index-info", stdin=lines)
            git.run("checkout-index", "-q", "-f", "-a", check=False)
        names = [path.tree_path for path in paths]
        words = git.command(*_UNAFFECTED, *_TOOL, "mergetool", "--no-prompt", "--", *names)
        subprocess.run(words, cwd=worktree, env=git.environment(), check=False, umask=original_umask())
        found = [(path, decided(repository, git, path)) for path in paths]
    finally:
        removal.remove(repository, worktree, removal.uncommitted_paths(repository.at(worktree)))
    return tuple(Settled(path.path, path.stages, one) for path, one in found if one is not None)


def decided(repository: Repository, git: Git, path: PathConflict) -> Decision | None:
    """Return what was made of a path in a worktree; None if it is still unmerged, or is no plain file."""
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
    return Decision(Choice.TEXT, blob(repository, oid)) if mode in REGULAR else None
