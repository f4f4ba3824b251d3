"""Which programs copy a text and page a log. Runs nothing itself."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

COPY_COMMAND = "PORCH_COPY"
"""Variable that names a person's own command; it gets the text on its standard input."""
PAGER = ("less", "-R")
"""Not `-r`: a log may hold more than colors."""


class CopyProgram(Struct, frozen=True):
    """A program that puts a text on the clipboard."""

    name: str
    """For people."""
    argv: tuple[str, ...]


def copy_programs(environ: Mapping[str, str], has: Callable[[str], bool]) -> Iterator[CopyProgram]:
    """Yield the programs to try, in order; `has` says whether one is installed.

    Without any, the terminal itself must take the text. Inside tmux it would not: by default tmux drops
    what a program sends, while `load-buffer -w` reaches the terminal outside (tmux 3.3a).
    """
    if own := environ.get(COPY_COMMAND):
        yield CopyProgram(COPY_COMMAND, tuple(shlex.split(own)))
    if environ.get("TMUX") and has("tmux"):
        yield CopyProgram("tmux buffer", ("tmux", "load-buffer", "-w", "-"))
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return  # a display here is not the person's
    if environ.get("WAYLAND_DISPLAY") and has("wl-copy"):
        yield CopyProgram("wl-copy", ("wl-copy",))
    if environ.get("DISPLAY") and has("xclip"):
        yield CopyProgram("xclip", ("xclip", "-selection", "clipboard"))
    if has("pbcopy"):
        yield CopyProgram("pbcopy", ("pbcopy",))


def pager(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the person's pager. `less` gets `-R`, so that it shows colors, and other controls as text."""
    own = shlex.split(environ.get("PAGER", "")) or list(PAGER[:1])
    return (*own, "-R") if own == ["less"] else tuple(own)
