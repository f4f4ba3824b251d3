"""The options of bwrap with which a fence is a wall: what a command behind it can read, write and reach.

All of the machine can be read and nothing written but the worktree, a private /tmp, and what the plan names.
Git works inside: it writes to folders of the task's own (`fenced_git`). What decides which programs porch
or the person run later stays read-only: hooks and configuration of the repository, the worktree's `.git`
file, and what leads from its git directory to the repository.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Iterable, Iterator
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
_PRIVATE = ("/tmp", "/var/tmp", "/run", "/dev")
"""Folders that are others inside, and empty of programs."""
_INTERPRETER, _SHEBANG_BYTES = re.compile(rb"#![ \t]*([^\s]+)"), 256
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


def hidden_program(
    program: str, path: str, wrap: Wrap, agent: AgentPlaces, shown: Iterable[Path]
) -> Path | None:
    """Return where a program is if it cannot be started inside; None if it can, or is nowhere.

    `path` is searched as a shell does; `shown` are folders that are mounted besides what the fence names.
    A relative program is one of the worktree.
    """
    mounted = (*shown, *_writable(wrap, agent), *_shown_of_run())
    visible = {*mounted, *(one.resolve() for one in mounted)}
    folders = [""] if "/" in program else path.split(os.pathsep)
    found = [
        place
        for folder in folders
        if (place := Path(folder, program)).is_absolute() and place.is_file() and os.access(place, os.X_OK)
    ]
    return found[0] if found and all(_is_hidden(place, visible) for place in found) else None


def _is_hidden(program: Path, visible: Collection[Path]) -> bool:
    """Say whether a program, what it is a link to or what it is a script for is not there inside."""
    places = [program, program.resolve()]
    with contextlib.suppress(OSError), program.open("rb") as file:
        if found := _INTERPRETER.match(file.read(_SHEBANG_BYTES)):
            places.append(Path(os.fsdecode(found[1])))
    return any(
        place.is_relative_to(private) and not any(place.is_relative_to(one) for one in visible)
        for place in places
        for private in _PRIVATE
    )


def _shown_of_run() -> Iterator[Path]:
    resolver = Path(os.path.realpath("/etc/resolv.conf"))
    yield from (Path("/run", name) for name in _OF_RUN)
    if resolver.is_relative_to("/run"):
        yield resolver


def _writable(wrap: Wrap, agent: AgentPlaces) -> tuple[Path, ...]:
    return (*agent.state, *(Path(one).expanduser() for one in wrap.writable))


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
    for place in _shown_of_run():
        yield from ("--ro-bind-try", place, place)
    for name in _TEMPORARY:
        yield from ("--unsetenv", name)
    for place in _writable(wrap, agent):
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
