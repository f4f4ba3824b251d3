"""What is asked of the kernel: who a process is beyond its number, what is below it, to start and signal it.

Stdlib only and nothing of porch: the shim imports this file as it lies beside it. What only Linux has
(/proc, pidfd, subreaper, sigtimedwait) has its fallback here, behind the same name.

A shim is a fork, and pays 2 µs for each page of memory it is the first to touch: what it needs is made
ready at import, and asked for by bare system calls.
"""

# pathlib would make every shim start 4 ms later, of 19:
# ruff: noqa: PTH112, PTH115, PTH116, PTH123, PTH208
from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import sys
from collections import namedtuple
from contextlib import suppress
from functools import cache

IS_LINUX = sys.platform == "linux"
PR_SET_CHILD_SUBREAPER = 36
PUNCH_HOLE_KEEP_SIZE = 3
OOM_SCORE, EXPENDABLE = "/proc/self/oom_score_adj", 500
LIBC = ctypes.CDLL(None, use_errno=True)
PRCTL = LIBC.prctl if IS_LINUX else None
RESETTABLE = frozenset(int(one) for one in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})


class Identity(namedtuple("Identity", ("pid", "ticks", "boot", "namespace"), defaults=("",))):
    """A process, so that no other one of the same number can be mistaken for it."""

    __slots__ = ()
    pid: int
    ticks: int
    """When it started, in clock ticks since boot; 0 where there is no /proc."""
    boot: str
    """The kernel's id of this boot; empty where there is no /proc."""
    namespace: str
    """Where the number means this process (see `pid_namespace`)."""


def stat_fields(pid: int) -> list[bytes]:
    """Return /proc/PID/stat from the state letter on, which follows a name that may hold anything.

    Empty when there is no such process, or no /proc.
    """
    try:  # bare system calls: this runs for every process there is, once a second and oftener
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return []
    try:
        return os.read(fd, 4096).rpartition(b")")[2].split()
    except OSError:  # it ended between the two calls
        return []
    finally:
        os.close(fd)


def moved_bytes(pid: int) -> tuple[int, int]:
    """Return what a process, and the children it has waited for, read from disks and wrote to them.

    Zeroes when there is no such process, when it is another user's, or where nobody counts.
    """
    if not IS_LINUX:
        return 0, 0
    try:
        fd = os.open(f"/proc/{pid}/io", os.O_RDONLY)
    except OSError:
        return 0, 0
    try:
        counts = dict(line.split(b": ") for line in os.read(fd, 4096).splitlines())
        return int(counts[b"read_bytes"]), int(counts[b"write_bytes"])
    except (OSError, ValueError, KeyError):
        return 0, 0
    finally:
        os.close(fd)


@cache
def boot_id() -> str:
    """Return a text that is another after each start of the machine; empty where there is none."""
    with suppress(OSError), open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
        return file.read().strip()
    return ""


@cache
def pid_namespace() -> str:
    """Return the name of the PID namespace this process is in, in which alone its numbers mean anything.

    A container has one of its own. Empty where there are none.
    """
    with suppress(OSError):
        return os.readlink("/proc/self/ns/pid")
    return ""


def identify(pid: int) -> Identity | None:
    """Return who has this number now; None when nobody has, or only a zombie not yet collected."""
    if not IS_LINUX:
        with suppress(OSError):
            os.kill(pid, 0)
            return Identity(pid, 0, "")
        return None
    fields = stat_fields(pid)
    if not fields or fields[0] in b"ZX":
        return None
    return Identity(pid, int(fields[19]), boot_id(), pid_namespace())


def born(pid: int) -> int:
    """Return when a process started, in clock ticks since boot; 0 when it is gone, or there is no /proc."""
    fields = stat_fields(pid)
    return int(fields[19]) if fields else 0


def name_of(pid: int) -> str:
    """Return the name of a process; `?` when it is gone, or there is no /proc."""
    with suppress(OSError), open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
        return file.read().strip()
    return "?"


def owner_of(pid: int) -> str:
    """Return the user whose process it is, by name where he has one; `?` when it is gone."""
    import pwd  # of use to one shim in a thousand

    try:
        uid = os.stat(f"/proc/{pid}").st_uid
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
    except OSError:
        return "?"


def anchored(directory: str) -> str:
    """Return a path to a directory that stays right wherever that is moved; as it is where there is no /proc.

    It does as long as this process lives, and holds a descriptor for it.
    """
    path = f"/proc/self/fd/{os.open(directory, os.O_RDONLY)}"
    return path if os.path.isdir(path) else directory


