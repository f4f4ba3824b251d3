"""Predict for many pairs of commits at once how each would merge. Nothing is merged, and nothing is kept.

A prediction is only advice: `candidates.build` decides. Only a copy of the index is written, no ref is moved,
and all objects go into a quarantine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path

from msgspec import Struct

from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.landing.checkout import CheckedOut, find_checkout
from porch_tui.git.merge.merge_output import parse_stream
from porch_tui.git.merge.sandbox import attribute_sandbox, merging_sandbox, needs_files
from porch_tui.git.objects import quarantine
from porch_tui.git.operations import under_way
from porch_tui.git.repository import Repository
from porch_tui.git.rescue.salvage import snapshot_commit
from porch_tui.git.runner import Git, GitError
from porch_tui.git.worktree.task_result import head_if_clean

Pair = tuple[str, str]
"""Two commits, full object ids: the one that is merged into, and the merged one."""

_DATED = {"GIT_AUTHOR_DATE": "@0 +0000", "GIT_COMMITTER_DATE": "@0 +0000"}
"""The same work is the same commit, so that what is known about it is not asked again."""


class Verdict(Enum):
    """How a pair would merge."""

    CLEAN = "clean"
    CONFLICT = "conflict"
    UNDECIDABLE = "undecidable"
    """Git has no answer: unrelated histories, a missing object."""


class Forecast(Struct, frozen=True):
    """The predicted result of merging a pair."""

    verdict: Verdict
    paths: tuple[str, ...] = ()
    """In conflict, each once, in git's order. A conflict described only in words has none."""


def predict(
    repository: Repository, scratch: Path, objects: Path, pairs: Iterable[Pair]
) -> dict[Pair, Forecast]:
    """Return how each pair would merge, with one process for each set of merge attributes.

    `scratch` is a folder that outlives the call, `objects` the quarantine with objects of the commits that
    are not in the repository. The answers are those of `candidates.build`.
    """
    forecasts = dict.fromkeys(pairs, Forecast(Verdict.UNDECIDABLE))
    environment = quarantine(repository, objects)
    for sandbox, group in _by_attributes(repository, scratch, environment, tuple(forecasts)):
        if not needs_files(repository, sandbox):
            forecasts |= zip(group, _merged(sandbox, group), strict=True)
            continue
        for first in dict.fromkeys(first for first, _ in group):
            rest = [pair for pair in group if pair[0] == first]
            with merging_sandbox(repository, scratch, first, sandbox, environment) as with_files:
                forecasts |= zip(rest, _merged(with_files, rest), strict=True)
    return forecasts


def task_commit_now(repository: Repository, worktree: Path, objects: Path) -> str | None:
    """Return the commit a task would leave if it ended now: its HEAD, and uncommitted work on top of it.

    None when that is unknown: no worktree yet, or an operation under way in it. Neither the worktree nor its
    index is touched. Raises `GitError` when a file cannot be read.
    """
    directory = linked_git_dir(worktree)
    # without an index the worktree is still being filled: everything would seem to be deleted
    if directory is None or under_way(directory) is not None or not (directory / "index").exists():
        return None
    tree = repository.at(worktree)
    # the commits of a clone are found through the quarantine, also if nothing is uncommitted in it
    environment = quarantine(repository, objects, worktree if tree.is_clone else None) | _DATED
    # often nothing has changed yet, or all is committed: then it takes one process instead of three
    head = head_if_clean(tree, with_untracked=True)
    if head is not None:
        return head
    work = snapshot_commit(tree, environment, with_index=False)
    return work.commit or work.head


def branch_commit_now(repository: Repository, branch: str, objects: Path) -> str | None:
    """Return the commit the branch would be at if its checkout's tracked changes were committed now.

    None where there are none, or where that is unknown: it is not checked out, or an operation is under way
    there. The checkout and its index are not touched. Raises `GitError`.
    """
    place = find_checkout(repository, branch)
    if not isinstance(place, CheckedOut):
        return None
    tree = repository.at(place.worktree)
    if head_if_clean(tree, with_untracked=False) is not None:
        return None
    environment = quarantine(repository, objects) | _DATED
    return snapshot_commit(tree, environment, with_untracked=False, with_index=False).commit


def _by_attributes(
    repository: Repository, scratch: Path, environment: Mapping[str, str], pairs: Sequence[Pair]
) -> list[tuple[Git, list[Pair]]]:
    """Return the pairs by the attributes in force for their first commit, with the sandbox for each group.

    Pairs whose first commit is missing are left out.
    """
    firsts = list(dict.fromkeys(first for first, _ in pairs))
    others = _of_other_attributes(repository, environment, firsts)
    sandboxes: dict[str, Git] = {}
    for first in firsts:
        if first not in others and firsts[0] in sandboxes:
            sandboxes[first] = sandboxes[firsts[0]]
            continue
        with suppress(GitError):
            sandboxes[first] = attribute_sandbox(repository, scratch, first, environment)
    groups: dict[Path, tuple[Git, list[Pair]]] = {}
    for first, second in pairs:
        if first in sandboxes:
            sandbox = sandboxes[first]
            groups.setdefault(sandbox.cwd, (sandbox, []))[1].append((first, second))
    return list(groups.values())


def _of_other_attributes(
    repository: Repository, environment: Mapping[str, str], commits: Sequence[str]
) -> frozenset[str]:
    """Return the commits whose attribute files differ from the first one's, with one process for all."""
    if len(commits) < 2:
        return frozenset()
    lines = "".join(f"{commit} {commits[0]}\n" for commit in commits[1:])
    compared = repository.git.run(
        "diff-tree", "--stdin", "-r", "--name-only", "--", ":(glob)**/.gitattributes",
        stdin=lines.encode(), env=environment, check=False,
    )  # fmt: skip
    if compared.code != 0:  # one of them is missing: each is looked at on its own
        return frozenset(commits)
    return frozenset(compared.stdout.decode("utf-8", "replace").split("\n")) & frozenset(commits)


def _merged(sandbox: Git, pairs: Sequence[Pair]) -> list[Forecast]:
    """Merge the pairs in one process, or one more for each pair that ends it.

    A pair that git cannot merge ends the stream: the answers are counted, that pair is undecidable, and the
    rest is merged in another. One by one is impossible: git 2.39 answers only at the end.
    """
    args = ("merge-tree", "--write-tree", "--stdin", "-z", "--messages")
    forecasts: list[Forecast] = []
    while len(forecasts) < len(pairs):
        rest = pairs[len(forecasts) :]
        answered = sandbox.run(*args, stdin="".join(f"{a} {b}\n" for a, b in rest).encode(), check=False)
        if answered.code < 0:  # killed, perhaps in the middle of an answer
            raise sandbox.failure(args, answered)
        sides = [{first: "target", second: "task"} for first, second in rest]
        for is_clean, output in parse_stream(answered.stdout, sides):
            paths = tuple(dict.fromkeys(one.path for one in output.conflicts))
            forecasts.append(Forecast(Verdict.CLEAN) if is_clean else Forecast(Verdict.CONFLICT, paths))
        if len(forecasts) < len(pairs):
            forecasts.append(Forecast(Verdict.UNDECIDABLE))
    return forecasts
