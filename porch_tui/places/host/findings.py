"""Looks at the machine it runs on: `python -m porch_tui.places.host.findings DIR SHELL_PATH [TOOL…]`.

Prints what it finds as a line, then a line with its clock for each line that comes, until the end of input.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from porch_tui.places.host.__main__ import FIRST
from porch_tui.places.wire.findings import HostFindings
from porch_tui.process import logout
from porch_tui.process.children import first_line
from porch_tui.process.login_shell import joined, login_environment, login_shell
from porch_tui.process.machine import cores, free_memory, proc_trouble
from porch_tui.process.user import user_name


def main(arguments: Sequence[str]) -> int:
    """Answer what the module says."""
    folder, where, *tools = arguments
    sys.stdout.buffer.write(msgspec.json.encode(look(Path(folder), where, tools)) + b"\n")
    sys.stdout.buffer.flush()
    for _ in sys.stdin.buffer:
        sys.stdout.buffer.write(msgspec.json.encode(time.time()) + b"\n")
        sys.stdout.buffer.flush()
    return 0


def look(folder: Path, where: str, tools: Sequence[str]) -> HostFindings:
    """Return what is found, with the PATH of the user's shell before or behind the one that was inherited."""
    shell, own = login_shell(), os.environ.get("PATH", os.defpath)
    of_shell = login_environment(shell).get("PATH", "")
    path = joined(of_shell, own) if where == FIRST else joined(own, of_shell)
    found = {tool: at for tool in tools if (at := shutil.which(tool, path=path))}
    return HostFindings(
        identity=_identity(),
        shell=shell,
        tools=found,
        only_by_shell=tuple(tool for tool in found if not shutil.which(tool, path=own)),
        cores=cores(),
        memory_bytes=free_memory().total_bytes,
        disk_free_bytes=shutil.disk_usage(folder).free,
        has_msgspec="stand_in" not in (msgspec.__file__ or ""),
        dies_at_logout=logout.ends_processes(user_name()),
        trouble=proc_trouble(),
        now=time.time(),
    )


def _identity() -> str:
    name, email = (first_line("git", "-C", "/", "config", key) for key in ("user.name", "user.email"))
    return f"{name} <{email}>" if name and email else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