def all_pids() -> list[int]:
    """Return the numbers of all processes; none without /proc."""
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def below(root: int) -> list[tuple[int, bytes]]:
    """Return every process under `root` with its state letter, parents before children. Linux only.

    One look at all of /proc, for not every kernel has /proc/PID/task/TID/children. The newest comes first:
    what lives but a moment is then likely to be there still.
    """
    children: dict[int, list[tuple[int, bytes]]] = {}
    for pid in sorted(all_pids(), reverse=True):
        if fields := stat_fields(pid):
            children.setdefault(int(fields[1]), []).append((pid, fields[0]))
    found = list(children.get(root, ()))
    for pid, _ in found:  # grows while it is walked
        found.extend(children.get(pid, ()))
    return found


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends. Linux only, nothing elsewhere."""
    if PRCTL is not None:
        PRCTL(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class CommandLine:
    """What `ps` shows of this process, and of each that is forked from it. Linux only."""

    def __init__(self) -> None:
        start, end = (int(number) for number in stat_fields(os.getpid())[45:47])
        # 0: a kernel that does not tell
        self._room = (ctypes.c_char * (end - start)).from_address(start) if start else None

    def show(self, line: bytes) -> None:
        """Have it show this instead, words that end with a null byte each, cut to the length of its own."""
        if self._room is not None:
            self._room.raw = line[: len(self._room) - 1].ljust(len(self._room), b"\0")


def unheeded(*_: object) -> None:
    """Be the handler of a signal that is blocked."""


def hear_of_children() -> None:
    """Have SIGCHLD blocked rather than ignored, in what was forked where it is ignored."""
    # the function that signal.signal wraps: making an Enum of the old handler costs more than all the rest
    getattr(signal.signal, "__wrapped__", signal.signal)(signal.SIGCHLD, unheeded)


def block(signals: set[signal.Signals]) -> None:
    """Keep signals for `next_signal`, so that none is lost between two calls."""
    for signum in signals | {signal.SIGALRM}:  # without a handler macOS drops ignorable ones unseen
        signal.signal(signum, unheeded)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals | {signal.SIGALRM})


def next_signal(signals: set[signal.Signals], timeout_s: float) -> int:
    """Return the next of the blocked `signals`, or 0 when none came within `timeout_s`."""
    if sys.platform != "darwin":
        received = signal.sigtimedwait(signals, timeout_s)
        return received.si_signo if received else 0
    signal.setitimer(signal.ITIMER_REAL, max(timeout_s, 0.001))
    signum = signal.sigwait(signals | {signal.SIGALRM})
    return 0 if signum == signal.SIGALRM else signum


def spawn(argv: list[str], cwd: str, env: dict[str, str], output: int, umask: int | None = None) -> int:
    """Start a program in a session of its own with all signals at their defaults; return its pid.

    Its standard input is ours. `umask`: its file mode mask, if that is not ours.
    """
    path = env.get("PATH", os.defpath)
    if os.environ.get("PATH") != path:
        os.environ["PATH"] = path  # posix_spawnp searches the caller's PATH
    files = [(os.POSIX_SPAWN_DUP2, output, fd) for fd in (1, 2)]
    try:
        os.chdir(cwd)
        ours = None if umask is None else os.umask(umask)
        former = become_expendable()
        try:
            return os.posix_spawnp(
                argv[0], argv, env, file_actions=files, setsid=True, setsigmask=(), setsigdef=RESETTABLE
            )
        finally:
            if former is not None:
                become_dear(*former)
            if ours is not None:
                os.umask(ours)
    finally:
        os.chdir("/")


def limit_open_files(count: int | None) -> None:
    """Have this process and what it starts keep to so many open files, where an engine had raised that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if count not in (None, soft):
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def become_expendable() -> tuple[int, bytes] | None:
    """Have what is started here now die first when memory is short, not the shim or porch. Linux only.

    It is inherited, so nothing a program starts in its first moments goes without it. Return what
    `become_dear` needs; None if nothing was changed: there is no such thing here, or it is not ours.
    """
    try:
        score = os.open(OOM_SCORE, os.O_RDWR)
    except OSError:
        return None
    own = os.pread(score, 16, 0)
    if int(own) < EXPENDABLE and put_oom_score(score, b"%d" % EXPENDABLE):
        return score, own
    os.close(score)
    return None


def become_dear(score: int, own: bytes) -> None:
    """Be again what this process was before `become_expendable`."""
    put_oom_score(score, own)
    os.close(score)


def put_oom_score(score: int, wanted: bytes) -> bool:
    """Write into an open file, and say whether that was allowed."""
    try:
        os.pwrite(score, wanted, 0)
    except OSError:
        return False
    return True


def punch(file: int, offset: int, length: int) -> None:
    """Give the room of a part of a file back; it reads as zeros then. Raises OSError where that cannot be."""
    if not IS_LINUX:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
    fallocate = getattr(LIBC, "fallocate64", None) or LIBC.fallocate  # musl has but the second
    number = ctypes.c_longlong
    if fallocate(file, PUNCH_HOLE_KEEP_SIZE, number(offset), number(length)):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def open_pidfd(identity: Identity) -> int | None:
    """Return a descriptor that is readable once this very process has ended.

    None where there are no pidfds, or when the process is gone: `identify` tells the two apart.
    """
    if sys.platform != "linux":
        return None
    try:
        pidfd = os.pidfd_open(identity.pid)
    except OSError:
        return None
    if identify(identity.pid) == identity:  # open first, compare after: now the number cannot pass on
        return pidfd
    os.close(pidfd)
    return None


def send(identity: Identity, signum: int) -> bool:
    """Signal this very process; False when it is gone, its number is another's, or we may not."""
    pidfd = open_pidfd(identity)
    try:
        if sys.platform == "linux" and pidfd is not None:
            signal.pidfd_send_signal(pidfd, signum)
            return True
        if identify(identity.pid) == identity:  # gone meanwhile, or a system without pidfds
            os.kill(identity.pid, signum)
            return True
    except OSError:
        return False
    finally:
        if pidfd is not None:
            os.close(pidfd)
    return False
