"""What a variable gives the programs that see it: a port, a database, a path outside."""

from __future__ import annotations

import re

from porch_tui.core.uses import databases, ports
from porch_tui.core.uses.calls import Call

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_READ = re.compile(
    r"(?:\w*_)?(?:PATH|HOME|ROOT|CONFIG|CONF|SETTINGS|CREDENTIALS|KEY|KEYFILE|CERT|CA_BUNDLE|CERT_FILE|LICENSE|BIN|RC"
    r"|INCLUDE|SDK|SHELL|EDITOR|PYTHON|VIRTUAL_ENV)|\w*PATH|GOROOT|KUBECONFIG|NVM_DIR|VIRTUAL_ENV"
)
"""They name what is installed or configured, and is read."""


def note_variable(call: Call, name: str, value: str) -> None:
    """Note what a variable gives a program: a port, a database, a path outside."""
    if port := ports.in_variable(name, value):
        call.changes(f"port {port}")
    databases.note_databases_in(call, value)
    if value.startswith(("/", "~/")):
        for path in value.split(":"):
            call.read(path, is_input=False) if _READ.fullmatch(name) else call.write(path)
