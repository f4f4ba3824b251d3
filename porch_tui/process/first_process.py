"""porch as the first process of a PID namespace, as when a container starts it.

The kernel gives the first process every orphan to reap, and no signal that it does not handle. So the first
process does only that, and porch continues in its child, an ordinary process. When the first process ends,
the kernel ends the whole namespace, including a detached engine.
"""

from __future__ import annotations

import os
import signal
import sys

PASSED_ON = {
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGCONT,
}
"""What may be sent from outside, where only the first process is known."""


def step_aside() -> None:
    """Continue in a child if this is the first process of its namespace, which then ends like that child."""
    if sys.platform != "linux" or os.getpid() != 1:
        return
    handled = PASSED_ON | {signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, handled)
    porch = os.fork()
    if porch:
        os._exit(_serve(porch, handled))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, handled)


def _serve(porch: int, handled: set[signal.Signals]) -> int:
    """Reap processes and pass signals on until porch has ended; return its exit code, as a shell does."""
    if sys.platform != "linux":
        return 1
    while True:
        received = signal.sigwaitinfo(handled)
        if received.si_signo != signal.SIGCHLD:
            if received.si_code <= 0:  # what a terminal sends goes to the whole group: porch has it already
                os.kill(porch, received.si_signo)
            continue
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == porch:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
            if pid == 0:
                break
