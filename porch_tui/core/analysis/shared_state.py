"""What worktrees do not separate: traces in commands of things all tasks on one machine share.

A worktree separates files. Ports, databases, containers, the stash and
absolute paths stay one for all; the plan's `locks` are the cure. This looks at
the text of commands only: it advises, it never forbids.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from functools import cache

from porch_tui.core.model.plan import SHELL, CommandLine, Isolation, TaskSpec

Traces = tuple[tuple[str, re.Pattern[str]], ...]

GIT_TRACES: Traces = (
    ("git stash, which all worktrees share", re.compile(r"\bgit\s+stash\b")),
    ("git config, which all worktrees share", re.compile(r"\bgit\s+config\s+(?!--get|--list|-l\b)")),
)
"""What a clone does separate."""
TRACES: Traces = (
    ("docker compose, whose project is named once", re.compile(r"\bdocker[ -]compose\b")),
    ("the port {0}", re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d{2,5})\b")),
    ("the port {0}", re.compile(r"--port[ =](\d{2,5})\b")),
    # Not /opt and /usr: what is installed there is read. Not a name that a variable or a pattern completes:
    # `/tmp/x-$PORCH_TASK` is another file in each task.
    ("the file {0}", re.compile(r"(?<![\w.])(/(?:tmp|var|srv|home)/[\w./-]++)(?![$`{*?\[])")),
)

HINT = re.compile(r"stash|config|compose|:\d|--port|/(?:tmp|var|srv|home)/")
"""In every command that has one of the traces. To take a command apart into words takes a hundred times as
long, and most have none."""

WRAPPERS = frozenset({"env", "exec", "command", "nohup", "time", "nice", "sudo", "xargs"})
"""Programs whose first word that is no option is a program again."""
INTERPRETERS = re.compile(r"(?:python[\d.]*|node|ruby|perl|bash|dash|sh|zsh)$")
"""Programs whose first word that is no option is the program they run."""
ENDS = frozenset({";", ";;", "&", "&&", "|", "||", "|&", "(", ")", "{", "}", "\n", "!"}) | {
    "if", "then", "elif", "else", "do", "while", "until"
}  # fmt: skip
"""Words of a shell that are followed by a program."""
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


def shared_by(spec: TaskSpec) -> frozenset[str]:
    """Return what the task's commands touch outside any worktree, in words."""
    traces = TRACES if spec.isolation is Isolation.CLONE else GIT_TRACES + TRACES
    return frozenset(thing for command in (spec.command, *spec.checks) for thing in _found(traces, command))


@cache  # of the same tasks it is asked as a doubt of each, and as what relates them
def _found(traces: Traces, command: CommandLine) -> frozenset[str]:
    if not any(HINT.search(word) for word in command):
        return frozenset()
    text = " ".join(_without_programs(command))
    return frozenset(
        words.format(*found.groups()) for words, trace in traces for found in trace.finditer(text)
    )


def _without_programs(command: CommandLine) -> list[str]:
    """Return the words of a command but for the paths of programs, which are only read.

    Of a script that is no plain sequence of words, all of it.
    """
    if command[:2] != SHELL or len(command) != 3:
        return list(_arguments(command))
    words = shlex.shlex(command[2].replace("\n", " ; "), posix=True, punctuation_chars=True)
    words.whitespace_split = True
    try:
        return list(_arguments(list(words)))
    except ValueError:  # a quote that does not end, a here document
        return list(command)


def _arguments(words: Sequence[str]) -> Iterator[str]:
    """Yield the words that are no program's path; a program is named by its last part."""
    is_program = True
    for word in words:
        if word in ENDS:
            is_program = True
            yield word
        elif is_program and not ASSIGNMENT.match(word) and not word.startswith("-"):
            name = word.rpartition("/")[2]
            is_program = name in WRAPPERS or bool(INTERPRETERS.match(name))
            yield name
        else:
            # `python -c`, `bash -c`: what follows is text, and no program's path
            is_program = is_program and word not in ("-c", "-e", "-m")
            yield word
