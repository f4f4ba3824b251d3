"""Worktrees that pass from a check that has ended to the next one, because nothing in them has changed.

Making a worktree takes two processes and writes every file; to see that nothing in one has changed takes one
`lstat` of each. Nothing is trusted but the kernel: every file must be the one it was, with the time of its
last change, which no program can set. Where anything is different, or is there that was not there before,
in the folder or in what git keeps of the worktree, it does not pass on.

Moving one takes several steps. What is to become of it is written down before the first of them, so that the
next process can finish what a killed one has begun.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from porch_tui.git.git_files import content, linked_git_dir, recorded_path
from porch_tui.git.repository import Repository
from porch_tui.git.worktree_list import FRESH, MADE_FOR, UNFILLED, admin_dirs

MOVED = "moved "
"""Begins the mark of an unfilled worktree that holds the files of another; where it goes follows, as JSON."""

MOST_FILES = 20_000
"""In larger worktrees the look at every file would keep the other threads waiting for long."""
_TICK_S = 0.002
_TICKS = 10
"""File systems stamp files with a clock that moves every 1 to 10 ms."""

_TEXTS = (".git", "HEAD", "index", "commondir", "gitdir", "locked", MADE_FOR, FRESH, "porch-checkout")
"""Files of which the content is compared, and what may be done with them: small ones that porch writes for
each check, and the index, which `git status` writes again as it was when files are younger than a second."""
_STAMPED = ("ORIG_HEAD", "logs", "logs/HEAD")
"""All else that git keeps of a worktree in which nothing has been done."""

Stamp = tuple[int, ...]
"""What tells whether a file was changed, or is another one by now."""


class Move(Struct, frozen=True):
    """A worktree that may be moved to another place, and be another check's."""

    source: Path
    """Resolved."""
    admin: Path


class Picture(Struct, frozen=True):
    """What a worktree looked like when its check began."""

    files: Mapping[str, Stamp]
    """By relative path; the folder itself is the empty one."""
    kept: Mapping[str, Stamp]
    """In the admin folder."""
    texts: Mapping[str, tuple[int, str | None]]
    """Mode and content."""


def picture(path: Path, admin: Path) -> Picture | None:
    """Return what a worktree looks like in which no one is at work; None if it cannot be passed on.

    Raises OSError.
    """
    found = _look(path, admin)
    is_ready = found is not None and _is_plain(found) and _has_ticked(path, _newest_ns(found))
    return found if is_ready else None


def pictured_again(known: Picture, path: Path, admin: Path) -> Picture | None:
    """Return what a worktree looks like that was found untouched and has been moved since."""
    try:
        now = Picture({**known.files, "": _stamp(os.lstat(path))}, _kept(admin), _texts(path, admin))
    except OSError:
        return None
    return now if _is_plain(now) else None


def is_untouched(known: Picture, path: Path, admin: Path) -> bool:
    """Say whether a worktree is exactly as it was. No process may be at work in it."""
    try:
        return _look(path, admin) == known
    except OSError:
        return False


def move(wanted: Move, path: Path, head: str, reason: str) -> Path | None:
    """Move a worktree to `path`, where nothing may be; return its admin folder, or None if it is not moved.

    `head` will be the content of its HEAD, and `reason` its lock reason. It is marked as unfilled. The caller
    holds the worktrees lock.
    """
    if os.path.lexists(path) or recorded_path(wanted.admin) != wanted.source:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    if wanted.source.stat().st_dev != path.parent.stat().st_dev:
        return None
    order = {"source": str(wanted.source), "path": str(path), "head": head, "reason": reason}
    if not _carry_out(wanted.admin, order):
        return None
    return wanted.admin


