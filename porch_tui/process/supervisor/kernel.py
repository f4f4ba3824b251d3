"""Identify, list, start and signal processes.

Stdlib only, nothing of porch: the shim imports this file from its own folder. What only Linux has (/proc,
pidfd, subreaper, sigtimedwait) has its fallback here, behind the same name.
"""

# importing pathlib takes 4 of a shim's 19 ms:
# ruff: noqa: PTH112, PTH115, PTH116, PTH208
from __future__ import annotations

import errno
import os
import resource
import signal
import sys
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    import ctypes
    from typing import Any

IS_LINUX = sys.platform == "linux"
PR_SET_CHILD_SUBREAPER = 36
PUNCH_HOLE_KEEP_SIZE = 3
OOM_SCORE, EXPENDABLE = "/proc/self/oom_score_adj", 500
READ_CALLS = {  # read, readv, splice, by what `uname -m` says
    "x86_64": (b"0", b"19", b"275"),
    "aarch64": (b"63", b"65", b"76"),
    "riscv64": (b"63", b"65", b"76"),
    "ppc64le": (b"3", b"145", b"283"),
    "s390x": (b"3", b"145", b"306"),
}
RESETTABLE = frozenset(int(one) for one in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})


class Identity(namedtuple("Identity", ("pid", "ticks", "boot", "namespace"), defaults=("",))):
    """A process: unlike its pid, this never means another one."""

    __slots__ = ()
    pid: int
    ticks: int
    """When it started, in clock ticks since boot; 0 where there is no /proc."""
    boot: str
    """The kernel's id of this boot; empty where there is no /proc."""
    namespace: str
    """Where the pid means this process (see `pid_namespace`)."""


def stat_fields(pid: int) -> list[bytes]:
    """Return /proc/PID/stat from the state letter on: the preceding name may contain anything.

    Empty when there is no such process, or no /proc.
    """
    return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()


def _read(path: str) -> bytes:
    """Return a small file of /proc; an empty one when it is gone or may not be read."""
    try:  # bare system calls: this runs for every process, once a second and more often
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(fd, 4096)
    except OSError:  # the process ended between the two calls
        return b""
    finally:
        os.close(fd)


def threads(pid: int) -> list[int]:
    """Return the threads of a process; none when it is gone, or there is no /proc."""
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def run_times(pid: int, thread: int) -> tuple[int, int]:
    """Return for how many nanoseconds a thread has run, and waited for a core; zeroes when it is gone."""
    ran, _, rest = _read(f"/proc/{pid}/task/{thread}/schedstat").partition(b" ")
    return int(ran or 0), int(rest.partition(b" ")[0] or 0)


def reading(pid: int, thread: int) -> int | None:
    """Return the file descriptor that a thread is blocked in reading.

    None when it does something else, when it may not be looked at, or where the kernel does not say.
    """
    number, _, rest = _read(f"/proc/{pid}/task/{thread}/syscall").partition(b" ")  # `running` if it is
    if number not in READ_CALLS.get(os.uname().machine, ()):
        return None
    return int(rest.partition(b" ")[0], 16)


def moved_bytes(pid: int) -> tuple[int, int]:
    """Return the bytes that a process and the children it has waited for read from disks and wrote to them.

    Zeroes when there is no such process, when it is another user's, or where the system does not count.
    """
    counts = dict(line.split(b": ") for line in _read(f"/proc/{pid}/io").splitlines())
    return int(counts.get(b"read_bytes", 0)), int(counts.get(b"write_bytes", 0))


@cache
def boot_id() -> str:
    """Return an id that changes with each boot; empty where there is none."""
    return _read("/proc/sys/kernel/random/boot_id").decode().strip()


@cache
def pid_namespace() -> str:
    """Return the name of this process's PID namespace, outside of which pids mean nothing.

    A container has its own. Empty where there are none.
    """
    with suppress(OSError):
        return os.readlink("/proc/self/ns/pid")
    return ""


def identify(pid: int) -> Identity | None:
    """Return the process that has this pid now; None when there is none, or only a zombie."""
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
    return _read(f"/proc/{pid}/comm").decode(errors="replace").strip() or "?"


