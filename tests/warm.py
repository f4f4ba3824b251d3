"""Run porch as a program without importing it each time, which halves the time of a short command.

A helper process imports porch once and forks for each command, which has its own working directory,
environment, arguments and standard streams. Tests of how porch starts, and those that start it in the
background or in a shell, start a new interpreter instead.
"""

from __future__ import annotations

import io
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

REQUEST_BYTES = 1 << 20
PRELOADED = ("cli", "core", "engine", "executors", "git", "journal", "planfile", "report", "session")


class Warm:
    """One helper process, which runs one command at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket, self._owner, self._turn = ours, os.getpid(), threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    @property
    def is_free(self) -> bool:
        """Whether this process may use it and no other thread does."""
        return self._owner == os.getpid() and not self._turn.locked()

    def run(self, words: tuple[str, ...], cwd: Path, timeout_s: float) -> subprocess.CompletedProcess[str]:
        """Run a command like `subprocess.run`, without input, and capture its output; `TimeoutExpired`."""
        with self._turn:
            pipes = [os.pipe(), os.pipe()]
            writers = [writer for _, writer in pipes]
            request = {"words": words, "cwd": str(cwd), "env": dict(os.environ)}
            with Path(os.devnull).open() as nothing:
                socket.send_fds(self._socket, [json.dumps(request).encode()], [nothing.fileno(), *writers])
            for writer in writers:
                os.close(writer)
            pid = int(self._socket.recv(REQUEST_BYTES))
            try:
                out, err = _read_all([reader for reader, _ in pipes], time.monotonic() + timeout_s)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(words, timeout_s) from None
            finally:
                code = int(self._socket.recv(REQUEST_BYTES))
                for reader, _ in pipes:
                    os.close(reader)
        return subprocess.CompletedProcess(words, code, out, err)


def _read_all(readers: list[int], deadline: float) -> list[str]:
    """Return everything until all writers have closed; TimeoutError at the deadline."""
    found = {reader: bytearray() for reader in readers}
    with selectors.DefaultSelector() as selector:
        for reader in readers:
            selector.register(reader, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                chunk = os.read(key.fd, REQUEST_BYTES)
                found[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
    return [io.TextIOWrapper(io.BytesIO(found[reader])).read() for reader in readers]


def main() -> int:
    """Serve requests until the test process is gone; in a child: run porch and return its exit code."""
    _preload()
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        while True:
            message, fds, *_ = socket.recv_fds(requests, REQUEST_BYTES, 3)
            if not message:
                return 0
            pid = os.fork()
            if pid == 0:
                break
            for fd in fds:
                os.close(fd)
            requests.send(str(pid).encode())
            _, status = os.waitpid(pid, 0)
            requests.send(str(os.waitstatus_to_exitcode(status)).encode())
    return _run_porch(json.loads(message), fds)


def _preload() -> None:
    import gc
    import importlib
    import pkgutil

    for room in PRELOADED:
        package = importlib.import_module(f"porch_tui.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    gc.freeze()


def _run_porch(request: dict[str, Any], fds: list[int]) -> int:
    from porch_tui.__main__ import main as porch

    for number, fd in enumerate(fds):
        os.dup2(fd, number)
    for fd in fds:
        os.close(fd)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv[1:] = request["words"]
    return porch()


if __name__ == "__main__":
    raise SystemExit(main())
