"""Check what a run needs of the repository at its start, and not after an hour of work. Reads only.

`layout` checks where worktrees and branches go.
"""

from __future__ import annotations

import os

from msgspec import Struct

from porch_tui.errors import PlanValueError, RepositoryError
from porch_tui.git.configuration import find_misleading_setting
from porch_tui.git.objects import tree_of
from porch_tui.git.refs import branch_of_head, loose, may_be_symbolic, read_in
from porch_tui.git.repository import Repository
from porch_tui.git.runner import GitError


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
            f"{merged.stderr.strip()}. Is the repository read-only, or damaged (git fsck)?"
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
    if (branch := branch_of_head(repository.git_dir)) is not None:
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
    if not may_be_symbolic(repository.common_dir, name):
        return branch
    done = repository.git.run("symbolic-ref", "-q", name, check=False)
    leads_to = os.fsdecode(done.stdout).removesuffix("\n") or name
    if not leads_to.startswith("refs/heads/"):
        why = f"found {branch!r}, a symbolic ref to {leads_to}, which is no local branch; expected one"
        raise PlanValueError((("target",), why))
    return leads_to.removeprefix("refs/heads/")


def _tip(repository: Repository, ref: str) -> str | None:
    """Return the commit of a branch, if git has it: it is asked for the tree, which is needed anyway."""
    commit = loose(repository.common_dir, ref)
    if commit is None:
        return read_in(repository.git, f"{ref}^{{commit}}")
    try:
        tree_of(repository.git, commit)
    except GitError:
        return None
    return commit


def _start(repository: Repository, base: str) -> str:
    """Return the commit that `base` names; raise `PlanValueError` if it names none, or several."""
    git = repository.git
    done = git.run("rev-parse", "--verify", "--end-of-options", f"{base}^{{commit}}", check=False)
    commit = done.stdout.decode().strip()
    if commit and "is ambiguous" not in done.stderr:
        return commit
    if commit and len({read_in(git, f"{name}^{{commit}}") for name in _names(repository, base)}) == 1:
        return commit  # a branch and a tag, and both are there
    raise PlanValueError((("base",), _why_no_start(repository, base, done.stderr)))


def _why_no_start(repository: Repository, base: str, complaint: str) -> str:
    found, names = f"found {base!r}", _names(repository, base)
    if len(names) > 1:
        return f"{found}, which may mean {' or '.join(names)}; expected one of these, written out"
    if "is ambiguous" in complaint:
        return f"{found}, with which several objects here begin; expected more digits of the commit's id"
    kind = repository.git.run("cat-file", "-t", base, check=False) if base[:1] not in ("", "-") else None
    if kind is not None and kind.code == 0 and names == []:
        return f"{found}, which is a {kind.stdout.decode().strip()} here and no commit; expected a commit"
    return f"{found}, and there is no commit of that name here; expected one, such as main or v1.2"


def _why_no_target(repository: Repository, branch: str) -> str:
    found, names = f"found {branch!r}", _names(repository, branch)
    if names and names[0].startswith("refs/remotes/"):
        own = branch.partition("/")[2]
        return (
            f"{found}, which is a branch of a remote and no local branch; expected one of your own:"
            f" git branch {own} {branch} makes it"
        )
    if names:
        return f"{found}, which is no local branch here but {names[0]}; expected a local branch"
    return (
        f"{found}, and there is no local branch of that name; make it with git branch {branch}, or change it"
    )


def _names(repository: Repository, name: str) -> list[str]:
    """Return the refs that a name may stand for."""
    wanted = [f"refs/{kind}/{name}" for kind in ("heads", "tags", "remotes")]
    folders = ("refs/heads", "refs/tags", "refs/remotes")
    listed = repository.git.text("for-each-ref", "--format=%(refname)", *folders)
    return [ref for ref in listed.splitlines() if ref in wanted]
