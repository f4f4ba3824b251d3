"""Commands that have their work done by a process that is not below them: a daemon's, or another machine's.

porch ends, pauses and measures the processes below a task's command. What `docker run` starts is below the
daemon of docker. That is found out from the command's words alone, so a script that calls docker is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

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
    # most commands never come here
    from porch_tui.core.uses.shell import literal, parse

    def within(text: str) -> Iterator[Sequence[str]]:
        for simple in parse(text).commands:
            yield [literal(word) or "" for word in simple.words]
            parts = [*chain(*simple.words), *chain(*(word for _, word in simple.assignments))]
            for kind, inner, _ in parts:
                if kind == "cmd":
                    yield from within(inner)

    found = within(command[-1]) if command[: len(SHELL)] == SHELL else iter([command])
    for words in found:
        if started := _started(words):
            yield started


def _started(words: Sequence[str]) -> Sequence[str]:
    """Return a command without what only starts it, as `sudo` and `timeout 10` do."""
    from porch_tui.core.uses.tool_calls import STARTERS

    while words and (words[0] == "timeout" or words[0] in STARTERS):
        valued = STARTERS.get(words[0], ("-k", "-s", "--signal", "--kill-after"))
        words = words[1:]
        while words and re.match(r"[A-Za-z_]\w*=|-|\d", words[0]):
            words = words[2:] if words[0] in valued else words[1:]
    return words
