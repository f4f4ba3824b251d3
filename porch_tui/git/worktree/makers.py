"""Which run made a worktree or a branch, as git keeps it for porch: by lock, note and reflog. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from porch_tui.git.listing import Worktree, listing
from porch_tui.git.refs import BEGUN
from porch_tui.git.repository import Repository

_RESOLVE = "resolve-"
"""How the folder of a resolver's worktree begins; the task's name follows."""


def run_of(worktree: Worktree) -> str:
    """Return the run a worktree of porch's was made for: `porch <run>/<task>`, `porch <run> validation`."""
    return _first_word(worktree.made_for)


def task_of(worktree: Worktree) -> str | None:
    """Return the task a worktree of porch's was made for; None if it is of validations and the like."""
    return worktree.made_for.partition("/")[2] or None


def resolving(worktree: Worktree) -> str | None:
    """Return the task about whose conflict a worktree of porch's asks a resolver; None if it is no such."""
    is_resolvers = worktree.made_for.endswith(" resolver")
    return worktree.path.name.removeprefix(_RESOLVE) if is_resolvers else None


def runs_that_made(
    repository: Repository, paths: Collection[Path], branches: Iterable[str]
) -> tuple[str, ...]:
    """Return the runs, sorted, that made one of the branches, or a worktree at a path or on a branch."""
    wanted = set(branches)
    at = {path.resolve() for path in paths}
    ours = [one for one in listing(repository) if one.is_ours]
    found = {run_of(one) for one in ours if one.path.resolve() in at or one.branch in wanted}
    refs = repository.git.text("for-each-ref", "--format=%(refname)", "refs/heads").splitlines()
    there = {ref.removeprefix("refs/heads/") for ref in refs}
    told = (maker(repository, branch) for branch in wanted & there)  # a git process each
    return tuple(sorted(found | {run for run in told if run}))


def maker(repository: Repository, branch: str) -> str:
    """Return the run a branch was begun for: a later run, or a person, may use the name again.

    Empty if porch did not make it, or there is no such branch.
    """
    asked = ("reflog", "show", "--format=%gs", f"refs/heads/{branch}", "--")
    lines = repository.git.run(*asked, check=False).stdout.decode("utf-8", "replace").splitlines()
    return _first_word(lines[-1].removeprefix(BEGUN)) if lines and lines[-1].startswith(BEGUN) else ""


def _first_word(reason: str) -> str:
    return reason.removeprefix("porch ").partition("/")[0].partition(" ")[0]
