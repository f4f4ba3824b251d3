"""The options of bwrap with which a fence is a wall: what a command behind it can read, write and reach.

All of the machine can be read and nothing written but the worktree, a private /tmp, and what the plan names.
Git works inside: it writes to folders of the task's own (`fenced_git`). What decides which programs porch
or the person run later stays read-only: hooks and configuration of the repository, the worktree's `.git`
file, and what leads from its git directory to the repository.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from porch_tui.core.model.plan import BWRAP, Wrap
from porch_tui.git.git_files import linked_git_dir
from porch_tui.git.working_tree import FENCED
from porch_tui.git.worktree import fenced_git

_SEALED = ("commondir", "gitdir", "config.worktree", "locked", FENCED)
"""Of a worktree's git directory: they say which repository it belongs to, and how git works there."""
_OF_RUN = ("current-system", "opengl-driver", "systemd/resolve", "resolvconf", "nscd")
"""What programs need of /run: NixOS's programs, and the names of hosts. The rest are sockets, through which
programs outside can be asked to do something."""
_PRIVATE = ("/tmp", "/var/tmp", "/run")
_TEMPORARY = ("TMPDIR", "TMP", "TEMP")


class AgentPlaces(Struct, frozen=True):
    """What the program of an agent keeps outside of the worktree."""

    state: tuple[Path, ...] = ()
    """What it must be able to write."""
    settings: tuple[Path, ...] = ()
    """What it must not, because the person's next session obeys it."""


def words(wrap: Wrap, worktree: Path, common_dir: Path, private: Path, agent: AgentPlaces) -> tuple[str, ...]:
    """Return the words before a command; `private` is what `fenced_git.prepare` has made."""
    options = (*_machine(wrap, agent), *_repository(worktree, common_dir, private))
    return (BWRAP, *map(str, options), "--")


def _machine(wrap: Wrap, agent: AgentPlaces) -> Iterator[str | Path]:
    yield from ("--die-with-parent", "--unshare-pid", "--unshare-ipc", "--cap-drop", "ALL")
    if not wrap.network:
        yield "--unshare-net"
    yield from ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
    yield from (
        "--perms",
        "1777",
        "--tmpfs",
        "/tmp",
        "--perms",
        "1777",
        "--tmpfs",
        "/var/tmp",
        "--tmpfs",
        "/run",
    )
    resolver = Path(os.path.realpath("/etc/resolv.conf"))
    for place in (*(Path("/run", name) for name in _OF_RUN), resolver):
        if place.is_relative_to("/run"):
            yield from ("--ro-bind-try", place, place)
    for name in _TEMPORARY:
        yield from ("--unsetenv", name)
    for place in (*agent.state, *(Path(one).expanduser() for one in wrap.writable)):
        yield from ("--bind-try", place, place)
    for place in agent.settings:
        yield from ("--ro-bind-try", place, place)


def _repository(worktree: Path, common_dir: Path, private: Path) -> Iterator[str | Path]:
    yield from ("--ro-bind", common_dir, common_dir)  # it may be below /tmp; or below what is writable
    yield from ("--ro-bind", common_dir / "objects", private / fenced_git.BORROWED)
    for source, place in fenced_git.mounts(common_dir, private):
        yield from ("--bind", source, place)
    yield from ("--bind", worktree, worktree)
    git_dir = linked_git_dir(worktree)
    if git_dir is not None and git_dir != worktree / ".git":
        yield from ("--bind", git_dir, git_dir)
        for name in _SEALED:
            if (git_dir / name).exists():
                yield from ("--ro-bind", git_dir / name, git_dir / name)
    yield from ("--ro-bind", worktree / ".git", worktree / ".git", "--chdir", worktree)