def finish(repository: Repository) -> None:
    """Move what a killed process was about to move. The caller holds the worktrees lock. Raises OSError."""
    for name in admin_dirs(repository.common_dir):
        mark = content(f"{name}/{UNFILLED}") or ""
        if not is_moved(mark):
            continue
        try:
            admin, order = Path(name), json.loads(mark.removeprefix(MOVED))
        except ValueError:  # the machine went down: nothing was moved yet
            continue
        if linked_git_dir(Path(order["source"])) == admin and not os.path.lexists(order["path"]):
            _carry_out(admin, order)


def is_moved(mark: str | None) -> bool:
    """Say whether a mark is that of a worktree that was, or is being, moved."""
    return mark is not None and mark.startswith(MOVED)


def _carry_out(admin: Path, order: Mapping[str, str]) -> bool:
    """Move a worktree; return False if the disk has no room for the few bytes that takes.

    All are written before the first is put in place: from then on only names change.
    """
    texts = {
        UNFILLED: f"{MOVED}{json.dumps(order)}",
        "gitdir": f"{order['path']}/.git",
        "HEAD": order["head"],
        MADE_FOR: order["reason"],
        "locked": order["reason"],
    }
    try:
        for name, text in texts.items():
            (admin / f"{name}.new").write_text(f"{text}\n", "utf-8", "surrogateescape")
    except OSError:
        for name in texts:
            (admin / f"{name}.new").unlink(missing_ok=True)
        return False
    for name in texts:
        (admin / f"{name}.new").rename(admin / name)
    Path(order["source"]).rename(order["path"])
    return True


def _is_plain(found: Picture) -> bool:
    """Say whether git keeps nothing of the worktree but what it keeps of every one."""
    is_complete = all(found.texts[name][1] is not None for name in (".git", "HEAD", "index"))
    return is_complete and found.kept.keys() <= set(_STAMPED)


def _newest_ns(found: Picture) -> int:
    """Return when something was last changed, but for the folder itself, which was just moved, perhaps.

    What is in that is compared by name.
    """
    return max(stamp[-1] for stamps in (found.files, found.kept) for name, stamp in stamps.items() if name)


def _look(path: Path, admin: Path) -> Picture | None:
    files = dict(_stamps(str(path), [".git"]))
    return Picture(files, _kept(admin), _texts(path, admin)) if len(files) <= MOST_FILES else None


def _kept(admin: Path) -> dict[str, Stamp]:
    kept = dict(_stamps(str(admin), _TEXTS))
    del kept[""]  # files are replaced in it; which there are is compared
    return kept


def _texts(path: Path, admin: Path) -> dict[str, tuple[int, str | None]]:
    return {name: _text(f"{path if name == '.git' else admin}/{name}") for name in _TEXTS}


def _text(file: str) -> tuple[int, str | None]:
    try:
        return os.lstat(file).st_mode, content(file)
    except FileNotFoundError:
        return 0, None


def _stamps(root: str, besides: Iterable[str]) -> Iterator[tuple[str, Stamp]]:
    """Yield the stamp of a folder and of all in it, but not of those beside it by these names."""
    yield "", _stamp(os.lstat(root))
    left, skipped, count = [("", root)], set(besides), 0
    while left and count <= MOST_FILES:
        prefix, folder = left.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                name = f"{prefix}{entry.name}"
                if name in skipped:
                    continue
                count += 1
                yield name, _stamp(entry.stat(follow_symlinks=False))
                if entry.is_dir(follow_symlinks=False):
                    left.append((f"{name}/", entry.path))


def _stamp(found: os.stat_result) -> Stamp:
    owner = found.st_dev, found.st_ino, found.st_mode, found.st_nlink, found.st_uid, found.st_gid
    return *owner, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _has_ticked(path: Path, newest_ns: int) -> bool:
    """Wait until whatever is changed in a worktree gets a later time than all in it; False if it never does.

    The clock is that of its file system: that of a server, perhaps.
    """
    link = f"{path}/.git"  # of which the content is compared
    for tried in range(_TICKS):
        time.sleep(_TICK_S * bool(tried))
        os.utime(link)
        if os.lstat(link).st_ctime_ns > newest_ns:
            return True
    return False
