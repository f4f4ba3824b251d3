"""Runs what a fence gives for work that is not its child: to end it, to hold it, to let it continue.

Stdlib only, and of porch nothing but the kernel file beside it: the shim imports this file from its own
folder.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

TYPE_CHECKING = False  # importing typing takes 4 of a shim's 19 ms
if TYPE_CHECKING:
    from porch_tui.process.supervisor import kernel
else:
    import kernel

WITHIN_S = 30.0
"""A daemon that takes longer does not answer."""
POLL_S = 0.02
SHOWN_BYTES = 300


def run(argv: list[str], cwd: str, env: dict[str, str]) -> str:
    """Run a command to its end; return why it failed, as `docker pause x: exit 1: …`, or an empty string."""
    said, writing = os.pipe()
    os.set_blocking(said, False)
    try:
        pid = kernel.spawn(argv, cwd if os.path.isdir(cwd) else "/", env, writing)  # noqa: PTH112
        why = _awaited(pid)
        if why:
            with suppress(BlockingIOError):
                text = os.read(said, 65536)[-SHOWN_BYTES:].decode(errors="replace")
                why = ": ".join(filter(None, (why, " ".join(text.split()))))
    except (OSError, ValueError) as error:
        why = str(error.strerror if isinstance(error, OSError) else error)
    finally:
        os.close(said)
        os.close(writing)
    return f"{' '.join(argv)}: {why}" if why else ""


def _awaited(pid: int) -> str:
    """Wait for a child; return how it failed. Signals that are blocked meanwhile stay pending."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return f"exit {code}" if code > 0 else f"killed by signal {-code}" if code else ""
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return f"no end within {WITHIN_S:g} s"
        time.sleep(POLL_S)
