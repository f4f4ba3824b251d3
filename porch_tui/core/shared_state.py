"""What worktrees do not separate: traces in commands of things all tasks on one machine share.

A worktree separates files. Ports, databases, containers, the stash and
absolute paths stay one for all; the plan's `locks` are the cure. This looks at
the text of commands only: it advises, it never forbids.
"""

from __future__ import annotations

import re

from porch_tui.core.plan import CommandLine, Isolation, TaskSpec

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
    ("the file {0}", re.compile(r"(?<![\w.])(/(?:tmp|var|opt|srv|home)/[\w./-]+)")),
)


def shared_by(spec: TaskSpec) -> frozenset[str]:
    """Return what the task's commands touch outside any worktree, in words."""
    traces = TRACES if spec.isolation is Isolation.CLONE else GIT_TRACES + TRACES
    return frozenset(thing for command in (spec.command, *spec.checks) for thing in _found(traces, command))


def _found(traces: Traces, command: CommandLine) -> set[str]:
    text = " ".join(command)
    return {words.format(*found.groups()) for words, trace in traces for found in trace.finditer(text)}
