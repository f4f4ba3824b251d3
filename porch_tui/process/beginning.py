"""Begin a process of porch in a known state, whatever state the program that started it was in.

Signals that are ignored or blocked, the file mode mask and closed standard streams are inherited over exec.
Each of them has a program behind it that hands it down by accident (window managers, cron and CI wrappers).
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from porch_tui.process.first_process import step_aside

DEFAULT_AGAIN = (
    signal.SIGCHLD,  # ignored: the kernel forgets how a child ended, and every exit status of git is lost
    signal.SIGTERM,
    signal.SIGALRM,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
"""Nobody ignores these on purpose. SIGHUP stays as it is (nohup), and so do the signals of a terminal."""
OWNERS_BITS = 0o700

_found_umask: list[int] = []
"""The mask before it was changed, once it was."""


def begin() -> None:
    """Make the state of this process known. To be called once, first of all, by its only thread."""
    for signum in DEFAULT_AGAIN:
        if signal.getsignal(signum) is signal.SIG_IGN:
            signal.signal(signum, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    step_aside()
    _occupy_standard_streams()
    found = os.umask(0o077)
    os.umask(found & ~OWNERS_BITS)  # or porch could not read what it has written itself
    _found_umask.append(found)


def usual_umask() -> int:
    """Return the mask as it was found, for what is started here for the person."""
    if _found_umask:
        return _found_umask[0]
    found = os.umask(0o077)
    os.umask(found)
    return found


def _occupy_standard_streams() -> None:
    """Open something for each closed standard stream: no file porch opens may get its number.

    Standard output is opened for reading only: a command whose answer cannot be printed shall notice.
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
