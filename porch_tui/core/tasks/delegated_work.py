"""Commands that have their work done by a process that is not below them: a daemon's, or another machine's.

porch ends, pauses and measures the processes below a task's command. What `docker run` starts is below the
daemon of docker. That is found out from the command's words alone, so a script that calls docker is not seen.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from porch_tui.core.model.plan import SHELL, CommandLine, TaskSpec

_DAEMONS: dict[str, tuple[str, ...]] = {
    "docker": ("run", "compose", "exec", "start", "container"),
    "docker-compose": (),
    "nerdctl": ("run", "compose", "exec", "start", "container"),
    "kubectl": ("run", "exec", "apply", "create"),
    "systemd-run": (),
    "ssh": (),
    "at": (),
    "batch": (),
}
"""Programs, and their subcommands that start something; none: all do."""
_DETACHING: dict[str, tuple[str, ...]] = {
    "podman": ("-d", "--detach"),
    "screen": ("-d", "-dm", "-dmS", "-D"),
    "tmux": ("new", "new-session", "-d"),
}
"""Programs that do so with one of these words only; podman has no daemon, and is below the task without."""
_NAMES = re.compile("|".join(map(re.escape, (*_DAEMONS, *_DETACHING))))
_CONTAINERS = frozenset({"docker", "podman", "nerdctl"})
_BEFORE = frozenset({"sudo", "exec", "env", "time", "nice", "command", "nohup", "timeout"})
_SEPARATOR = re.compile(r"[;&|\n()]+")


def client_in(command: CommandLine) -> str:
    """Return the words by which a command has its work done elsewhere, as `docker run`; empty if none."""
    if not any(_NAMES.search(word) for word in command):
        return ""  # most commands, without being taken apart
    for words in _simple_commands(command):
        name = words[0].rpartition("/")[2]
        rest = words[1:]
        if name in _DAEMONS:
            starting = _DAEMONS[name]
            found = next((word for word in rest if word in starting), "")
            if found or not starting:
                return f"{name} {found}".strip()
        found = next((word for word in rest if word in _DETACHING.get(name, ())), "")
        if found:
            return f"{name} {found}"
    return ""


def client_of(spec: TaskSpec) -> str:
    """Return the words by which a task has its work done elsewhere; empty if its fence can end that."""
    if spec.wrap is None:
        return client_in(spec.command)
    return "" if spec.wrap.end else client_in(spec.wrap.command) or client_in(spec.command)


def starts_container(command: CommandLine) -> str:
    """Return the words by which a command starts a container, as `podman run`; empty if none."""
    if not any(_NAMES.search(word) for word in command):
        return ""
    for words in _simple_commands(command):
        name = words[0].rpartition("/")[2]
        if name in _CONTAINERS and "run" in words[1:]:
            return f"{name} run"
    return ""


def beyond_reach(client: str) -> str:
    """Return what that means for a task, as the rest of a sentence that begins with its name."""
    return (
        f"has its work done outside its own processes ({client}), which porch cannot stop, pause or measure"
    )


def may_continue(spec: TaskSpec) -> str:
    """Return what to know when such a task was ended; empty for any other."""
    client = client_of(spec)
    return f"what {client} started may go on" if client else ""


def is_not_paused(spec: TaskSpec) -> str:
    """Return what to know when such a task is paused; empty for any other."""
    wrap = spec.wrap
    client = client_in(wrap.command) if wrap and wrap.end and not wrap.hold else client_of(spec)
    return f"what {client} started is not paused" if client else ""


def _simple_commands(command: CommandLine) -> Iterator[Sequence[str]]:
    """Yield the simple commands of a shell's text, or the command itself, without what is put before one."""
    texts = _SEPARATOR.split(command[-1]) if command[: len(SHELL)] == SHELL else [shlex.join(command)]
    for text in texts:
        try:
            words = shlex.split(text)
        except ValueError:  # a quote that spans a separator
            words = text.split()
        while words and (words[0] in _BEFORE or re.match(r"[A-Za-z_]\w*=|-|\d", words[0])):
            words = words[1:]
        if words:
            yield words
