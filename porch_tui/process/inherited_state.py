"""State that this process inherited from the program that started it: made safe here, restored for children.

Ignored or blocked signals, the umask, closed standard streams and the limit of open files survive exec.
Each of them has a program that passes it on by accident (window managers, cron and CI wrappers).
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress

from porch_tui.process.first_process import step_aside

RESET = (
    signal.SIGCHLD,  # ignored: the kernel forgets how a child ended, and every exit status of git is lost
    signal.SIGTERM,
    signal.SIGALRM,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
"""These are never ignored on purpose. SIGHUP stays as it is (nohup), and so do the signals of a terminal."""
OWNERS_BITS = 0o700
ENOUGH_FILES = 65_536
MACOS_MOST_FILES = 10_240
"""What macOS permits where it says that there is no limit."""

_found_umask: list[int] = []
"""The umask before it was changed, once it was."""
_found_files: list[int] = []
"""The limit of open files before it was raised, once it was."""


def normalize() -> None:
    """Put this process into a known state. Call it once, first of all, in the only thread."""
    for signum in RESET:
        if signal.getsignal(signum) is signal.SIG_IGN:
            signal.signal(signum, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    step_aside()
    _open_standard_streams()
    found = os.umask(0o077)
    os.umask(found & ~OWNERS_BITS)  # or porch could not read what it has written itself
    _found_umask.append(found)


def original_umask() -> int:
    """Return the umask as it was found, for programs started for the person."""
    if _found_umask:
        return _found_umask[0]
    found = os.umask(0o077)
    os.umask(found)
    return found


def _open_standard_streams() -> None:
    """Open something for each closed standard stream, so that no file of porch's gets its number.

    Standard output is opened for reading only: a command whose answer cannot be printed must notice.
    """
    for fd, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(fd)
        except OSError:
            with suppress(OSError):  # without a null device nothing can be done
                opened = os.open(os.devnull, flags)  # the lowest free number, which is this one
                os.set_inheritable(opened, True)
    # where one was closed, Python has left out its object
    sys.stdin = sys.stdin or os.fdopen(0, "r", errors="backslashreplace", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", errors="backslashreplace", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", errors="backslashreplace", closefd=False)


def raise_file_limit() -> None:
    """Let this process open as many files as the system permits; a second call changes nothing.

    Each attempt takes a few, and some systems begin with 256.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if not _found_files:
        _found_files.append(soft)
    most = most_open_files()
    for wanted in (most, min(most, MACOS_MOST_FILES)):
        if soft != resource.RLIM_INFINITY and wanted > soft:
            with suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
                return


def most_open_files() -> int:
    """Return how many files this process may have open once it has raised the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, ENOUGH_FILES)


def original_file_limit() -> int:
    """Return the limit as it was found, for tasks: programs that use select() break above 1024."""
    return _found_files[0] if _found_files else resource.getrlimit(resource.RLIMIT_NOFILE)[0]
