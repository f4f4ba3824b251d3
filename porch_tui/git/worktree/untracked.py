"""The untracked files of a worktree: recorded after a setup, to be compared and removed later.

Also a program, `python -I -S untracked.py GIT_DIR FOLDER RECORD`, which a validation runs after its setup; so
it imports only the standard library. A record has size, time of change and inode of each file; no content is
read. A change made in place through one of several hard links, with the time set back, goes unnoticed.
"""

# pathlib is five times slower, and there may be 100,000 files:
# ruff: noqa: PTH105, PTH112, PTH118, PTH123
from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

Stamp = list[int]
"""Mode, size, time of the last change in ns, inode, ctime in ns if it has one name; of a folder the mode."""
Inventory = dict[str, Stamp]
"""By path, relative to the worktree; a folder comes before what is in it."""


def untracked_paths(git_dir: str, folder: str) -> list[str]:
    """Return the untracked paths of a worktree, ignored or not, relative to it; a whole folder ends in /.

    Includes those in filled submodules. Raises OSError or subprocess.CalledProcessError.
    """
    names = _git(git_dir, folder, "ls-files", "--others", "--directory", "-z")
    for link in submodule_paths(git_dir, folder):
        inner = submodule_git_dir(git_dir, folder, link)
        if inner:
            names += [f"{link}/{name}" for name in untracked_paths(inner, f"{folder}/{link}")]
    return names


def submodule_paths(git_dir: str, folder: str) -> list[str]:
    """Return the paths of a worktree's submodules, filled or not."""
    if not os.path.lexists(f"{folder}/.gitmodules"):
        return []
    entries = _git(git_dir, folder, "ls-files", "--stage", "-z")
    return [entry.partition("\t")[2] for entry in entries if entry.startswith("160000 ")]


def submodule_git_dir(git_dir: str, folder: str, link: str) -> str:
    """Return the git directory of the submodule that fills `link` in a worktree; empty if there is none.

    Only of a submodule that is the worktree's own. A setup may have put a link to the person's submodule
    there, or a copy whose `.git` still points to it: nothing may be checked out or deleted in those.
    """
    place = f"{folder}/{link}"
    if os.path.realpath(place) != os.path.join(os.path.realpath(folder), link):
        return ""
    named = f"{place}/.git"
    if os.path.isdir(named):
        return named if os.path.realpath(named) == f"{os.path.realpath(place)}/.git" else ""
    store = os.path.normpath(os.path.join(place, _content_after(named, "gitdir: ")))
    own, real = os.path.realpath(git_dir), os.path.realpath(store)
    is_inside = os.path.commonpath([own, real]) == own and own != real
    back = _content_after(f"{store}/gitdir", "")
    is_linked = bool(back) and os.path.realpath(os.path.join(store, back)) == os.path.realpath(named)
    return store if is_inside or is_linked else ""


def _content_after(file: str, start: str) -> str:
    """Return the content of one of git's files after `start`; empty if it does not begin with that."""
    try:
        with open(file, encoding="utf-8", errors="surrogateescape") as stream:
            text = stream.read().rstrip("\n")
    except OSError:
        return ""
    return text[len(start) :] if text.startswith(start) else ""


def inventory(folder: str, names: list[str], is_wanted: Callable[[str], bool] = lambda _: True) -> Inventory:
    """Return what is at and below the names, but nothing below what is not wanted.

    What vanishes meanwhile is left out.
    """
    inside: Inventory = {}
    for name in names:
        inside.update(_walk(folder, name.rstrip("/"), is_wanted))
    return inside


def _walk(folder: str, name: str, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, Stamp]]:
    try:
        seen = os.lstat(f"{folder}/{name}")
    except OSError:
        return
    if not is_wanted(name):
        return
    yield name, _stamp(seen)
    waiting = [name] if stat.S_ISDIR(seen.st_mode) else []
    while waiting:
        path = waiting.pop()
        try:
            with os.scandir(f"{folder}/{path}") as entries:
                inside = [(f"{path}/{entry.name}", entry.stat(follow_symlinks=False)) for entry in entries]
        except OSError:  # it vanished, or cannot be read
            continue
        for inner, seen in inside:
            if is_wanted(inner):
                yield inner, _stamp(seen)
                if stat.S_ISDIR(seen.st_mode):
                    waiting.append(inner)


def _stamp(seen: os.stat_result) -> Stamp:
    if stat.S_ISDIR(seen.st_mode):
        return [seen.st_mode, 0, 0, 0]
    # ctime cannot be set back, but of a file with several names it changes whenever one is added or removed
    ctime = seen.st_ctime_ns if seen.st_nlink == 1 else 0
    return [seen.st_mode, seen.st_size, seen.st_mtime_ns, seen.st_ino, ctime]


def _git(git_dir: str, folder: str, *words: str) -> list[str]:
    named = {"GIT_DIR": git_dir, "GIT_WORK_TREE": folder, "GIT_OPTIONAL_LOCKS": "0"}
    misleading = ("GIT_INDEX", "GIT_OBJ")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(misleading)}
    done = subprocess.run(["git", *words], cwd=folder, env=kept | named, capture_output=True, check=True)
    return os.fsdecode(done.stdout).removesuffix("\0").split("\0") if done.stdout else []


def write(git_dir: str, folder: str, record: str) -> None:
    """Record the untracked files of a worktree. Raises as `untracked_paths` does."""
    links, names = submodule_paths(git_dir, folder), untracked_paths(git_dir, folder)
    content = {"links": links, "files": inventory(folder, names)}
    with open(f"{record}.new", "w", encoding="ascii") as file:
        json.dump(content, file)
    os.replace(f"{record}.new", record)


if __name__ == "__main__":
    with suppress(OSError, subprocess.CalledProcessError):  # without a record the setup runs again
        write(*sys.argv[1:])
