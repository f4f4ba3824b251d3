"""How commits, the index and the files of a worktree differ, read from git's machine formats. Reads only."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from porch_tui.git.runner import Git, records

COMPARE = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
"""The command whose output `parse_changes` reads, without the commits."""

REGULAR = ("100644", "100755")
SYMLINK, LINK = "120000", "160000"
"""Modes: of files, of a symlink, and of a link to a commit of another repository (mostly a submodule)."""


class Version(Struct, frozen=True):
    """What is at a path."""

    mode: str
    """As git writes it."""
    oid: str


class Change(Struct, frozen=True):
    """How one path differs; a rename is two of them."""

    path: str
    before: Version | None
    after: Version | None
    """None: nothing is there."""
    status: str
    """A: added, D: deleted, M: modified, T: of another type, U: unmerged."""


def changes(git: Git, base: str, head: str) -> tuple[Change, ...]:
    """Return every path that differs between two commits, sorted."""
    return tuple(parse_changes(git.lines_z(*COMPARE, base, head)))


def changed_paths(git: Git, base: str, head: str) -> tuple[str, ...]:
    """Return the paths of `changes`."""
    return tuple(one.path for one in changes(git, base, head))


def paths_changed_between(
    git: Git, ranges: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return `changed_paths` of many pairs of base and head, by one process. Raises `GitError`."""
    asked = list(ranges)
    found: dict[tuple[str, str], list[str]] = {one: [] for one in asked}
    if not asked:
        return {}
    command = ("diff-tree", "--stdin", "--always", "-r", "-z", "--name-only", "--no-renames")
    for one, record in _of_ranges(git, command, asked):
        found[one].append(os.fsdecode(record))
    return {one: tuple(paths) for one, paths in found.items()}


class FileLines(Struct, frozen=True):
    """How many lines of a file were added and removed; None: it is binary."""

    path: str
    added: int | None
    removed: int | None


def lines_changed_between(
    git: Git, ranges: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[FileLines, ...]]:
    """Return the files that differ between each pair of base and head, by one process. Raises `GitError`."""
    asked = list(ranges)
    found: dict[tuple[str, str], list[FileLines]] = {one: [] for one in asked}
    if not asked:
        return {}
    command = ("diff-tree", "--stdin", "--always", "-r", "-z", "--numstat", "--no-renames", "--no-ext-diff")
    for one, record in _of_ranges(git, command, asked):
        added, removed, path = record.split(b"\t", 2)
        counts = [None if count == b"-" else int(count) for count in (added, removed)]
        found[one].append(FileLines(os.fsdecode(path), *counts))
    return {one: tuple(files) for one, files in found.items()}


def _of_ranges(
    git: Git, command: tuple[str, ...], asked: Sequence[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], bytes]]:
    """Yield what git prints of pairs of base and head, with the pair; nothing if the head is gone."""
    lines = "".join(f"{head} {base}\n" for base, head in asked).encode()
    heads = [head.encode() for _, head in asked]
    known, at = frozenset(heads), -1
    # of a commit and a parent given for it, git prints the commit, and then the records
    for record in records(git.run(*command, stdin=lines).stdout):
        later = range(at + 1, len(heads)) if record in known else ()
        begins = next((place for place in later if heads[place] == record), None)
        if begins is None:
            yield asked[at], record
        else:
            at = begins


def changed_lines(git: Git, base: str, head: str) -> tuple[int, int, int]:
    """Return how many files differ between two commits, and how many lines were added and removed."""
    lines = git.lines_z("diff", "--numstat", "--no-renames", "--no-ext-diff", "-z", base, head)
    counts = [line.split(b"\t", 2)[:2] for line in lines]
    added, removed = (sum(int(one[at]) for one in counts if one[at] != b"-") for at in (0, 1))
    return len(counts), added, removed


def parse_changes(fields: Sequence[bytes]) -> Iterator[Change]:
    """Yield the changes in the NUL-separated output of `COMPARE`."""
    for raw, path in zip(fields[::2], fields[1::2], strict=True):
        mode, new_mode, oid, new_oid, status = raw.decode().removeprefix(":").split(" ")
        yield Change(os.fsdecode(path), version(mode, oid), version(new_mode, new_oid), status)


def version(mode: str, oid: str) -> Version | None:
    """Return the version with this mode and object id; None if the mode stands for nothing."""
    return None if mode == "000000" else Version(mode, oid)


class StatusEntry(Struct, frozen=True):
    """What `git status` says of a path."""

    path: str
    staged: str = "?"
    """How the index differs from HEAD: a letter, or a dot; `U` if the path is unmerged, `?` if untracked."""
    unstaged: str = "?"
    """How the file differs from the index."""
    submodule: str = "N..."
    modes: tuple[str, ...] = ()
    """In HEAD, in the index and on disk; of an unmerged path those of its versions."""
    oids: tuple[str, ...] = ()


def parse_status(fields: Sequence[bytes]) -> Iterator[StatusEntry]:
    """Yield the entries in the NUL-separated output of `git status --porcelain=v2 --no-renames`."""
    for field in fields:
        kind, _, rest = os.fsdecode(field).partition(" ")
        if kind == "?":
            yield StatusEntry(rest)
        elif kind == "1":  # XY sub mH mI mW hH hI path
            xy, sub, *modes, head, index, path = rest.split(" ", 7)
            yield StatusEntry(path, xy[0], xy[1], sub, tuple(modes), (head, index))
        elif kind == "u":  # XY sub m1 m2 m3 mW h1 h2 h3 path
            _, sub, *versions, path = rest.split(" ", 9)
            yield StatusEntry(path, "U", "U", sub, tuple(versions[:3]), tuple(versions[4:]))


def uncommitted(git: Git, untracked: str = "normal") -> list[tuple[str, str]]:
    """Return git's two letters and the path of everything that differs from HEAD. Raises `GitError`.

    `untracked` is "no", "normal" (a folder git does not know is one path) or "all".
    """
    command = ("status", "--porcelain", "-z", "--no-renames", f"--untracked-files={untracked}")
    return [(record[:2], record[3:]) for record in git.paths(*command)]
