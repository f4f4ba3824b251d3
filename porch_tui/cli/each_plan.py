"""The plan that `porch each` makes of its options: one check for each item, read as a plan file is."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from porch_tui.cli.repository_items import RepositoryItems, split_items
from porch_tui.core.model.plan import from_shell
from porch_tui.errors import PlanError
from porch_tui.git.repository import Repository
from porch_tui.planfile.each.expansion import slug
from porch_tui.planfile.each.items import ItemsError, matching
from porch_tui.planfile.read import PlanFile, plan_of_nodes
from porch_tui.planfile.text.mistakes import Place
from porch_tui.planfile.text.nodes import Entry, ListNode, MapNode, Node, Scalar

FILE = "porch each"
"""What mistakes call the plan."""
WORKTREE, BRANCH = "../{repo}-{run}/{task}", "porch/{run}/{task}"
"""Of the run, so that the checks may be run again while those of an earlier run are still there."""
PLACEHOLDERS = ("{item}", "{items}", "{stem}", "{n}")


def each_plan(options: argparse.Namespace, repository: Repository) -> PlanFile:
    """Return the plan. PlanError if the options make no sense, or name no item."""
    items = _items(options, repository)
    if not items:
        raise PlanError("found no item; expected a glob that fits tracked files, or a list")
    command, program = _command(options.behind)
    stems = Counter(PurePosixPath(item.rstrip("/")).stem for item in items)
    template = "{n}" if options.batch > 1 else "{stem}" if len(stems) == len(items) else "{item}"
    entry: dict[str, Any] = {
        "id": f"{program}-{template}",
        "items": {"list": items},
        "kind": "check",
        "run": command,
        "batch": options.batch,
        "shared": options.shared,
    }
    if options.max_fail is not None:
        entry["max_fail"] = options.max_fail
    name = f"each-{program}"
    document: dict[str, Any] = {"name": name, "worktree": WORKTREE, "branch": BRANCH, "each": [entry]}
    if options.setup is not None:
        document["setup"] = options.setup
    content = json.dumps(document, indent=2, ensure_ascii=True).encode()
    return plan_of_nodes(_node(document), FILE, name, content, tuple(options.on))


def _items(options: argparse.Namespace, repository: Repository) -> list[str]:
    """Return the items, each once, from the one place that the options name. PlanError."""
    ways = [bool(options.globs), options.list is not None, options.lines is not None]
    if sum(ways) != 1:
        raise PlanError("give one of GLOB, --list and --lines, and the command behind --")
    source = RepositoryItems(repository)
    try:
        if options.list is not None:
            found: Sequence[str] = split_items(_content(options))
        elif options.lines is not None:
            found = source.printed_items(from_shell(options.lines))
        else:
            found = list(_matches(options, repository, source))
    except ItemsError as error:
        raise PlanError(f"{error}") from None
    return list(dict.fromkeys(found))


def _content(options: argparse.Namespace) -> bytes:
    name: str = options.list
    if name == "-":
        return sys.stdin.buffer.read()
    path = Path(options.directory) / name
    try:
        return path.read_bytes()
    except OSError as error:
        why = f"cannot read the items: {error.strerror}; name a file with one on each line"
        raise PlanError(f"{path}: {why}") from None


def _matches(options: argparse.Namespace, repository: Repository, source: RepositoryItems) -> Iterator[str]:
    """Yield what the globs fit, relative to the root. ItemsError.

    The globs themselves are relative to where porch was started.
    """
    folder = Path(options.directory).resolve()
    inside = folder.relative_to(repository.root) if folder.is_relative_to(repository.root) else Path()
    files = source.tracked_files(None)
    for glob in options.globs:
        end = "/" if glob.endswith("/") else ""
        path = os.path.normpath(inside / glob)  # `..` may lead to a sibling of where porch was started
        fitting = list(matching(f"{path}{end}", files))
        if not fitting:
            what = "folder with tracked files" if end else "tracked file"
            raise ItemsError(f"{glob!r} fits no {what}; git ls-files lists them, and a glob may need quotes")
        yield from fitting


def _command(words: Sequence[str]) -> tuple[str | list[str], str]:
    """Return the command with {item} in it, and a name for it. PlanError if there is none."""
    if not words or not words[0].strip():
        raise PlanError("found no command; expected one behind --, such as: -- pytest -q {}")
    own = [word.replace("{}", "{item}") for word in words]
    names_item = any(name in word for word in own for name in PLACEHOLDERS)
    program = slug(PurePosixPath(words[0].split()[0]).name)[:20].strip("-._") or "each"
    if len(own) == 1:
        return (own[0] if names_item else f"{own[0]} {{item}}"), program
    return (own if names_item else [*own, "{item}"]), program


def _node(value: Any) -> Node:
    """Return plain values as what a plan file is read to."""
    place = Place(0, 0, FILE)
    match value:
        case dict():
            return MapNode(place, {key: Entry(place, _node(one)) for key, one in value.items()})
        case list():
            return ListNode(place, tuple(map(_node, value)))
        case _:
            return Scalar(place, value, str(value))
