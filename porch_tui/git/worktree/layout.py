"""Check whether the worktrees and branches of a plan can be made, and report all obstacles. Reads only."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from porch_tui.errors import PlanValueError, RepositoryError
from porch_tui.git import refs
from porch_tui.git.repository import Repository
from porch_tui.git.worktree.disk_usage import existing_parent, tree_size
from porch_tui.git.worktree_list import list_worktrees

_MARGIN = 1.1
"""An index and the blocks of small files come on top of the tracked bytes."""

_NEVER = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
"""What `git check-ref-format` rejects anywhere in a name."""


def check_layout(
    repository: Repository,
    worktrees: Mapping[str, Path],
    branches: Mapping[str, str],
    base: str,
    runs: Collection[str] = (),
) -> None:
    """Raise one error with a line for everything that cannot be made; both mappings are by task.

    Raises `PlanValueError` where the plan itself asks for the impossible (bad names, one place twice, inside
    the repository), `RepositoryError` where something that exists is in the way. `runs` are those whose
    worktrees and branches porch can shelve, if they are in the way.
    """
    mistakes = [
        (("branch",), f"task {task} would work on a branch {branch!r}, which git refuses: change `branch:`")
        for task, branch in branches.items()
        if not is_valid(branch)
    ]
    mistakes += [(("worktree",), text) for text in _place_mistakes(repository, worktrees)]
    if mistakes:
        raise PlanValueError(*mistakes)
    obstacles = clashes(branches, refs.branches(repository))
    obstacles += [*_place_obstacles(worktrees), *_space_obstacles(repository, worktrees, base)]
    if obstacles:
        made_by = _runs_that_made(repository, worktrees.values(), branches.values())
        raise RepositoryError("\n".join([*obstacles, _advice([run for run in made_by if run in runs])]))


def is_valid(branch: str) -> bool:
    """Whether `git branch` would accept the name."""
    parts = branch.split("/")
    return (
        bool(branch)
        and not _NEVER.search(branch)
        and not branch.startswith("-")
        and not branch.endswith(".")
        and branch not in ("@", "HEAD")
        and all(part and not part.startswith(".") and not part.endswith(".lock") for part in parts)
    )


def clashes(wanted: Mapping[str, str], existing: Iterable[str]) -> list[str]:
    """Return a line for everything that keeps the branches in `wanted` (by task) from being made.

    A branch is a file on disk: `feature` and `feature/x` exclude each other, and on many disks so do names
    that differ only in case. Those are refused everywhere, so that a plan works on all disks.
    """
    taken = {branch.casefold(): f"the branch {branch} exists" for branch in existing}
    folders = {folder: holder for branch, holder in taken.items() for folder in _folders(branch)}
    lines = []
    for task, branch in wanted.items():
        name = branch.casefold()
        above = (taken[folder] for folder in _folders(name) if folder in taken)
        clash = taken.get(name) or folders.get(name) or next(above, None)
        if clash is not None:
            lines.append(f"task {task} needs the branch {branch}, but {clash}")
        taken.setdefault(name, f"task {task} has the branch {branch}")
        folders |= dict.fromkeys(_folders(name), f"task {task} has the branch {branch}")
    return lines


def _folders(branch: str) -> list[str]:
    parts = branch.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


def _runs_that_made(
    repository: Repository, paths: Collection[Path], branches: Iterable[str]
) -> tuple[str, ...]:
    """Return the runs, sorted, that made one of the branches, or a worktree at a path or on a branch."""
    wanted, at = set(branches), {path.resolve() for path in paths}
    ours = [one for one in list_worktrees(repository) if one.is_ours]
    runs = {one.run for one in ours if one.path.resolve() in at or one.branch in wanted}
    there = wanted & set(refs.branches(repository))
    began = (refs.run_that_began(repository, branch) for branch in there)  # a git process each
    return tuple(sorted(runs | {run for run in began if run}))


def _advice(runs: Sequence[str]) -> str:
    """Return how to make room; `runs` are those that left what is in the way."""
    other = "change `worktree:` or `branch:` in the plan"
    if not runs:
        return f"Remove or rename what is in the way (porch doctor lists what porch has left), or {other}."
    return (
        f"{shlex.join(['porch', 'clean', '--shelve', *runs])} makes room: what has no unlanded work goes, "
        f"the rest is set aside until porch unshelve. What porch did not make stays: rename it, or {other}."
    )


def _place_mistakes(repository: Repository, worktrees: Mapping[str, Path]) -> Iterator[str]:
    known = list_worktrees(repository)
    inside = {str(repository.common_dir.resolve()), *(str(one.path.resolve()) for one in known)}
    own = str(repository.worktrees_dir.resolve())
    own_and_above = set(_with_above(own))
    taken: dict[str, str] = {}
    real = cache(os.path.realpath)  # a parent that many have in common is followed once
    paths = {}
    for task, place in worktrees.items():
        parent, name = os.path.split(place)
        is_link = not name or os.path.islink(place)  # noqa: PTH114 - for each task of the plan
        paths[task] = os.path.realpath(place) if is_link else os.path.join(real(parent), name)  # noqa: PTH118
    by_path = {path: task for task, path in paths.items()}

    @cache  # thousands of tasks mostly have one parent in common
    def above(parent: str) -> tuple[str | None, str | None, bool]:
        """Return which folder of git's and which other task's contains a folder; and if porch's own does."""
        folders = _with_above(parent)
        holder = next((one for one in folders if one in inside), None)
        return holder, next((one for one in folders if one in by_path), None), own in folders

    for task, path in paths.items():
        folded = path.casefold()
        holder, outer, is_own = above(os.path.dirname(path))  # noqa: PTH120 - for each task of the plan
        if "\n" in path:
            yield f"task {task} would work in {path!r}, and git keeps no worktree behind a newline"
        elif holder:
            yield (
                f"task {task} would work in {path}, inside {holder}, where `git clean` deletes worktrees and "
                "`git add` swallows them: let `worktree:` lead outside, such as ../{repo}-{task}"
            )
        elif path in own_and_above or is_own:
            yield f"task {task} would work in {path}; {own} is for porch's own worktrees: change `worktree:`"
        elif folded in taken:
            yield f"tasks {taken[folded]} and {task} would both work in {path}: use {{task}} in `worktree:`"
        elif outer:
            yield (
                f"task {task} would work in {path}, inside the worktree of task {by_path[outer]}: "
                "change `worktree:`"
            )
        taken.setdefault(folded, task)


