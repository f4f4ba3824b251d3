"""A worktree in which a program resolves a conflict: git's merge with its markers, and what is made of it.

It looks like a merge that stopped: files with markers, unmerged paths in the index. What a program did
there is read from the files, and for those without markers from the index as well. The person's mergetool
runs in the foreground, on their terminal, in a real merge.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
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
from porch_tui.core.conflict.splice import edited, result, splice, stray_markers
from porch_tui.git.changes import LINK, REGULAR
from porch_tui.git.merge import resolution
from porch_tui.git.merge.commits import commit_tree
from porch_tui.git.repository import Repository
from porch_tui.git.runner import Git
from porch_tui.git.working_tree import WorkingTree
from porch_tui.git.worktree import creation, removal
from porch_tui.git.worktree_list import find_worktree
from porch_tui.process.inherited_state import original_umask

UNDATED = "0 +0000"
_UNAFFECTED = ("-c", "rerere.enabled=false", "-c", "core.hooksPath=/dev/null")
"""rerere, once used, would also resolve the person's own merges; hooks are for the person's own commits."""
_TOOL = ("-c", "mergetool.keepBackup=false", "-c", "mergetool.writeToTemp=true")


def create(
    repository: Repository,
    worktree: Path,
    run: str,
    *,
    sides: tuple[str, str],
    conflict: Conflict,
    record: ConflictRecord,
) -> str:
    """Make the worktree and return the commit it begins at. `sides` are the target's and the task's commit.

    What the record decides is in place; the rest is between markers, or unmerged.
    """
    onto, head = sides
    message = f"porch: a conflict\n\nPorch-Run: {run}\n"
    lines = (_marked_lines(repository, conflict.tree, path, record) for path in conflict.paths)
    tree = resolution.tree_with(repository, conflict.tree, b"".join(lines))
    commit = commit_tree(repository, tree, onto, head, message=message, date=UNDATED)
    creation.ensure_detached(repository, worktree, commit, f"porch {run} resolver")
    _show(repository.at(worktree), [path.path for path in conflict.paths])
    unmerged = b""
    for path in conflict.paths:
        if path.stages and result(path, record) is None:
            stages = (resolution.index_line(path.path, one.mode, one.oid, one.number) for one in path.stages)
            unmerged += resolution.removal_line(path.path) + b"".join(stages)
    if unmerged:
        repository.at(worktree).git.run("update-index", "-z", "--index-info", stdin=unmerged)
    return commit


def read_back(
    repository: Repository, worktree: Path, begun: str, conflict: Conflict, record: ConflictRecord
) -> Step:
    """Return what was decided in the worktree about everything that the record leaves open.

    `begun` is the commit at which it was created.
    """
    open_ = [path for path in conflict.paths if path.stages and result(path, record) is None]
    return tuple(one for path in open_ for one in _decided(repository, worktree, begun, path, record))


def other_changes(worktree: WorkingTree, begun: str, conflict: Conflict) -> tuple[str, ...]:
    """Return the paths, sorted, that were changed there without being in conflict; not the ignored ones."""
    changed = worktree.git.paths("diff", "--name-only", "--no-renames", "-z", begun, "--")
    new = worktree.git.paths("ls-files", "-o", "--exclude-standard", "-z")
    return tuple(sorted({*changed, *new} - {path.path for path in conflict.paths}))


def remove_worktree(repository: Repository, worktree: Path) -> None:
    """Remove the worktree with all that is in it, if it exists."""
    if find_worktree(repository, worktree) is not None:
        losing = removal.uncommitted_paths(repository.at(worktree)) if worktree.exists() else ()
        removal.remove(repository, worktree, losing)


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
        lines = b"".join(resolution.index_lines(repository, path, record) for path in done)
        if lines:
            git.run("update-index", "-z", "--index-info", stdin=lines)
            git.run("checkout-index", "-q", "-f", "-a", check=False)
        names = [path.tree_path for path in paths]
        words = git.command(*_UNAFFECTED, *_TOOL, "mergetool", "--no-prompt", "--", *names)
        subprocess.run(words, cwd=worktree, env=git.environment(), check=False, umask=original_umask())
        decisions = [(path, _decided_without_markers(repository, git, path)) for path in paths]
    finally:
        remove_worktree(repository, worktree)
    return tuple(Settled(path.path, path.stages, one) for path, one in decisions if one is not None)


def side_diff(repository: Repository, base: str, side: str, conflict: Conflict) -> str:
    """Return what one side did to the conflicted files, as a diff from the base, for a reader."""
    names = [path.path for path in conflict.paths if path.path == path.tree_path and path.stages]
    if not names:
        return ""
    done = repository.git.run("--literal-pathspecs", "diff", "--no-ext-diff", base, side, "--", *names)
    return done.stdout.decode("utf-8", "surrogateescape")


def _show(tree: WorkingTree, paths: Sequence[str]) -> None:
    """Write conflicted files that a sparse checkout leaves out: the program needs them on disk."""
    if not (tree.git_dir / "info" / "sparse-checkout").exists():
        return
    listed = tree.git.lines_z("--literal-pathspecs", "ls-files", "-t", "-z", "--", *paths)
    hidden = b"".join(record[2:] + b"\0" for record in listed if record.startswith(b"S "))
    if hidden:
        tree.git.run("update-index", "--no-skip-worktree", "-z", "--stdin", stdin=hidden)
        tree.git.run("checkout-index", "-q", "-f", "-u", "-z", "--stdin", stdin=hidden)


def _marked_lines(repository: Repository, tree: str, path: PathConflict, record: ConflictRecord) -> bytes:
    if result(path, record) is not None:
        return resolution.index_lines(repository, path, record)
    if path.hunks:
        oid = resolution.write_blob(repository, splice(path, record))
        return resolution.index_lines_at(path, path.mode, oid)
    if path.tree_path == path.path or not path.mode:
        return b""
    placed = repository.git.text("rev-parse", f"{tree}:{path.tree_path}")
    return resolution.index_lines_at(path, path.mode, placed)


def _decided(
    repository: Repository, worktree: Path, begun: str, path: PathConflict, record: ConflictRecord
) -> Iterator[Settled]:
    file = worktree / path.path
    if not file.parent.resolve().is_relative_to(worktree.resolve()):
        return  # a folder was replaced by a link that leads elsewhere
    if not path.hunks:
        decision = _decided_as_a_whole(repository, worktree, begun, path)
        if decision is not None:
            yield Settled(path.path, path.stages, decision)
    elif not os.path.lexists(file):
        yield Settled(path.path, path.stages, Decision(Choice.NONE))
    elif file.is_file() and not file.is_symlink():
        versions = resolution.version_texts(repository, path)
        # through the filters of a checkout, in the other direction
        oid = repository.at(worktree).git.text("hash-object", "-w", "--", path.path)
        text = resolution.blob(repository, oid)
        for one in edited(path, record, text):
            if not stray_markers(one.decision.text, versions):
                yield one


def _decided_as_a_whole(
    repository: Repository, worktree: Path, begun: str, path: PathConflict
) -> Decision | None:
    """Return what was made of a path without hunks; None if it was not touched, and is unmerged."""
    git = repository.at(worktree).git
    literal = ("--literal-pathspecs",)
    if git.lines_z(*literal, "ls-files", "-z", "-u", "--", path.path):
        if any(stage.mode == LINK for stage in path.stages):
            return None  # its folder is always empty here
        is_gone = not os.path.lexists(worktree / path.path)
        if is_gone and not path.mode:
            return Decision(Choice.NONE)
        if not git.lines_z(*literal, "diff", "--name-only", "-z", begun, "--", path.path):
            return None
        git.run(*literal, "add", "-A", "-f", "--", path.path)
    return _decided_without_markers(repository, git, path)


def _decided_without_markers(repository: Repository, git: Git, path: PathConflict) -> Decision | None:
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
    return Decision(Choice.TEXT, resolution.blob(repository, oid)) if mode in REGULAR else None
