"""Which commits of either side of a merge touched a path. Reads only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from porch_tui.core.conflict.conflict import PathConflict
from porch_tui.core.conflict.history import Commit, History
from porch_tui.core.model.copying import replace
from porch_tui.git.merge.resolution import WHOLE
from porch_tui.git.repository import Repository

MOST_COMMITS = 200
"""Of one side; nobody reads on to learn who meant what."""
_PLAIN = ("--no-commit-header", "--encoding=UTF-8")


def history(repository: Repository, path: PathConflict, onto: str, head: str) -> History:
    """Return what touched a path of the merge of `head` into `onto`, under each name it had.

    Of the target's commits those that landed with a task say so.
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

    A merge is among them only if it differs from all it merged: the rest tell what it brought.
    """
    told = repository.git.run(
        "--literal-pathspecs", "rev-list", *_PLAIN, f"--max-count={MOST_COMMITS}",
        "--format=%H%n%at%n%an%n%s", span, "--", *names,
    ).stdout  # fmt: skip
    lines = iter(told.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n") if told else ())
    for oid, at, author, subject in zip(lines, lines, lines, lines, strict=True):
        yield Commit(oid, author, float(at), subject)


def _tasks(repository: Repository, onto: str, head: str) -> Mapping[str, str]:
    """Return for each commit that `onto` has and `head` has not the task it landed with, or nothing."""
    told = repository.git.text(
        "rev-list", *_PLAIN, "--format=%H %P%n%(trailers:key=Porch-Task,valueonly,unfold,separator=%x20)",
        f"{head}..{onto}",
    )  # fmt: skip
    lines = iter(told.split("\n") if told else ())
    parents: dict[str, list[str]] = {}
    said: dict[str, str] = {}
    for oids, task in zip(lines, lines, strict=True):
        oid, *parents[oid] = oids.split()
        said[oid] = task
    found: dict[str, str] = {}
    # a landing claims what no earlier one has brought
    for landing in reversed(list(_first_parents(onto, parents))):
        waiting = [landing]
        while waiting:
            oid = waiting.pop()
            if oid in parents and oid not in found:
                found[oid] = said[landing]
                waiting += parents[oid]
    return found


def _first_parents(tip: str, parents: Mapping[str, Sequence[str]]) -> Iterator[str]:
    while tip in parents:
        yield tip
        tip = next(iter(parents[tip]), "")


def _names(repository: Repository, path: PathConflict, onto: str, head: str) -> tuple[str, ...]:
    """Return all names of a path: its own, where it was put, and what the base called its version."""
    if path.path == WHOLE:
        return (WHOLE,)
    own = path.tree_path
    for oid in (onto, head):
        own = own.partition(f"~{oid}")[0]  # git appends that where two things want one name
    names = [own, path.origin] if path.origin else [own]
    base = next((stage.oid for stage in path.stages if stage.number == 1), None)
    return tuple(dict.fromkeys((*names, *_base_names(repository, base, own, onto, head))))


def _base_names(repository: Repository, oid: str | None, own: str, onto: str, head: str) -> list[str]:
    """Return under which names the base has a version, unless it has it under the path's own."""
    if oid is None:
        return []
    base = repository.git.text("merge-base", onto, head)
    listed = repository.git.lines_z("ls-tree", "-r", "-z", "--full-tree", base)
    found = [
        os.fsdecode(name)
        for kind, _, name in (one.partition(b"\t") for one in listed)
        if kind.endswith(b" " + oid.encode())
    ]
    return [] if own in found else found