def _with_above(path: str) -> tuple[str, ...]:
    return (path, *map(str, Path(path).parents))


def _place_obstacles(worktrees: Mapping[str, Path]) -> Iterator[str]:
    parents: dict[Path, str] = {}
    for task, path in worktrees.items():
        if os.path.lexists(path):
            yield f"task {task} needs the folder {path} for its worktree, but it exists"
        parents.setdefault(path.parent, task)
    first_in = {existing_parent(parent / "any"): task for parent, task in reversed(parents.items())}
    for parent, task in reversed(first_in.items()):
        if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
            yield f"task {task} needs a worktree in {parent}, but porch may not write there"


def _space_obstacles(repository: Repository, worktrees: Mapping[str, Path], base: str) -> Iterator[str]:
    size, files = tree_size(repository, base)
    disks: dict[int, tuple[Path, int]] = {}
    for folder, count in Counter(path.parent for path in worktrees.values()).items():
        parent = existing_parent(folder / "any")
        disk = parent.stat().st_dev
        where, others = disks.get(disk, (parent, 0))
        disks[disk] = (where, others + count)
    for where, count in disks.values():
        free = shutil.disk_usage(where).free
        needed = int(size * count * _MARGIN)
        if needed > free:
            yield (
                f"{count} worktrees of {_mib(size)} each need {_mib(needed)} in {where}, "
                f"but only {_mib(free)} are free"
            )
        inodes = os.statvfs(where)
        if inodes.f_files and inodes.f_favail < files * count:
            yield (
                f"{count} worktrees of {files} files each need {files * count} inodes in {where}, "
                f"but only {inodes.f_favail} are free"
            )


def _mib(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
