"""The host's process: serves every engine that connects, whatever becomes of the connections.

It listens on a socket in its folder, which only this user can reach, and lives until no engine is connected
and nothing runs. What ssh or a container starts is a relay between that socket and its own standard streams,
so a connection that hangs keeps neither attempts nor a new connection waiting.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from porch_tui import log
from porch_tui.places.host.door import SOCKET, connected
from porch_tui.places.host.hosts import Hosts
from porch_tui.places.wire.protocol import PROTOCOL
from porch_tui.process.supervisor import kernel

LOCK, LOG = "lock", "log"
GREET_WITHIN_S = 20.0
ENDS_WITH = "PORCH_ENDS_WITH"
"""In its environment: the pid of a batch job's first process. The host's process is no child of that, so a
batch system may overlook it; whatever it has started ends with the job all the same."""
JOB_GRACE_S = 2.0
JOB_ENDS_WITHIN_S = 10.0


class Daemon:
    """Accepts engines."""

    def __init__(self, root: Path, listener: socket.socket, lock: int, idle_s: float) -> None:
        self._root, self._listener, self._lock, self._idle_s = root, listener, lock, idle_s
        self._hosts = Hosts(root)
        pid = os.environ.get(ENDS_WITH, "")
        self._job = kernel.identify(int(pid)) if pid.isdecimal() else None

    def serve(self) -> None:
        """Serve until there has been nothing to do for a while; in a batch job, until that ends."""
        self._hosts.adopt()
        idle_since = time.monotonic()
        self._listener.settimeout(min(1.0, self._idle_s / 2))
        while True:
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                if self.is_replaced:
                    return
                if self._job is not None and kernel.identify(self._job.pid) != self._job:
                    self._end_with_job()
                    return
                if self._job is not None or self._hosts.is_needed:
                    idle_since = time.monotonic()
                elif time.monotonic() - idle_since > self._idle_s:
                    return
            else:
                idle_since = time.monotonic()
                connection.settimeout(None)
                threading.Thread(target=self._hosts.serve, args=(connection,), daemon=True).start()

    @property
    def is_replaced(self) -> bool:
        """Whether someone has deleted the folder, and another process was started for it since."""
        with suppress(OSError):
            return not os.path.samestat(os.fstat(self._lock), os.stat(self._root / LOCK))  # noqa: PTH116
        return False

    def _end_with_job(self) -> None:
        """End all that runs here, and leave nothing: no engine comes back to where a job was."""
        deadline = time.monotonic() + JOB_ENDS_WITHIN_S
        self._hosts.end_all(JOB_GRACE_S)
        while self._hosts.is_needed and time.monotonic() < deadline:
            time.sleep(0.05)
        self._hosts.close()
        shutil.rmtree(self._root, ignore_errors=True)

    def tidy(self) -> None:
        """Delete what hosts no longer need. No engine can connect any more."""
        self._hosts.tidy()


def ensure(root: Path, idle_s: float, prepare: Callable[[], None] = lambda: None) -> socket.socket:
    """Return a connection to this user's host process, started if there is none. Raises OSError.

    Once it is started, and before it serves anyone, `prepare` is called in it.
    """
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + GREET_WITHIN_S
    while True:
        with suppress(OSError):
            return connected(root)
        if other := _other_protocol(root):
            raise OSError(
                f"a porch that speaks protocol {other} is at work in {root}, and this one speaks {PROTOCOL}; "
                "use the same porch, or wait until what that one runs there has ended"
            )
        if time.monotonic() > deadline:
            raise OSError(f"no host process came up in {root} within {GREET_WITHIN_S:g} s; see {root / LOG}")
        _start(root, idle_s, prepare)
        time.sleep(0.01)


def _other_protocol(root: Path) -> str:
    """Return which other protocol the host's process of a folder speaks; empty if it does not run."""
    for file in root.glob("socket.*"):
        with suppress(OSError):
            connected(root, file.name).close()
            return file.suffix.removeprefix(".")
    return ""


def _start(root: Path, idle_s: float, prepare: Callable[[], None]) -> None:
    """Fork a host process, unless another one has the lock. Returns in the parent."""
    if os.fork() == 0:
        try:
            os.setsid()
            if os.fork() == 0:
                _run(root, idle_s, prepare)
        except BaseException as error:
            log.warning(f"the host process ended: {error!r}")
            raise
        finally:
            os._exit(0)
    with suppress(ChildProcessError):  # whoever started us ignores SIGCHLD
        os.wait()


def _run(root: Path, idle_s: float, prepare: Callable[[], None]) -> None:
    lock = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    os.truncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())  # for people who look for it
    null = os.open(os.devnull, os.O_RDWR)
    output = os.open(root / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for fd, target in enumerate((null, null, output)):
        os.dup2(target, fd)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.chdir(root)
    Path(SOCKET).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(SOCKET)
        os.chmod(SOCKET, 0o600)  # noqa: PTH101
        listener.listen(64)
        prepare()
        daemon = Daemon(root, listener, lock, idle_s)
        daemon.serve()
        if not daemon.is_replaced:
            Path(SOCKET).unlink(missing_ok=True)
    if not daemon.is_replaced:
        daemon.tidy()
