"""The commits on either side of a merge that touched a path. Reads only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from porch_tui.core.conflict.conflict import Commit, History, PathConflict
from porch_tui.core.model.copying import replace
from porch_tui.git.merge.resolution import WHOLE
from porch_tui.git.repository import Repository

MOST_COMMITS = 200
"""Of one side; no one reads more to understand a conflict."""
_PLAIN = ("--no-commit-header", "--encoding=UTF-8")


def history(repository: Repository, path: PathConflict, onto: str, head: str) -> History:
    """Return what touched a path of the merge of `head` into `onto`, under each name it had.

    The target's commits that landed with a task name it.
    """
    names = _names(repository, path, onto, head)
    landed_with = _tasks(repository, onto, head)
    landed = _commits(repository, f"{head}..{onto}", names)
    return History(
        main=tuple(replace(one, task=landed_with.get(one.oid, "")) for one in landed),
        task=tuple(_commits(repository, f"{onto}..{head}", names)),
    )


def _commits(repository: Repository, span: str, names: Sequence[str]) -> Iterator[Commit]:
    """Yield the newest commits of a span that touched one of the names.

    A merge is among them only if it differs from all it merged: otherwise the merged commits are.
    """
    output = repository.git.run(
        "--literal-pathspecs", "rev-list", *_PLAIN, f"--max-count={MOST_COMMITS}",
        "--format=%H%n%at%n%an%n%s", span, "--", *names,
    ).stdout  # fmt: skip
    lines = iter(output.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n") if output else ())
    for oid, at, author, subject in zip(lines, lines, lines, lines, strict=True):
        yield Commit(oid, author, float(at), subject)


def _tasks(repository: Repository, onto: str, head: str) -> Mapping[str, str]:
    """Return the task with which each commit landed that `onto` has and `head` has not; may be empty."""
    output = repository.git.text(
        "rev-list", *_PLAIN, "--format=%H %P%n%(trailers:key=Porch-Task,valueonly,unfold,separator=%x20)",
        f"{head}..{onto}",
    )  # fmt: skip
    lines = iter(output.split("\n") if output else ())
    parents: dict[str, list[str]] = {}
    named: dict[str, str] = {}
    for oids, task in zip(lines, lines, strict=True):
        oid, *parents[oid] = oids.split()
        named[oid] = task
    tasks: dict[str, str] = {}
    landings, tip = [], onto
    while tip in parents:
        landings.append(tip)
        tip = next(iter(parents[tip]), "")
    # what a landing brought belongs to it, unless an earlier one brought it
    for landing in reversed(landings):
        waiting = [landing]
        while waiting:
            oid = waiting.pop()
            if oid in parents and oid not in tasks:
                tasks[oid] = named[landing]
                waiting += parents[oid]
    return tasks


def _names(repository: Repository, path: PathConflict, onto: str, head: str) -> tuple[str, ...]:
    """Return all names of a path: its own, the one before a rename, and that of its version in the base."""
    if path.path == WHOLE:
        return (WHOLE,)
    own = path.tree_path
    for oid in (onto, head):
        own = own.partition(f"~{oid}")[0]  # git appends that where two files want one name
    names = [own, path.origin] if path.origin else [own]
    for stage in path.stages:
        if stage.number == 1:
            base = repository.git.text("merge-base", onto, head)
            listed = repository.git.lines_z("ls-tree", "-r", "-z", "--full-tree", base)
            entries = (one.partition(b"\t") for one in listed)
            before = [os.fsdecode(name) for kind, _, name in entries if kind.endswith(stage.oid.encode())]
            names += [] if own in before else before
    return tuple(dict.fromkeys(names))