def ignores(pid: int, signum: int) -> bool:
    """Say whether a process ignores a signal; False when it is gone, or there is no /proc."""
    ignored = _read(f"/proc/{pid}/status").partition(b"\nSigIgn:\t")[2].partition(b"\n")[0]
    return bool(int(ignored or b"0", 16) >> (signum - 1) & 1)


def owner_of(pid: int) -> str:
    """Return the user who owns the process, by name where there is one; `?` when it is gone."""
    import pwd  # rarely needed

    try:
        uid = os.stat(f"/proc/{pid}").st_uid
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
    except OSError:
        return "?"


def anchored(directory: str) -> str:
    """Return a path to a directory that stays valid if the directory is moved; unchanged without /proc.

    It is valid while this process lives, which keeps a descriptor open.
    """
    path = f"/proc/self/fd/{os.open(directory, os.O_RDONLY)}"
    return path if os.path.isdir(path) else directory


def all_pids() -> list[int]:
    """Return the pids of all processes; none without /proc."""
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def below(root: int) -> list[tuple[int, bytes]]:
    """Return every process under `root` with its state letter, parents before children. Linux only.

    Reads all of /proc, as not every kernel has /proc/PID/task/TID/children. The newest are read first:
    short-lived processes are then more likely to be seen.
    """
    children: dict[int, list[tuple[int, bytes]]] = {}
    for pid in sorted(all_pids(), reverse=True):
        if fields := stat_fields(pid):
            children.setdefault(int(fields[1]), []).append((pid, fields[0]))
    found = list(children.get(root, ()))
    for pid, _ in found:  # grows while it is walked
        found.extend(children.get(pid, ()))
    return found


def pids_below(root: int) -> list[int]:
    """Return the pids of the processes under `root`, parents before children. Linux only.

    Quick where the kernel lists children, which may then leave out some that begin or end meanwhile.
    """
    if not _lists_children():
        return [pid for pid, _ in below(root)]
    found = [root]
    for pid in found:  # grows while it is walked
        for thread in threads(pid):
            found.extend(map(int, _read(f"/proc/{pid}/task/{thread}/children").split(b" ")[:-1]))
    return found[1:]


@cache
def _lists_children() -> bool:
    return os.access(f"/proc/self/task/{os.getpid()}/children", os.R_OK)


