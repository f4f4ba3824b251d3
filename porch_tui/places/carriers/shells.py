"""A person's shell at a place, in a folder there: the command that opens it on their terminal."""

from __future__ import annotations

import re
import shlex

from porch_tui.core.model.place import PlaceSpec, Scheme
from porch_tui.core.model.plan import CommandLine
from porch_tui.places.carriers.ssh import destination

_INTERPRETER = re.compile(r"(?:.*/)?(?:python[0-9.]*|(?:ba|da|z|k)?sh)")
_CONTAINERS = frozenset({"docker", "podman", "nerdctl", "kubectl", "oc", "lxc", "incus"})
_TERMINAL = {"-i": "-it", "--interactive": "-it", "--stdin": "-it"}
"""What asks such a program for a terminal too."""


def shell_at(spec: PlaceSpec, run: CommandLine, folder: str) -> CommandLine:
    """Return the command for a shell in a folder of a place; `run` is its way in. Empty: there is none."""
    go = f"cd {shlex.quote(folder)} && "
    if spec.scheme is Scheme.SSH:
        return ("ssh", "-t", *destination(spec.address), f"{go}exec $SHELL -l")
    if not run:  # of a cluster: whoever runs its machines knows how to get into them
        return ()
    words = list(run)
    while words and words[-1] != "--" and (words[-1].startswith("-") or _INTERPRETER.fullmatch(words[-1])):
        words.pop()
    program = words[0].rpartition("/")[2] if words else ""
    if program == "ssh":
        return ("ssh", "-t", *words[1:], f"{go}exec $SHELL -l")
    if program in _CONTAINERS:
        words = [_TERMINAL.get(word, word) for word in words]
    return (*words, *shell_in(folder))


def shell_in(folder: str) -> CommandLine:
    """Return the command for a shell in a folder of the machine on which it is run."""
    return ("sh", "-c", f'cd {shlex.quote(folder)} && exec "${{SHELL:-/bin/sh}}" -l')
