"""What a variable gives the programs that see it: a port, a database, a path outside."""

from __future__ import annotations

import re

from porch_tui.core.analysis.uses import databases, ports
from porch_tui.core.analysis.uses.calls import Call

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_OF_PROGRAMS = frozenset(
    {"PATH", "HOME", "PYTHONPATH", "SHELL", "VIRTUAL_ENV", "JAVA_HOME", "GOROOT", "NODE_PATH"}
)
"""They name what is installed."""


def note_variable(call: Call, name: str, value: str) -> None:
    """Note what a variable gives a program: a port, a database, a path outside."""
    if port := ports.in_variable(name, value):
        call.changes(f"port {port}")
    databases.note_databases_in(call, value)
    if value.startswith(("/", "~/")) and name not in _OF_PROGRAMS:
        for path in value.split(":"):
            call.write(path)
