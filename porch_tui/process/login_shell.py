"""What a person's own shell exports: version managers set PATH and more in files that only it reads."""

from __future__ import annotations

import os
import pwd
import re
import select
import signal
import subprocess
import time
from contextlib import suppress

from porch_tui.process.children import Child

WITHIN_S = 5.0
"""A shell with many plugins takes about a second to start."""
OF_SHELL = frozenset({"_", "COLUMNS", "LINES", "OLDPWD", "PWD", "SHLVL", "TERM", "TMOUT"})
"""Variables that are about one shell, and no one else's business."""
_MARK = "porch-environment"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def login_shell() -> str:
    """Return the program that this user logs in to."""
    with suppress(KeyError):
        if shell := pwd.getpwuid(os.getuid()).pw_shell:
            return shell
    return os.environ.get("SHELL") or "/bin/sh"


def login_environment(shell: str, within_s: float = WITHIN_S) -> dict[str, str]:
    """Return what a shell exports as a person gets it; nothing if the shell does not say it in time."""
    deadline = time.monotonic() + within_s
    for options in ("-lic", "-lc"):  # what it reads may not work without a terminal
        if "PATH" in (found := _environment(shell, options, deadline - time.monotonic())):
            return found
    return {}


def _environment(shell: str, options: str, within_s: float) -> dict[str, str]:
    # `-0` for values of several lines, where env knows it; `sh` because the shell may be of another kind
    listed = "sh -c 'env -0 2>/dev/null || env'"
    try:
        child = Child(
            [shell, options, f"echo; echo {_MARK}; {listed}; echo; echo {_MARK}"],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # it has no terminal, and leaves none of its children
        )
    except OSError:
        return {}
    with child:
        said = _until_marked(child, time.monotonic() + within_s)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    inside = "".join(said.decode(errors="surrogateescape").split(f"\n{_MARK}\n")[1:2])
    pairs = (one.partition("=") for one in inside.split("\0" if "\0" in inside else "\n"))
    return {name: value for name, _, value in pairs if _NAME.fullmatch(name) and name not in OF_SHELL}


def _until_marked(child: Child, deadline: float) -> bytes:
    """Return what a shell prints up to the second mark; what it started may keep its output open for long."""
    assert child.stdout is not None
    said, fd = b"", child.stdout.fileno()
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    while said.count(f"\n{_MARK}\n".encode()) < 2:
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000) or not (data := os.read(fd, 1 << 16)):
            break
        said += data
    return said


def joined(*paths: str) -> str:
    """Return several PATHs as one, each folder once, the earlier ones first."""
    folders = [folder for path in paths for folder in path.split(os.pathsep) if folder]
    return os.pathsep.join(dict.fromkeys(folders))