def has_ended(child: int) -> bool:
    """Say whether a child has ended and was not waited for yet; False where that cannot be asked."""
    if not IS_LINUX:
        return False
    try:
        return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends. Linux only, nothing elsewhere."""
    if IS_LINUX:
        _libc().prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class CommandLine:
    """The command line that `ps` shows for this process and its forks. Linux only."""

    def __init__(self) -> None:
        import ctypes

        start, end = (int(number) for number in stat_fields(os.getpid())[45:47])
        # 0: not known to this kernel
        self._memory = (ctypes.c_char * (end - start)).from_address(start) if start else None

    def show(self, line: bytes) -> None:
        """Show other words, each ended by a null byte, cut to the length of the original command line."""
        if self._memory is not None:
            self._memory.raw = line[: len(self._memory) - 1].ljust(len(self._memory), b"\0")


@cache
def _libc() -> ctypes.CDLL:
    """Return the C library. Importing ctypes takes 3 ms, and most of what imports this needs none of it."""
    import ctypes

    return ctypes.CDLL(None, use_errno=True)


def do_nothing(*_: object) -> None:
    """Handle a signal that is blocked."""


def block(signals: set[signal.Signals]) -> None:
    """Keep signals for `next_signal`, so that none is lost between two calls."""
    for signum in signals | {signal.SIGALRM}:  # without a handler macOS drops ignorable ones unseen
        signal.signal(signum, do_nothing)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals | {signal.SIGALRM})


def next_signal(signals: set[signal.Signals], timeout_s: float) -> int:
    """Return the next of the blocked `signals`, or 0 when none came within `timeout_s`."""
    if sys.platform != "darwin":
        received = signal.sigtimedwait(signals, timeout_s)
        return received.si_signo if received else 0
    signal.setitimer(signal.ITIMER_REAL, max(timeout_s, 0.001))
    signum = signal.sigwait(signals | {signal.SIGALRM})
    return 0 if signum == signal.SIGALRM else signum


def spawn(
    argv: list[str],
    cwd: str,
    env: dict[str, str],
    output: int,
    *,
    umask: int | None = None,
    stdin: int | None = None,
    terminal: str = "",
) -> int:
    """Start a program in a session of its own with default signal handling; return its pid.

    `stdin`: an open file for its standard input, if it is not ours. `umask`: its umask, if it is not ours.
    `terminal`: the path of one to control the session, for its standard streams instead of `output`.
    """
    path = env.get("PATH", os.defpath)
    if os.environ.get("PATH") != path:
        os.environ["PATH"] = path  # posix_spawnp searches the caller's PATH
    files: list[tuple[Any, ...]] = [(os.POSIX_SPAWN_DUP2, output, fd) for fd in (1, 2)]
    if stdin is not None:
        files.append((os.POSIX_SPAWN_DUP2, stdin, 0))
    if terminal:  # on Linux it controls the session whose leader opens it first
        files = [(os.POSIX_SPAWN_OPEN, 0, terminal, os.O_RDWR, 0)]
        files += [(os.POSIX_SPAWN_DUP2, 0, fd) for fd in (1, 2)]
    try:
        os.chdir(cwd)
        own_umask = None if umask is None else os.umask(umask)
        try:
            with expendable():
                if terminal and not IS_LINUX:
                    return fork_in_terminal(argv, env, terminal)
                return os.posix_spawnp(
                    argv[0], argv, env, file_actions=files, setsid=True, setsigmask=(), setsigdef=RESETTABLE
                )
        finally:
            if own_umask is not None:
                os.umask(own_umask)
    finally:
        os.chdir("/")


def fork_in_terminal(argv: list[str], env: dict[str, str], terminal: str) -> int:
    """Start a program in a terminal that controls its session, where opening it is not enough for that."""
    fd = os.open(terminal, os.O_RDWR | os.O_NOCTTY)
    ending, reporting = os.pipe()  # both are closed when the program begins
    pid = os.fork()
    if pid == 0:
        try:
            os.login_tty(fd)
            for signum in RESETTABLE:
                with suppress(OSError):
                    signal.signal(signum, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            os.execvpe(argv[0], argv, env)
        except OSError as error:
            os.write(reporting, b"%d" % (error.errno or 0))
        finally:
            os._exit(127)
    os.close(fd)
    os.close(reporting)
    code = os.read(ending, 16)
    os.close(ending)
    if code:
        os.waitpid(pid, 0)
        raise OSError(int(code), os.strerror(int(code)), argv[0])
    return pid


def limit_open_files(count: int | None) -> None:
    """Limit the open files of this process and what it starts, where an engine has raised the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if count not in (None, soft):
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def used_cpu_s() -> float:
    """Return the processor time of all children that have ended, and of theirs, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def expendable() -> Iterator[None]:
    """Make programs started in this context die first when memory is short, not the shim or porch.

    The score is inherited, so a program has it from its first moment. Linux only, where it is permitted.
    """
    try:
        score = os.open(OOM_SCORE, os.O_RDWR)
    except OSError:
        yield
        return
    own = os.pread(score, 16, 0)
    try:
        with suppress(OSError):
            os.pwrite(score, b"%d" % max(EXPENDABLE, int(own)), 0)
        yield
    finally:
        with suppress(OSError):
            os.pwrite(score, own, 0)
        os.close(score)


def punch(file: int, offset: int, length: int) -> None:
    """Free the disk space of a part of a file, which then reads as zeros. OSError where not supported."""
    if not IS_LINUX:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
    import ctypes

    libc = _libc()
    fallocate = getattr(libc, "fallocate64", None) or libc.fallocate  # musl has only the second
    number = ctypes.c_longlong
    if fallocate(file, PUNCH_HOLE_KEEP_SIZE, number(offset), number(length)):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def open_pidfd(identity: Identity) -> int | None:
    """Return a descriptor that is readable once this process has ended.

    None where there are no pidfds, or when the process is gone: `identify` tells which.
    """
    if sys.platform != "linux":
        return None
    try:
        pidfd = os.pidfd_open(identity.pid)
    except OSError:
        return None
    if identify(identity.pid) == identity:  # open first, compare after: now the pid cannot be reused
        return pidfd
    os.close(pidfd)
    return None


def send(identity: Identity, signum: int) -> bool:
    """Signal this process; False when it is gone, its pid is another's, or that is not permitted."""
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
