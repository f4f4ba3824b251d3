"""What a way in starts on a host: `python -m porch_tui.places.host [--root DIR] [--idle SECONDS] …`.

Connects its standard streams with the host's process, started if there is none, and ends with the connection,
or when the engine has said nothing for long: then its machine is gone, which no one tells.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from porch_tui.places.host.door import IDLE_S, connected

ROOT = "~/.cache/porch/hosts"
BLOCK_BYTES = 1 << 18
SILENT_S = 30.0
"""An engine says something every two seconds, and gives a connection up after eight without an answer."""
FIRST, LAST = "first", "last"


def main(arguments: Sequence[str]) -> int:
    """Relay between an engine and the host's process; return the exit code."""
    parser = argparse.ArgumentParser(prog="porch host", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(ROOT))
    parser.add_argument("--idle", type=float, default=IDLE_S)
    parser.add_argument("--silent", type=float, default=SILENT_S)
    parser.add_argument("--shell-path", choices=(FIRST, LAST), help="add what the user's own shell exports")
    options = parser.parse_args(arguments)
    root = options.root.expanduser().absolute()
    try:
        try:
            connection = connected(root)
        except OSError:
            connection = _started(root, options.idle, options.shell_path)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with connection:
        relay(connection, sys.stdin.fileno(), sys.stdout.fileno(), options.silent)
    return 0


def _started(root: Path, idle_s: float, shell_path: str | None) -> socket.socket:
    """Return a connection to a host's process, which is started if there is still none. Raises OSError."""
    from porch_tui.places.host import daemon  # with all that attempts need, which takes a while
    from porch_tui.process.machine import proc_trouble

    if trouble := proc_trouble():
        raise OSError(trouble)
    try:
        return daemon.ensure(root, idle_s, lambda: _add_shell_environment(shell_path))
    except OSError as error:
        raise OSError(f"porch host: {error}") from error


def _add_shell_environment(where: str | None) -> None:
    """Let attempts have what the user's own shell exports, before or behind what they have without it."""
    from porch_tui.process.login_shell import joined, login_environment, login_shell

    if where is None:
        return
    own, of_shell = dict(os.environ), login_environment(login_shell())
    own_path, path = own.get("PATH", os.defpath), of_shell.get("PATH", "")
    is_first = where == FIRST
    os.environ.update(own | of_shell if is_first else of_shell | own)
    os.environ["PATH"] = joined(path, own_path) if is_first else joined(own_path, path)


def relay(connection: socket.socket, reading: int, writing: int, silent_s: float = SILENT_S) -> None:
    """Pass bytes on in both directions until one side is gone; exits when nothing was read for long."""
    routes = {reading: connection.fileno(), connection.fileno(): writing}
    poll = select.poll()
    for source in routes:
        poll.register(source, select.POLLIN)
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(0))  # it may wait for what hangs to take what it writes
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    signal.setitimer(signal.ITIMER_REAL, silent_s)
    while True:
        for source, _ in poll.poll():
            try:
                if not (data := os.read(source, BLOCK_BYTES)):
                    return
                if source == reading:
                    signal.setitimer(signal.ITIMER_REAL, silent_s)
                left = memoryview(data)
                while left:
                    left = left[os.write(routes[source], left) :]
            except OSError:
                return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
