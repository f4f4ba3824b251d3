"""By which program a text gets to where a person pastes, and in which a log is read. Runs nothing itself."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

COPY_COMMAND = "PORCH_COPY"
"""Variable that names a person's own command; it is given the text on its standard input."""
PAGER = ("less", "-R")
"""Not `-r`: a log may hold more than colours."""


class Means(Struct, frozen=True):
    """A program that takes a text to be pasted."""

    name: str
    """For people."""
    argv: tuple[str, ...]


def means(environ: Mapping[str, str], has: Callable[[str], bool]) -> Iterator[Means]:
    """Yield the programs to try, the first one first; `has` says whether one is installed.

    Without any the terminal itself must take the text. Inside tmux it would not: by default tmux drops
    what a program sends, while `load-buffer -w` reaches the terminal outside (tmux 3.3a).
    """
    if own := environ.get(COPY_COMMAND):
        yield Means(COPY_COMMAND, tuple(shlex.split(own)))
    if environ.get("TMUX") and has("tmux"):
        yield Means("tmux buffer", ("tmux", "load-buffer", "-w", "-"))
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return  # a display here is not where the person sits
    if environ.get("WAYLAND_DISPLAY") and has("wl-copy"):
        yield Means("wl-copy", ("wl-copy",))
    if environ.get("DISPLAY") and has("xclip"):
        yield Means("xclip", ("xclip", "-selection", "clipboard"))
    if has("pbcopy"):
        yield Means("pbcopy", ("pbcopy",))


def pager(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the person's pager. `less` gets `-R`, so that colours are colours and all else is told."""
    own = shlex.split(environ.get("PAGER", "")) or list(PAGER[:1])
    return (*own, "-R") if own == ["less"] else tuple(own)
