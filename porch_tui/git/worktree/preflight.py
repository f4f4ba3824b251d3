"""Check what a run needs of the repository at its start, and not after an hour of work. Reads only.

That is where it starts and lands, whether git can work here, and whether worktrees and branches can be made.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.wording import all_of, listed
from porch_tui.errors import PlanValueError, RepositoryError
from porch_tui.git import refs
from porch_tui.git.configuration import find_misleading_setting
from porch_tui.git.objects import tree_of
from porch_tui.git.repository import Repository
from porch_tui.git.runner import GitError
from porch_tui.git.worktree.disk_usage import existing_parent, tree_size
from porch_tui.git.worktree_list import list_worktrees

_MARGIN = 1.1
"""An index and the blocks of small files come on top of the tracked bytes."""

_NEVER = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
"""What `git check-ref-format` rejects anywhere in a name."""


class TargetAndBase(Struct, frozen=True):
    """Where a run starts and lands, as object ids: names may move while it runs."""

    target: str
    """The branch the work lands on, without `refs/heads/`."""
    tip: str
    tip_tree: str
    base: str
    """The commit every task starts from."""
    base_tree: str


def resolve_target_and_base(repository: Repository, target: str | None, base: str | None) -> TargetAndBase:
    """Resolve the plan's `target` and `base`; without them, the branch checked out and its tip.

    Raises `PlanValueError` when `target` is no local branch, `base` no commit or several, or they share
    no history; `RepositoryError` when the plan leaves the target open and HEAD is on no branch.
    """
    branch = _current_branch(repository) if target is None else target.removeprefix("refs/heads/")
    branch = _pointed_to(repository, branch)
    tip = _tip(repository, f"refs/heads/{branch}")
    if tip is None:
        raise PlanValueError((("target",), _why_no_target(repository, branch)))
    start = tip if base is None else _start(repository, base)
    if tip != start and repository.git.run("merge-base", tip, start, check=False).code == 1:
        why = f"found {base!r}, which shares no history with {branch}: its work could never land there"
        raise PlanValueError((("base",), f"{why}; change `base:` or `target:`"))
    return TargetAndBase(branch, tip, tree_of(repository.git, tip), start, tree_of(repository.git, start))


def check_repository(repository: Repository) -> tuple[str, ...]:
    """Make sure porch can commit and merge here; return warnings.

    Raises `RepositoryError` if there is no identity for commits, if git cannot merge here, or if the
    configuration makes git act on another folder than the main worktree.
    """
    wrong = find_misleading_setting(repository.main, repository.common_dir)
    identity = repository.git.start("var", "GIT_COMMITTER_IDENT")
    merge = repository.git.start("merge-tree", "--write-tree", "HEAD", "HEAD")
    known, merged = identity(), merge()
    if known.code != 0:
        raise RepositoryError(
            "porch commits in your name, and git does not know it. Set it: "
            'git config --global user.name "…"; git config --global user.email "…"'
        )
    if wrong is not None:
        raise RepositoryError(wrong.message(repository.root))
    if merged.code != 0:
        raise RepositoryError(
            f"porch tried `git merge-tree --write-tree` in {repository.root}, and it failed: "
            f"{merged.stderr.strip()}. Is the repository read-only (in a sandbox?), or damaged (git fsck)?"
        )
    warnings = []
    if (repository.common_dir / "shallow").exists():
        warnings.append(
            "this is a shallow clone: what needs history it lacks cannot merge; see `git fetch --unshallow`"
        )
    if "modules" in repository.common_dir.parts and (repository.root / ".git").is_file():
        warnings.append(
            f"this is a submodule: the repository around it shows worktrees beside {repository.root} as "
            "untracked, and git clean may delete them there; `worktree:` can lead further out"
        )
    return tuple(warnings)


def symbolic_target_warning(target: str | None, pinned: TargetAndBase) -> tuple[str, ...]:
    """Return a warning if `target:` is a symbolic ref to another branch."""
    if target is None or target.removeprefix("refs/heads/") == pinned.target:
        return ()
    return (f"target: {target} is a symbolic ref to {pinned.target}, so the work lands on {pinned.target}",)


def _current_branch(repository: Repository) -> str:
    if (branch := refs.branch_of_head(repository.git_dir)) is not None:
        return branch
    head = os.fsdecode(repository.git.run("symbolic-ref", "-q", "HEAD", check=False).stdout)
    if not head:
        raise RepositoryError(
            f"the work should land on the branch of {repository.root}, but HEAD is detached there. "
            "Switch to a branch, or name one in the plan with `target:`."
        )
    return head.strip().removeprefix("refs/heads/")


def _pointed_to(repository: Repository, branch: str) -> str:
    """Return the branch that really moves: the same, unless it is a symbolic ref."""
    name = f"refs/heads/{branch}"
    if not refs.may_be_symbolic(repository.common_dir, name):
        return branch
    done = repository.git.run("symbolic-ref", "-q", name, check=False)
    leads_to = os.fsdecode(done.stdout).removesuffix("\n") or name
    if not leads_to.startswith("refs/heads/"):
        why = f"found {branch!r}, a symbolic ref to {leads_to}, which is no local branch; expected one"
        raise PlanValueError((("target",), why))
    return leads_to.removeprefix("refs/heads/")


def _tip(repository: Repository, ref: str) -> str | None:
    """Return the commit of a branch, if git has it: it is asked for the tree, which is needed anyway."""
    commit = refs.loose(repository.common_dir, ref)
    if commit is None:
        return refs.read_in(repository.git, f"{ref}^{{commit}}")
    try:
        tree_of(repository.git, commit)
    except GitError:
        return None
    return commit


def _start(repository: Repository, base: str) -> str:
    """Return the commit that `base` names; raise `PlanValueError` if it names none, or several."""
    git = repository.git
    done = git.run("rev-parse", "--verify", "--end-of-options", f"{base}^{{commit}}", check=False)
    commit, is_ambiguous = done.stdout.decode().strip(), "is ambiguous" in done.stderr
    if commit and not is_ambiguous:
        return commit
    names = _names(repository, base)
    if commit and len({refs.read_in(git, f"{name}^{{commit}}") for name in names}) == 1:
        return commit  # a branch and a tag, and both are there
    kind = git.run("cat-file", "-t", base, check=False).stdout.decode().strip() if base[:1] != "-" else ""
    if len(names) > 1:
        why = f"which may mean {' or '.join(names)}; expected one of these, written out"
    elif is_ambiguous:
        why = "with which several objects here begin; expected more digits of the commit's id"
    elif kind and not names:
        why = f"which is a {kind} here and no commit; expected a commit"
    else:
        why = "and there is no commit of that name here; expected one, such as main or v1.2"
    raise PlanValueError((("base",), f"found {base!r}, {why}"))


def _why_no_target(repository: Repository, branch: str) -> str:
    found, names = f"found {branch!r}", _names(repository, branch)
    if names and names[0].startswith("refs/remotes/"):
        make = f"expected one of your own: git branch {branch.partition('/')[2]} {branch} makes it"
        return f"{found}, which is a branch of a remote and no local branch; {make}"
    if names:
        return f"{found}, which is no local branch here but {names[0]}; expected a local branch"
    make = f"make it with git branch {branch}, or change it"
    return f"{found}, and there is no local branch of that name; {make}"


def _names(repository: Repository, name: str) -> list[str]:
    """Return the refs that a name may stand for."""
    wanted = [f"refs/{kind}/{name}" for kind in ("heads", "tags", "remotes")]
    folders = ("refs/heads", "refs/tags", "refs/remotes")
    listed = repository.git.text("for-each-ref", "--format=%(refname)", *folders)
    return [ref for ref in listed.splitlines() if ref in wanted]


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
    existing = set(refs.branches(repository))
    taken = [
        task for task in worktrees if branches.get(task) in existing and os.path.lexists(worktrees[task])
    ]
    others = {task: branch for task, branch in branches.items() if task not in taken}
    obstacles = [*_left_by_run(taken, worktrees, branches), *clashes(others, sorted(existing))]
    obstacles += [*_place_obstacles(worktrees, taken), *_space_obstacles(repository, worktrees, base)]
    if obstacles:
        made_by = _runs_that_made(repository, worktrees.values(), branches.values())
        raise RepositoryError("\n".join([*obstacles, _advice([run for run in made_by if run in runs])]))


def _left_by_run(
    tasks: Sequence[str], worktrees: Mapping[str, Path], branches: Mapping[str, str]
) -> Iterator[str]:
    """Yield one line for all tasks of which both branch and folder exist: mostly those of a plan that ran."""
    if len(tasks) == 1:
        (task,) = tasks
        there = f"the branch {branches[task]} and the folder {worktrees[task]}"
        yield f"task {task} needs {there}, and both exist"
    elif tasks:
        there = listed([f"{branches[task]} in {worktrees[task]}" for task in tasks])
        yield f"tasks {all_of(tasks)} need branches and folders that exist: {there}"


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


def _place_obstacles(worktrees: Mapping[str, Path], known: Collection[str]) -> Iterator[str]:
    """Yield a line for each folder that is in the way, but for those of tasks `known` to have one."""
    parents: dict[Path, str] = {}
    for task, path in worktrees.items():
        if os.path.lexists(path) and task not in known:
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
